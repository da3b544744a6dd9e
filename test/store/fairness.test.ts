import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { and, not, or, type Query } from '../../src/fhir/search/query.ts';
import type { Match, Store } from '../../src/store/store.ts';
import { engines, newFolder, type Place } from './places.ts';
import { aVersion, putAfterCurrent } from './versions.ts';

const patients = 3_000;
const term = (text: string): Query => ({ kind: 'term', term: text });
const contains = (text: string): Query => ({ kind: 'contains', prefix: 'name|~', text });

/** The shapes of searches that held a server for seconds, each of them without a match. */
const long: [string, Query][] = [
  ['a text anywhere, in many spellings', or(Array.from({ length: 1_000 }, (_, n) => contains(`nobody${n}`)))],
  [
    'many negations',
    and(Array.from({ length: 200 }, (_, n) => not(or([contains(`nobody${n}`), contains(`no one${n}`)])))),
  ],
  [
    'many dates that it is not',
    and(
      Array.from({ length: 190 }, (_, n) =>
        not({ kind: 'interval', name: 'birthdate', low: { gte: n, lte: n } }),
      ),
    ),
  ],
  [
    'through others and back, several times',
    linked(linked(linked(linked(linked(not(or([term('active|=x'), contains('nobody')]))))))),
  ],
];

/** Those that one of the patients who match links to. */
function linked(filter: Query): Query {
  return { kind: 'has', source: 'Patient', name: 'link', filter: and([filter, not(term('active|=x'))]) };
}

const bounds = { gt: 0, gte: 0, lt: 1, lte: 1 };
const within: Query = { kind: 'interval', name: 'birthdate', low: bounds, high: bounds };

const manyNames = Array.from({ length: 100 }, (_, n) => contains(`nobody${n}`));
const idOf = ({ version }: Match) => version.id;

/** Patients who all link to the same two. */
async function fill(store: Store): Promise<void> {
  await store.write(async (transaction) => {
    for (let n = 0; n < patients; n++)
      await transaction.put(
        aVersion(
          { id: `p${n}`, updated: n },
          {
            terms: [`link|>Patient/p${n % 2}`, `link|>Patient/p${n + 2}`, `name|~name ${n}\n`],
            intervals: [{ name: 'birthdate', low: 1e6 + n, high: 1e6 + n }],
          },
        ),
      );
  });
}

describe.each(engines)('%s: a long search', (_, newPlace) => {
  let place: Place;
  let store: Store;
  beforeAll(async () => {
    place = newPlace();
    store = await place.open();
    await fill(store);
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  test('is given up when nobody waits for it any more', async () => {
    const client = new AbortController();
    const search = store.count('Patient', long[0]![1], { signal: client.signal });
    client.abort(new Error('gone'));
    await expect(search).rejects.toThrow('gone');
  });

  test('is not begun for somebody who is gone', async () => {
    const signal = AbortSignal.abort(new Error('gone'));
    await expect(
      store.search({ type: 'Patient', filter: term('x|=y'), sort: [], limit: 1 }, { signal }),
    ).rejects.toThrow('gone');
  });
});

describe('the embedded engine, while it is searched for long', () => {
  let place: Place;
  let store: Store;
  beforeAll(async () => {
    place = newFolder();
    store = await place.open();
    await fill(store);
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  test.each(long)('answers a simple read before: %s', async (_, filter) => {
    const answered: string[] = [];
    const search = store
      .count('Patient', filter, { timeout: 2_000 })
      .catch(({ issues }) => expect(issues[0].code).toBe('too-costly'))
      .then(() => answered.push('search'));
    // The search has begun: reads wait for nothing but the thread that serves.
    await new Promise((resolve) => setImmediate(resolve));
    await store.read('Patient', 'p1').then(() => answered.push('read'));
    await search;
    expect(answered).toEqual(['read', 'search']);
  });

  test.each(long)('ends it when its time is over: %s', async (_, filter) => {
    const began = performance.now();
    const ended = await store
      .count('Patient', filter, { timeout: 300 })
      .catch(({ issues }) => issues[0].code);
    // Either it is done in time, or it is refused; the bound is that of a thread that does not come back.
    expect([0, patients, 2, 'too-costly']).toContain(ended);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test('keeps a simple read from waiting for a transaction that searches', async () => {
    const answered: string[] = [];
    const write = store
      .write((transaction) => transaction.count('Patient', long[0]![1]))
      .catch(() => undefined)
      .then(() => answered.push('write'));
    const search = store
      .write((transaction) =>
        transaction.search({ type: 'Patient', filter: long[0]![1], sort: [], limit: 1 }),
      )
      .catch(() => undefined)
      .then(() => answered.push('search'));
    await new Promise((resolve) => setImmediate(resolve));
    await store.read('Patient', 'p1').then(() => answered.push('read'));
    await Promise.all([write, search]);
    expect(answered[0]).toBe('read');
  });

  test.each<[string, Query]>([
    ['conditions beyond counting', or(Array.from({ length: 6_000 }, (_, n) => contains(`${n}`)))],
    ['more values than SQLite takes', or(Array.from({ length: 4_500 }, () => within))],
  ])('refuses as too costly: %s', async (_, filter) => {
    await expect(store.count('Patient', filter, { timeout: 2_000 })).rejects.toMatchObject({
      status: 403,
      issues: [{ code: 'too-costly' }],
    });
  });

  test('refuses one more when too many wait', async () => {
    const many = Array.from({ length: 120 }, () =>
      store.count('Patient', long[0]![1], { timeout: 1_000 }).catch(({ status }) => status as number),
    );
    expect(await Promise.all(many)).toContain(503);
  });

  test('finds in a transaction by a long search what the transaction itself has written', async () => {
    const filter = contains('newcomer');
    const found = await store.write(async (transaction) => {
      const terms = ['name|~a newcomer\n'];
      await putAfterCurrent(transaction, aVersion({ id: 'p5', version: 2, updated: 5_000 }, { terms }));
      await putAfterCurrent(transaction, aVersion({ id: 'new', updated: 5_000 }, { terms }));
      const byNewName = await transaction.search({ type: 'Patient', filter, sort: [], limit: 10 });
      const byOldName = await transaction.search({
        type: 'Patient',
        filter: contains('name 5\n'),
        sort: [],
        limit: 10,
      });
      const others = await transaction.count('Patient', not(or([filter, ...manyNames])));
      return { byNewName: byNewName.map(idOf), byOldName: byOldName.map(idOf), others };
    });
    expect(found).toEqual({ byNewName: ['new', 'p5'], byOldName: [], others: patients - 1 });
  });
});
