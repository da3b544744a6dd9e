import { readJson } from '../../../fhir/json/parse.ts';
import { refusals, refuse } from '../../../fhir/refusal.ts';
import type { Coding, Element, Resource } from '../../../fhir/resource.ts';
import { deepest } from '../../../fhir/terminology/membership.ts';
import {
  type ConceptMap,
  isTranslation,
  type Match,
  otherMaps,
  translate,
} from '../../../fhir/terminology/translate.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../operation.ts';
import type { Server } from '../../server.ts';
import { both, parametersAnswer } from './answers.ts';
import { type Asked, codingsAsked, readAsked } from './asked.ts';
import { definitionAsked, findDefinition } from './sources.ts';

const definition = 'http://hl7.org/fhir/OperationDefinition/ConceptMap-translate';

/** So many maps at most are asked when none is named. */
const mostMaps = 50;

/**
 * `ConceptMap/$translate`: a code in another code system, by one map or by all that fit
 * (http://hl7.org/fhir/R4/conceptmap-operation-translate.html). Refuses with 404 a map that is not here.
 */
export const translateCode: Operation = {
  name: '$translate',
  definition,
  on: { type: true, instance: true, types: ['ConceptMap'] },
  affectsState: false,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const asked = readAsked(request, server, definition);
  const names = { resource: 'conceptMap', url: 'url', version: 'conceptMapVersion' };
  const named = await definitionAsked<ConceptMap>(request, server, asked, 'ConceptMap', names);
  const codings = codingsAsked(asked, asked.text('system'), asked.text('version'));
  const maps = named ? [named] : await fittingMaps(request, asked);
  const options = { targetSystem: asked.text('targetsystem'), isReverse: asked.flag('reverse') };
  const matches: Match[] = [];
  for (const coding of codings)
    for (const map of maps) matches.push(...(await matchesOf(map, coding, options, server, 0)));
  const result = matches.some(isTranslation);
  return parametersAnswer([
    { name: 'result', valueBoolean: result },
    ...(result
      ? []
      : [{ name: 'message', valueString: both({ zh: '没有对照', en: 'there is no translation' }) }]),
    ...matches.map(matchPart),
  ]);
}

async function matchesOf(
  map: ConceptMap,
  coding: Coding,
  options: Parameters<typeof translate>[2],
  server: Server,
  depth: number,
): Promise<Match[]> {
  const own = translate(map, coding, options);
  if (own.length > 0 || depth > deepest) return own;
  for (const url of otherMaps(map)) {
    const other = await findDefinition(server, ['ConceptMap', url]);
    const found = other ? await matchesOf(other, coding, options, server, depth + 1) : [];
    if (found.length > 0) return found;
  }
  return [];
}

/** The maps between the value sets that are asked for; without any, to the target system. */
async function fittingMaps({ store }: OperationRequest, asked: Asked): Promise<ConceptMap[]> {
  const [source, target, system] = ['source', 'target', 'targetsystem'].map((name) => asked.text(name));
  if (source === undefined && target === undefined && system === undefined)
    throw refuse(refusals.missingStepParameter, ['url']);
  const found = await store.search({
    type: 'ConceptMap',
    filter: { kind: 'all' },
    sort: [],
    limit: mostMaps,
  });
  const isOf = (map: Resource, end: 'source' | 'target', url: string | undefined) =>
    url === undefined || map[`${end}Uri`] === url || map[`${end}Canonical`] === url;
  return found
    .map(({ version }) => readJson(version.text) as unknown as ConceptMap)
    .filter((map) => isOf(map, 'source', source) && isOf(map, 'target', target));
}

function matchPart({ equivalence, concept, product, source }: Match): Element {
  return {
    name: 'match',
    part: [
      { name: 'equivalence', valueCode: equivalence },
      ...(concept ? [{ name: 'concept', valueCoding: concept }] : []),
      ...product.map(({ property, system, value, display }) => ({
        name: 'product',
        part: [
          { name: 'element', valueUri: property },
          {
            name: 'concept',
            valueCoding: {
              ...(system !== undefined && { system }),
              code: value,
              ...(display !== undefined && { display }),
            },
          },
        ],
      })),
      ...(source === undefined ? [] : [{ name: 'source', valueUri: source }]),
    ],
  };
}
