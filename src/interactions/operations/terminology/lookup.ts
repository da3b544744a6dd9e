import type { Element } from '../../../fhir/resource.ts';
import {
  type Designation,
  type Entry,
  isInactive,
  type Property,
} from '../../../fhir/terminology/concept.ts';
import { displayOf } from '../../../fhir/terminology/display.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../operation.ts';
import type { Server } from '../../server.ts';
import { codesOf, entryOf, languagesOf, parametersAnswer } from './answers.ts';
import { codingsAsked, readAsked } from './asked.ts';
import { sourcesOf } from './sources.ts';

const definition = 'http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup';

/**
 * `CodeSystem/$lookup`: what a code system says of a code (http://hl7.org/fhir/R4/codesystem-operation-lookup.html).
 * Refuses with 404 a system or a code that is not here.
 */
export const lookup: Operation = {
  name: '$lookup',
  definition,
  on: { type: true, types: ['CodeSystem'] },
  affectsState: false,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const asked = readAsked(request, server, definition);
  const [coding] = codingsAsked(asked, asked.text('system'), asked.text('version'));
  const source = await codesOf(sourcesOf(server), coding!.system, coding!.version);
  const entry = await entryOf(source, coding!);
  const { parents, children } = await source.neighbours(entry.code);
  const properties = asked.texts('property');
  const isAsked = (name: string) => properties.length === 0 || properties.includes(name);
  const display = displayOf(entry, languagesOf(asked.text('displayLanguage')), source.language);
  return parametersAnswer([
    { name: 'name', valueString: source.title },
    ...(source.version === undefined ? [] : [{ name: 'version', valueString: source.version }]),
    { name: 'display', valueString: display ?? entry.code },
    ...(isAsked('designation') || properties.some((each) => each.startsWith('lang.'))
      ? (entry.designation ?? []).filter((each) => isLanguageAsked(each, properties)).map(designationPart)
      : []),
    ...[
      ...definitionOf(entry),
      ...(isInactive(entry) ? [{ code: 'inactive', valueBoolean: true }] : []),
      ...parents.map((valueCode): Property => ({ code: 'parent', valueCode })),
      ...children.map((valueCode): Property => ({ code: 'child', valueCode })),
      ...(entry.property ?? []).filter(({ code }) => !['parent', 'child', 'inactive'].includes(code)),
    ]
      .filter(({ code }) => isAsked(code))
      .map(propertyPart),
  ]);
}

/** `lang.X` as a property asks for the designations of a language. */
function isLanguageAsked({ language }: Designation, properties: readonly string[]): boolean {
  const wanted = properties.filter((each) => each.startsWith('lang.'));
  return wanted.length === 0 || wanted.includes(`lang.${language}`);
}

function definitionOf({ definition }: Entry): Property[] {
  return definition === undefined ? [] : [{ code: 'definition', valueString: definition }];
}

function designationPart({ language, use, value }: Designation): Element {
  return {
    name: 'designation',
    part: [
      ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
      ...(use === undefined ? [] : [{ name: 'use', valueCoding: use }]),
      { name: 'value', valueString: value },
    ],
  };
}

function propertyPart({ code, ...value }: Property): Element {
  return {
    name: 'property',
    part: [
      { name: 'code', valueCode: code },
      { name: 'value', ...value },
    ],
  };
}
