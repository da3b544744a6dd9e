import { describe, expect, test } from '@jest/globals';
import { searchServer } from '../../../test/environment/search.ts';
import type { Definitions } from '../definitions/definitions.ts';
import type { Resource } from '../resource.ts';
import { createTerminology } from './terminology.ts';

const colours: Resource = {
  resourceType: 'CodeSystem',
  url: 'http://a/colours',
  concept: [{ code: 'colour', concept: [{ code: 'red', concept: [{ code: 'crimson' }] }, { code: 'blue' }] }],
};
const valueSet = (url: string, compose: object): Resource => ({ resourceType: 'ValueSet', url, compose });

function terminologyOf(...resources: Resource[]) {
  const definitions: Definitions = {
    find: <T extends Resource>(type: string, url: string) =>
      resources.find((each) => each.resourceType === type && each.url === url) as T | undefined,
    all: <T extends Resource>(type: string) => resources.filter((each) => each.resourceType === type) as T[],
    resourceTypes: [],
  };
  return createTerminology(definitions);
}

const codes = (...list: string[]) => list.map((code) => ({ system: 'http://a/colours', code }));
const include = (...sets: object[]) => ({ include: sets });
const system = 'http://a/colours';

describe('the concepts of a value set (http://hl7.org/fhir/R4/valueset.html)', () => {
  test.each<[string, object, object[] | undefined]>([
    ['a list', include({ system, concept: [{ code: 'red' }, { code: 'blue' }] }), codes('red', 'blue')],
    ['a whole system', include({ system }), [{ system }]],
    [
      'is-a',
      include({ system, filter: [{ property: 'concept', op: 'is-a', value: 'red' }] }),
      codes('red', 'crimson'),
    ],
    [
      'descendent-of',
      include({ system, filter: [{ property: 'concept', op: 'descendent-of', value: 'red' }] }),
      codes('crimson'),
    ],
    [
      'is-not-a',
      include({ system, filter: [{ property: 'concept', op: 'is-not-a', value: 'red' }] }),
      codes('colour', 'blue'),
    ],
    [
      'all filters hold',
      include({
        system,
        filter: [
          { property: 'concept', op: 'is-a', value: 'red' },
          { property: 'concept', op: 'in', value: 'crimson,blue' },
        ],
      }),
      codes('crimson'),
    ],
    ['another value set', include({ valueSet: ['http://a/some'] }), codes('red')],
    [
      'what both have',
      include({ system, concept: [{ code: 'blue' }, { code: 'red' }], valueSet: ['http://a/some'] }),
      codes('red'),
    ],
    [
      'without what is excluded',
      {
        include: [{ system, concept: [{ code: 'red' }, { code: 'blue' }] }],
        exclude: [{ system, concept: [{ code: 'red' }] }],
      },
      codes('blue'),
    ],
    [
      'a system without some codes cannot be listed',
      { include: [{ system }], exclude: [{ system, concept: [{ code: 'red' }] }] },
      undefined,
    ],
    [
      'a filter by another property cannot be listed',
      include({ system, filter: [{ property: 'status', op: '=', value: 'x' }] }),
      undefined,
    ],
    ['a value set that is not known', include({ valueSet: ['http://a/none'] }), undefined],
    ['one that imports itself', include({ valueSet: ['http://a/tested'] }), undefined],
  ])('%s', (_, compose, expected) => {
    const terminology = terminologyOf(
      colours,
      valueSet('http://a/tested', compose),
      valueSet('http://a/some', include({ system, concept: [{ code: 'red' }] })),
    );
    expect(terminology.conceptsOf('http://a/tested')).toEqual(expected);
  });
});

describe('hierarchies', () => {
  test('above and below, the concept itself left out', () => {
    const terminology = terminologyOf(colours);
    expect(terminology.subsumedBy('red', system)).toEqual(codes('crimson'));
    expect(terminology.subsuming('crimson', system).map(({ code }) => code)).toEqual(['red', 'colour']);
    expect(terminology.subsumedBy('red', 'http://a/none')).toEqual([]);
    expect(terminology.subsumedBy('red')).toEqual(codes('crimson'));
  });

  test('a code system that is no tree names parents as properties, also in a circle', () => {
    const graph: Resource = {
      resourceType: 'CodeSystem',
      url: system,
      concept: [
        { code: 'red', property: [{ code: 'subsumedBy', valueCode: 'crimson' }] },
        { code: 'crimson', property: [{ code: 'subsumedBy', valueCode: 'red' }] },
      ],
    };
    expect(terminologyOf(graph).subsumedBy('red', system)).toEqual(codes('crimson'));
  });

  test('the official ones', () => {
    const terminology = createTerminology(searchServer.definitions);
    const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
    expect(terminology.subsumedBy('IMP', actCode)).toContainEqual({ system: actCode, code: 'ACUTE' });
  });
});
