import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Entries } from '../../src/fhir/search/entries.ts';
import { comparePositions, type Position } from '../../src/fhir/search/order.ts';
import type { Query, Sort } from '../../src/fhir/search/query.ts';
import { Connection } from '../../src/store/sqlite/connection.ts';
import { searchStatement } from '../../src/store/sqlite/search.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { SearchRequest, Store } from '../../src/store/store.ts';
import { onFilledMongo } from './filled-mongo.ts';
import { aDeletion, aVersion, putAfterCurrent } from './versions.ts';

/** So many patients that the order of their birth dates is worth an index. */
const size = 1_200;
const all: Query = { kind: 'all' };
const male: Query = { kind: 'term', term: 'gender|=male' };
const rare: Query = { kind: 'term', term: 'identifier|=7' };

const by = (...keys: string[]): Sort[] =>
  keys.map((key) => ({ key: key.replace('-', ''), descending: key.startsWith('-') }));
const sorts: Sort[][] = [
  by('birthdate'),
  by('-birthdate'),
  by('family'),
  by('-family'),
  by('family', '-birthdate'),
  by('-birthdate', '_lastUpdated'),
];

/** Birth dates that repeat, one in ten of them missing; a family name, or two that lie apart. */
function entriesOf(n: number): Partial<Entries> {
  const family = `f${n % 7}`;
  return {
    terms: [`gender|=${n % 3 === 0 ? 'female' : 'male'}`, `identifier|=${n}`],
    sort: {
      ...(n % 10 !== 0 && { birthdate: { low: (n * 7919) % 400, high: (n * 7919) % 400 } }),
      family: { low: family, high: n % 5 === 0 ? `z${n % 3}` : family },
    },
  };
}

async function fill(store: Store): Promise<void> {
  await store.write(async (transaction) => {
    for (let n = 0; n < size; n++)
      await transaction.put(aVersion({ id: `p${n}`, updated: n % 50 }, entriesOf(n)));
  });
}

/** The ids that a sort gives, page by page. */
async function pages(store: Store, filter: Query, sort: Sort[], limit = 97): Promise<string[]> {
  const ids: string[] = [];
  for (let after: Position | undefined; ; ) {
    const found = await store.search({ type: 'Patient', filter, sort, limit, ...(after && { after }) });
    ids.push(...found.map(({ version }) => version.id));
    if (found.length < limit) return ids;
    after = found.at(-1)!.position;
  }
}

/** The ids of all matches, put in order here. */
async function expected(store: Store, filter: Query, sort: Sort[]): Promise<string[]> {
  const found = await store.search({ type: 'Patient', filter, sort, limit: 2 * size });
  return found
    .map(({ position }) => position)
    .sort((a, b) => comparePositions(a, b, sort))
    .map(({ id }) => id);
}

/** Looks again until something is there, as what is made beside the requests is soon. */
async function appears(isThere: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await isThere())) {
    if (Date.now() > end) throw new Error('It did not appear');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('on the embedded engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-orders-'));
  let store: Store;
  let connection: Connection;
  beforeAll(async () => {
    store = openSqliteStore({ folder });
    await fill(store);
    connection = new Connection(join(folder, 'zhuanzhen.sqlite'), { readOnly: true });
  });
  afterAll(async () => {
    connection.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  function steps(filter: Query, sort: Sort[], after?: Position): string[] {
    const request: SearchRequest = { type: 'Patient', filter, sort, limit: 20, ...(after && { after }) };
    const { text, values } = searchStatement(connection, request);
    return connection
      .all({ text: `EXPLAIN QUERY PLAN ${text}`, values })
      .map(({ detail }) => detail as string);
  }
  const isWalk = (sort: Sort[]) => steps(all, sort).some((step) => step.includes('order.'));
  const sorted = (step: string) => step.includes('TEMP B-TREE');

  test('a few matches are sorted, and no index is made for them', async () => {
    await store.search({ type: 'Patient', filter: rare, sort: by('given'), limit: 20 });
    expect(steps(all, by('given')).some(sorted)).toBe(true);
  });

  test.each(sorts.map((sort) => [sort]))(
    'what was sorted once is walked along an index: %j',
    async (sort) => {
      const before = [await pages(store, all, sort), await pages(store, male, sort)];
      await appears(() => isWalk(sort));
      expect([await pages(store, all, sort), await pages(store, male, sort)]).toEqual(before);
      expect(before[0]).toEqual(await expected(store, all, sort));
      expect(before[0]).toHaveLength(size);
      for (const filter of [all, male])
        for (const after of [undefined, { values: [7, 7], id: 'p7' }, { values: [null, null], id: 'p10' }])
          expect(steps(filter, sort, after).filter(sorted)).toEqual([]);
      expect(steps(all, sort, { values: [7, 7], id: 'p7' })).toEqual([
        expect.stringMatching(/^SEARCH m USING INDEX Patient\.order\.\S+ \(<expr>/),
      ]);
    },
  );

  test('few matches are still found by what is rare', () => {
    expect(steps(rare, by('birthdate'))[0]).toMatch(/term=/);
  });

  test('updates and deletions are in the order at once', async () => {
    await store.write(async (transaction) => {
      await putAfterCurrent(
        transaction,
        aVersion({ id: 'p3', version: 2, updated: 99 }, { sort: { birthdate: { low: -1, high: -1 } } }),
      );
      await putAfterCurrent(transaction, aDeletion({ id: 'p10', version: 2, updated: 99 }));
    });
    const oldest = await pages(store, all, by('birthdate'));
    expect(oldest).toEqual(await expected(store, all, by('birthdate')));
    expect(oldest[size / 10 - 1]).toBe('p3');
    expect(oldest).not.toContain('p10');
  });

  test('a type has so many orders at most', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `other-${n}`);
    for (const name of names) await pages(store, all, by(name), size * 2);
    await store.write(async () => {});
    expect(names.filter((name) => isWalk(by(name))).length).toBeLessThanOrEqual(8 - sorts.length);
  });
});

onFilledMongo('on MongoDB', fill, (mongo) => {
  test.each(sorts.map((sort) => [sort]))('what was sorted once has an index: %j', async (sort) => {
    const before = await pages(mongo.store, all, sort);
    await appears(async () => {
      const indexes = await mongo.client.db().collection('Patient').indexes();
      return indexes.some(({ key }) => Object.keys(key).join() === keysOf(sort));
    });
    expect(await pages(mongo.store, all, sort)).toEqual(before);
    expect(before).toEqual(await expected(mongo.store, all, sort));
  });

  function keysOf(sort: Sort[]): string {
    const paths = sort.map(({ key, descending }) =>
      key === '_lastUpdated' ? 't' : `k.${key}.${descending ? 'high' : 'low'}`,
    );
    return [...paths, '_id'].join();
  }
});
