import { describe, expect, test } from '@jest/globals';
import type { Definitions } from '../definitions/definitions.ts';
import type { Resource } from '../resource.ts';
import { createValueSets } from './value-sets.ts';

const tiers: Resource = {
  resourceType: 'CodeSystem',
  url: 'http://example.org/tier',
  content: 'complete',
  concept: [
    { code: 'grassroots', concept: [{ code: 'village' }, { code: 'township' }] },
    { code: 'hospital', property: [{ code: 'beds', valueInteger: 400 }], concept: [{ code: 'county' }] },
  ],
};

/** The codes of tiers in a value set with this composition. */
function codes(compose: unknown, others: Resource[] = []): string[] | undefined {
  const valueSet = { resourceType: 'ValueSet', url: 'http://example.org/vs', compose };
  const resources = [tiers, valueSet, ...others] as (Resource & { url: string })[];
  const definitions = {
    find: (type: string, url: string) =>
      resources.find((one) => one.resourceType === type && one.url === url),
    all: () => [],
    resourceTypes: [],
  } as unknown as Definitions;
  const listed = createValueSets(definitions).find('http://example.org/vs|1.0')?.listed;
  return listed && [...(listed.get('http://example.org/tier') ?? [])].sort();
}

const system = 'http://example.org/tier';

describe('value sets', () => {
  test('a whole code system is in it, with the concepts below others', () => {
    expect(codes({ include: [{ system }] })).toEqual([
      'county',
      'grassroots',
      'hospital',
      'township',
      'village',
    ]);
  });

  test('concepts that are listed are in it, also of a system that nobody has', () => {
    expect(codes({ include: [{ system, concept: [{ code: 'county' }, { code: 'other' }] }] })).toEqual([
      'county',
      'other',
    ]);
  });

  test.each([
    [{ property: 'concept', op: 'is-a', value: 'grassroots' }, ['grassroots', 'township', 'village']],
    [{ property: 'concept', op: 'descendent-of', value: 'grassroots' }, ['township', 'village']],
    [{ property: 'concept', op: 'is-not-a', value: 'grassroots' }, ['county', 'hospital']],
    [{ property: 'concept', op: 'generalizes', value: 'county' }, ['county', 'hospital']],
    [{ property: 'concept', op: 'in', value: 'county, village' }, ['county', 'village']],
    [{ property: 'beds', op: '=', value: '400' }, ['hospital']],
    [{ property: 'beds', op: 'exists', value: 'true' }, ['hospital']],
  ])('the filter %j selects %j', (filter, expected) => {
    expect(codes({ include: [{ system, filter: [filter] }] })).toEqual(expected);
  });

  test('filters of one include hold at once', () => {
    const filter = [
      { property: 'concept', op: 'is-a', value: 'grassroots' },
      { property: 'concept', op: 'not-in', value: 'village' },
    ];
    expect(codes({ include: [{ system, filter }] })).toEqual(['grassroots', 'township']);
  });

  test('what is excluded is out, and what another value set has comes in', () => {
    const other = {
      resourceType: 'ValueSet',
      url: 'http://example.org/other',
      compose: { include: [{ system, concept: [{ code: 'county' }] }] },
    };
    const compose = {
      include: [
        { valueSet: ['http://example.org/other'] },
        { system, filter: [{ property: 'concept', op: 'is-a', value: 'grassroots' }] },
      ],
      exclude: [{ system, concept: [{ code: 'village' }] }],
    };
    expect(codes(compose, [other])).toEqual(['county', 'grassroots', 'township']);
  });

  test('a value set that includes itself ends', () => {
    expect(
      codes({
        include: [{ system, concept: [{ code: 'county' }] }, { valueSet: ['http://example.org/vs'] }],
      }),
    ).toEqual(['county']);
  });

  test('an unknown value set is not there', () => {
    const none = { find: () => undefined, all: () => [], resourceTypes: [] } as unknown as Definitions;
    expect(createValueSets(none).find('http://example.org/none')).toBeUndefined();
  });
});
