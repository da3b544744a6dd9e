import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matches, type Searchable } from '../fhir/search/matcher.ts';
import { and, not, or, type Query } from '../fhir/search/query.ts';
import { Matching } from './matching.ts';

const term = (value: string): Query => ({ kind: 'term', term: value });
const task = (...terms: string[]): Searchable => ({
  type: 'Task',
  id: 'a',
  updated: 0,
  entries: { terms: terms.sort(), intervals: [], sort: {}, words: [] },
});

describe('many watchers', () => {
  test('with one query are found together, and each by its own', () => {
    const matching = new Matching();
    const of = (owner: string) => and([term('status|=requested'), term(`owner|>Organization/${owner}`)]);
    for (let n = 0; n < 1_000; n++) matching.add(`watcher-${n}`, of(String(n % 500)));
    expect(matching.find(task('status|=requested', 'owner|>Organization/7')).matching.sort()).toEqual([
      'watcher-507',
      'watcher-7',
    ]);
    matching.remove('watcher-7', of('7'));
    expect(matching.find(task('status|=requested', 'owner|>Organization/7')).matching).toEqual([
      'watcher-507',
    ]);
    for (let n = 0; n < 1_000; n++) matching.remove(`watcher-${n}`, of(String(n % 500)));
    expect(matching.isEmpty).toBe(true);
  });

  test('whose query looks into other resources are left to the store', () => {
    const matching = new Matching();
    const chained: Query = { kind: 'chain', name: 'patient', target: 'Patient', filter: term('name|=x') };
    matching.add('chained', and([term('a'), chained]));
    expect(matching.find(task('a')).open).toMatchObject([{ watchers: ['chained'] }]);
    expect(matching.find(task('b')).open).toEqual([]);
  });

  const queries = fc.letrec<{ query: Query }>((tie) => ({
    query: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Query>(
        { kind: 'all' },
        { kind: 'none' },
        { kind: 'id', ids: ['a'] },
        { kind: 'id', ids: ['b'] },
      ),
      fc.constantFrom('a', 'b', 'c', 'd').map(term),
      fc.array(tie('query'), { maxLength: 3 }).map((of) => and(of)),
      fc.array(tie('query'), { maxLength: 3 }).map((of) => or(of)),
      tie('query').map(not),
    ),
  })).query;

  test('are found just as if each query were evaluated', () => {
    fc.assert(
      fc.property(
        fc.array(queries, { maxLength: 20 }),
        fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')),
        (all, terms) => {
          const matching = new Matching();
          for (const [n, query] of all.entries()) matching.add(String(n), query);
          const resource = task(...terms);
          const expected = all.flatMap((query, n) => (matches(query, resource) ? String(n) : []));
          expect(matching.find(resource).matching.sort()).toEqual(expected.sort());
        },
      ),
    );
  });
});
