import type { Text } from '../../../fhir/outcome.ts';
import { refusals, refuse } from '../../../fhir/refusal.ts';
import type { Coding } from '../../../fhir/resource.ts';
import { type CodeSystem, type Entry, isAbstract } from '../../../fhir/terminology/concept.ts';
import { codeSourceOf } from '../../../fhir/terminology/concept-tree.ts';
import { displayOf, isDisplayOf } from '../../../fhir/terminology/display.ts';
import { type Membership, membership } from '../../../fhir/terminology/membership.ts';
import type { ConceptSet, Sources, ValueSet } from '../../../fhir/terminology/value-set.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../operation.ts';
import type { Server } from '../../server.ts';
import { both, codesOf, languagesOf, parametersAnswer } from './answers.ts';
import { type Asked, codingsAsked, readAsked } from './asked.ts';
import { codesIn, definitionAsked, sourcesOf } from './sources.ts';

const ofCodeSystem = 'http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code';
const ofValueSet = 'http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code';

/** `CodeSystem/$validate-code` (http://hl7.org/fhir/R4/codesystem-operation-validate-code.html). */
export const validateCodeOfSystem: Operation = {
  name: '$validate-code',
  definition: ofCodeSystem,
  on: { type: true, instance: true, types: ['CodeSystem'] },
  affectsState: false,
  run: async (request, server) => {
    const asked = readAsked(request, server, ofCodeSystem, { name: 'codeSystem', type: 'CodeSystem' });
    const names = { resource: 'codeSystem', url: 'url', version: 'version' };
    const given = asked.resource('codeSystem') ?? request.id;
    const system = given && (await definitionAsked<CodeSystem>(request, server, asked, 'CodeSystem', names));
    const codings = codingsAsked(asked, system ? system.url : asked.text('url'), asked.text('version'));
    const sources = sourcesOf(server);
    const url = system ? system.url : asked.text('url');
    const source = system
      ? (codesIn(system, server) ?? codeSourceOf(system))
      : await codesOf(sources, url ?? codings[0]?.system, asked.text('version'));
    const whole: Sources = {
      ...sources,
      codes: async (other) => (other === source.url ? source : undefined),
    };
    const all: ValueSet = { resourceType: 'ValueSet', compose: { include: [{ system: source.url }] } };
    return answerOf(codings, asked, all, whole, {
      zh: `代码系统 ${source.url}`,
      en: `the code system ${source.url}`,
    });
  },
};

/** `ValueSet/$validate-code` (http://hl7.org/fhir/R4/valueset-operation-validate-code.html). */
export const validateCodeOfValueSet: Operation = {
  name: '$validate-code',
  definition: ofValueSet,
  on: { type: true, instance: true, types: ['ValueSet'] },
  affectsState: false,
  run: ofSet,
};

async function ofSet(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const asked = readAsked(request, server, ofValueSet);
  const names = { resource: 'valueSet', url: 'url', version: 'valueSetVersion' };
  const valueSet = await definitionAsked<ValueSet>(request, server, asked, 'ValueSet', names);
  if (!valueSet) throw refuse(refusals.missingStepParameter, ['url']);
  const codings = codingsAsked(
    asked,
    asked.text('system') ?? onlySystemOf(valueSet, asked),
    asked.text('systemVersion'),
  );
  const name = valueSet.url ?? valueSet.id ?? '';
  return answerOf(codings, asked, valueSet, sourcesOf(server), {
    zh: `值集 ${name}`,
    en: `the value set ${name}`,
  });
}

/** "If a code is provided, a system … must be provided": where a value set is of one system, that one is meant. */
function onlySystemOf({ compose }: ValueSet, asked: Asked): string | undefined {
  if (asked.text('code') === undefined) return undefined;
  const systems = new Set(compose?.include.map(({ system }: ConceptSet) => system));
  const [only] = systems;
  if (systems.size !== 1 || only === undefined) throw refuse(refusals.missingStepParameter, ['system']);
  return only;
}

/** "True if the concept details supplied are valid": of several codings one is enough. */
async function answerOf(
  codings: readonly Coding[],
  asked: Asked,
  valueSet: ValueSet,
  sources: Sources,
  where: Text,
): Promise<OperationAnswer> {
  let message: Text | undefined;
  for (const coding of codings) {
    const found = await membership(coding, valueSet, sources);
    const problem = problemOf(coding, found, asked, where);
    const { system, version } = coding;
    const language = system === undefined ? undefined : (await sources.codes(system, version))?.language;
    const display =
      found.is === 'in'
        ? displayOf(found.entry, languagesOf(asked.text('displayLanguage')), language)
        : undefined;
    if (!problem || found.is === 'in')
      return parametersAnswer([
        { name: 'result', valueBoolean: problem === undefined },
        ...(problem ? [{ name: 'message', valueString: both(problem) }] : []),
        ...(display === undefined ? [] : [{ name: 'display', valueString: display }]),
      ]);
    message ??= problem;
  }
  message ??= { zh: '没有编码', en: 'there is no code' };
  return parametersAnswer([
    { name: 'result', valueBoolean: false },
    { name: 'message', valueString: both(message) },
  ]);
}

function problemOf(coding: Coding, found: Membership, asked: Asked, where: Text): Text | undefined {
  const name = `${coding.system ?? ''}|${coding.code ?? ''}`.slice(0, 300);
  switch (found.is) {
    case 'out':
      return { zh: `${name} 不在${where.zh}中`, en: `${name} is not in ${where.en}` };
    case 'unknown':
      return {
        zh: `无法判断 ${name}:此服务器没有 ${found.unknown} 的全部代码`,
        en: `${name} cannot be told: not all codes of ${found.unknown} are here`,
      };
    default:
      return problemOfEntry(coding, found.entry, asked);
  }
}

function problemOfEntry({ display }: Coding, entry: Entry, asked: Asked): Text | undefined {
  if (isAbstract(entry) && asked.text('abstract') === 'false')
    return {
      zh: `${entry.code} 只用于归类,不可选用`,
      en: `${entry.code} only groups others and cannot be chosen`,
    };
  if (display === undefined || entry.display === undefined || isDisplayOf(display, entry)) return undefined;
  const wrong = display.slice(0, 200);
  return {
    zh: `显示名「${wrong}」不是 ${entry.code} 的名称,应为「${entry.display}」`,
    en: `"${wrong}" is not the display of ${entry.code}, which is "${entry.display}"`,
  };
}
