import type { Element, Resource } from '../../resource.ts';
import { findings } from '../findings/findings.ts';
import type { Visit } from '../visit.ts';
import { at, elementsOf, textOf } from './members.ts';

/** The concept properties that FHIR defines, with their types (http://hl7.org/fhir/R4/codesystem-concept-properties.html). */
const standardProperties: ReadonlyMap<string, string> = new Map(
  Object.entries({
    status: 'code',
    inactive: 'boolean',
    effectiveDate: 'dateTime',
    deprecationDate: 'dateTime',
    retirementDate: 'dateTime',
    notSelectable: 'boolean',
    parent: 'code',
    child: 'code',
    partOf: 'code',
    synonym: 'code',
    comment: 'string',
    itemWeight: 'decimal',
  }),
);
const standardBase = 'http://hl7.org/fhir/concept-properties#';

/** The rules of http://hl7.org/fhir/R4/codesystem.html about supplements, counts and properties. */
export function checkCodeSystem(codeSystem: Resource, visit: Visit): void {
  checkContent(codeSystem, visit);
  const types = checkProperties(codeSystem, visit);
  checkConcepts(codeSystem, types, visit);
}

function checkContent(codeSystem: Resource, visit: Visit): void {
  const { content, supplements, count } = codeSystem;
  if (supplements !== undefined && content !== 'supplement') {
    at(visit, [['content']], () => visit.report.add(findings.supplementContent, [], content));
  }
  if (content === 'supplement' && supplements === undefined) visit.report.add(findings.supplementOfNothing);
  if (content === 'complete' && typeof count === 'number') {
    const actual = countConcepts(codeSystem);
    if (actual !== count) {
      at(visit, [['count']], () =>
        visit.report.add(findings.conceptCount, [String(actual), String(count)], count),
      );
    }
  }
}

function countConcepts({ concept }: Element): number {
  return elementsOf(concept).reduce((sum, { element }) => sum + 1 + countConcepts(element), 0);
}

/** Checks the declared properties and gives their types by code. */
function checkProperties(codeSystem: Resource, visit: Visit): Map<string, string> {
  const types = new Map<string, string>();
  const uris = new Set<string>();
  for (const { element, index } of elementsOf(codeSystem.property)) {
    at(visit, [['property', index]], () => {
      const code = textOf(element, 'code');
      const uri = textOf(element, 'uri');
      const type = textOf(element, 'type');
      if (code !== undefined && types.has(code)) visit.report.add(findings.duplicateProperty, [code]);
      if (uri !== undefined && uris.has(uri)) visit.report.add(findings.duplicateProperty, [uri]);
      checkStandardProperty(code, uri, type, visit);
      if (code !== undefined && !types.has(code)) types.set(code, type ?? '');
      if (uri !== undefined) uris.add(uri);
    });
  }
  return types;
}

function checkStandardProperty(
  code: string | undefined,
  uri: string | undefined,
  type: string | undefined,
  visit: Visit,
) {
  const standard = uri?.startsWith(standardBase) ? uri.slice(standardBase.length) : undefined;
  const expected = standard === undefined ? undefined : standardProperties.get(standard);
  if (standard === undefined || expected === undefined) return;
  if (code !== undefined && code !== standard && standardProperties.has(code)) {
    visit.report.add(findings.propertyCode, [standard, code]);
  }
  if (type !== undefined && type !== expected)
    visit.report.add(findings.propertyType, [standard, expected, type]);
}

/** A concept's properties have the type that is declared for them; no code stands twice. */
function checkConcepts(codeSystem: Resource, types: ReadonlyMap<string, string>, visit: Visit): void {
  const codes = new Set<string>();

  const walk = (holder: Element): void => {
    for (const { element, index } of elementsOf(holder.concept)) {
      if (visit.report.full) return;
      at(visit, [['concept', index]], () => {
        const code = textOf(element, 'code');
        if (code !== undefined && codes.has(code)) visit.report.add(findings.duplicateCode, [code]);
        if (code !== undefined) codes.add(code);
        for (const { element: property, index } of elementsOf(element.property)) {
          at(visit, [['property', index]], () => checkValueType(property, types, visit));
        }
        walk(element);
      });
    }
  };
  walk(codeSystem);
}

function checkValueType(property: Element, types: ReadonlyMap<string, string>, { report }: Visit): void {
  const code = textOf(property, 'code');
  const declared = code === undefined ? undefined : types.get(code);
  const name = Object.keys(property).find((key) => /^value[A-Z]/.test(key));
  if (!declared || !name || code === undefined) return;
  const actual = name.slice('value'.length);
  if (actual.toLowerCase() !== declared.toLowerCase())
    report.add(findings.propertyType, [code, declared, actual]);
}
