import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareText, startingWith } from '../../src/fhir/search/code-points.ts';
import { type Entries, readerTerm } from '../../src/fhir/search/entries.ts';
import { matches, type Others, type Searchable } from '../../src/fhir/search/matcher.ts';
import { comparePositions, positionOf } from '../../src/fhir/search/order.ts';
import type { Bounds, Query, Sort } from '../../src/fhir/search/query.ts';
import type { IndexedVersion, SearchRequest, Store } from '../../src/store/store.ts';
import { engines, type Place } from './places.ts';
import { aDeletion, aVersion, putAfterCurrent } from './versions.ts';

/**
 * The law: for any resources and any query, each engine gives the ids that the matcher says, in the order that is
 * asked for, in whatever pages. The worlds are small and dense, so that conditions meet resources and ties are common.
 */
const types = ['Patient', 'ServiceRequest', 'Task'] as const;
const type = fc.constantFrom(...types);
const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const text = fc.oneof(
  fc.constantFrom(
    '',
    'x',
    'xy',
    'xyz',
    '张',
    '张三',
    '張',
    '%',
    '_',
    '.*',
    '\\',
    '"',
    "'",
    '😀',
    '\uffee',
    'é',
  ),
  fc.string({ maxLength: 3, unit: 'grapheme' }),
);
const name = fc.constantFrom('p', 'q', 'p:text');
const plainTerm = fc
  .tuple(name, fc.constantFrom('=', '~', 's|'), text)
  .map((parts) => parts.join('').replace(/^(p:text|[pq])/, '$1|'));
const linkName = fc.constantFrom('p', 'q');
const reference = fc.tuple(linkName, type, id).map(([link, target, of]) => `${link}|>${target}/${of}`);
const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(-Number.MAX_VALUE, Number.MAX_VALUE, 0.1, 1.5),
);
const label = fc.constantFrom('Organization/x', 'Organization/y', 'alliance Organization/x');
const word = fc.constantFrom('t|转诊', 'c|转诊', 'c|x');
const time = fc.integer({ min: 0, max: 4 });

const entries: fc.Arbitrary<Entries> = fc.record({
  terms: fc
    .uniqueArray(fc.oneof(plainTerm, reference, reference, label.map(readerTerm)), { maxLength: 6 })
    .map((terms) => terms.sort(compareText)),
  intervals: fc.array(
    fc
      .tuple(name, number, number)
      .map(([of, a, b]) => ({ name: of, low: Math.min(a, b), high: Math.max(a, b) })),
    { maxLength: 3 },
  ),
  sort: fc
    .record(
      { n: fc.tuple(number, number), s: fc.tuple(text, text), 'd.$o': fc.tuple(number, number) },
      { requiredKeys: [] },
    )
    .map((values) =>
      Object.fromEntries(
        Object.entries(values).map(([key, [a, b]]) => {
          const ascending = typeof a === 'number' ? a <= (b as number) : compareText(a, b as string) <= 0;
          return [key, ascending ? { low: a, high: b } : { low: b, high: a }];
        }),
      ),
    ),
  words: fc.uniqueArray(word, { maxLength: 2 }),
});
const resource: fc.Arbitrary<Searchable> = fc.record({ type, id, updated: time, entries });
const world = fc.uniqueArray(resource, {
  minLength: 4,
  maxLength: 14,
  selector: (of) => `${of.type}/${of.id}`,
});

const bounds: fc.Arbitrary<Bounds> = fc.record(
  { gt: number, gte: number, lt: number, lte: number },
  { requiredKeys: [] },
);
const range = fc.oneof(
  fc.tuple(text, text).map(([a, b]) => (compareText(a, b) < 0 ? [a, b] : [b, a]).map((end) => `p|~${end}`)),
  fc.tuple(name, text).map(([of, start]) => Object.values(startingWith(`${of}|~${start}`))),
  name.map((of) => [`${of}|`, `${of}}`]),
);
const { query } = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ kind: fc.constant('term' as const), term: fc.oneof(plainTerm, reference) }),
    fc.constantFrom<Query>({ kind: 'all' }, { kind: 'none' }),
    fc.record({ kind: fc.constant('readers' as const), labels: fc.uniqueArray(label, { minLength: 1 }) }),
    fc.record({ kind: fc.constant('id' as const), ids: fc.array(id, { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('updated' as const), is: bounds }),
    range.map(([low, high]) => ({ kind: 'terms' as const, low: low!, high: high! })),
    fc.record({ kind: fc.constant('contains' as const), prefix: fc.constantFrom('p|~', 'q|='), text }),
    fc.record({ kind: fc.constant('word' as const), word }),
    fc.record(
      { kind: fc.constant('interval' as const), name, low: bounds, high: bounds },
      { requiredKeys: ['kind', 'name'] },
    ),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('query'), { maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant('not' as const), of: tie('query') }),
    fc.record({ kind: fc.constant('chain' as const), name: linkName, target: type, filter: tie('query') }),
    fc.record({ kind: fc.constant('has' as const), name: linkName, source: type, filter: tie('query') }),
  ),
}));
const sort: fc.Arbitrary<Sort[]> = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom('_lastUpdated', '_id', 'n', 's', 'd.$o', 'nowhere'),
    descending: fc.boolean(),
  }),
  { maxLength: 3, selector: ({ key }) => key },
);
const request = fc.record({ type, filter: query, sort, limit: fc.integer({ min: 1, max: 5 }) });

/** What stands beside a resource with these terms: its readers, where it has any. */
function accessBy({ terms }: Entries): { access?: string } {
  const readers = terms.filter((term) => term.startsWith(readerTerm('')));
  const lines = readers.map((term) => `${term.slice(readerTerm('').length)}\n`);
  return lines.length > 0 ? { access: `\n${lines.join('')}{}` } : {};
}

/** What a world has in it, by the matcher. */
function expected(resources: readonly Searchable[], { type, filter, sort }: SearchRequest): string[] {
  const others: Others = {
    find: (type, id) => resources.find((of) => of.type === type && of.id === id),
    all: (type) => resources.filter((of) => of.type === type),
  };
  return resources
    .filter((of) => of.type === type && matches(filter, of, others))
    .map((of) => positionOf(of, sort))
    .sort((a, b) => comparePositions(a, b, sort))
    .map((position) => position.id);
}

describe.each(engines)('on %s', (_, newPlace) => {
  let place: Place;
  let store: Store;
  /** The current versions of the world before, which the next world replaces: entries of old must leave no trace. */
  let kept = new Map<string, IndexedVersion>();
  beforeAll(async () => {
    place = newPlace();
    store = await place.open();
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  async function become(resources: readonly Searchable[]): Promise<void> {
    const next = new Map<string, IndexedVersion>();
    const versionOf = (of: { type: string; id: string }) =>
      (kept.get(`${of.type}/${of.id}`)?.version ?? 0) + 1;
    for (const { type, id, version } of kept.values())
      next.set(`${type}/${id}`, aDeletion({ type, id, version: version + 1, updated: 2 }));
    for (const { type, id, updated, entries } of resources) {
      const of = { type, id, updated, version: versionOf({ type, id }), ...accessBy(entries) };
      next.set(`${type}/${id}`, aVersion(of, entries));
    }
    await store.write(async (transaction) => {
      for (const version of next.values()) await putAfterCurrent(transaction, version);
    });
    kept = next;
  }

  async function inPages(request: SearchRequest): Promise<string[]> {
    const ids: string[] = [];
    for (let after: SearchRequest['after']; ids.length < 100; ) {
      const page = await store.search({ ...request, after });
      if (page.length === 0) break;
      ids.push(...page.map(({ version }) => version.id));
      after = page.at(-1)!.position;
    }
    return ids;
  }

  test('a search gives what the matcher says', async () => {
    await fc.assert(
      fc.asyncProperty(
        world,
        fc.array(request, { minLength: 8, maxLength: 8 }),
        async (resources, requests) => {
          await become(resources);
          for (const request of requests) {
            const ids = expected(resources, request);
            expect(await inPages(request)).toEqual(ids);
            expect(await store.count(request.type, request.filter)).toBe(ids.length);
          }
        },
      ),
      { numRuns: 100 },
    );
  }, 90_000);
});
