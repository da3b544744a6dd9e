import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { noEntries } from '../../fhir/search/entries.ts';
import { not, type Query } from '../../fhir/search/query.ts';
import type { Store } from '../store.ts';
import { openSqliteStore } from './store.ts';

describe('a search that takes longer than it may', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-search-'));
  let store: Store;
  beforeAll(async () => {
    store = openSqliteStore({ folder });
    await store.write(async (transaction) => {
      for (let n = 0; n < 200; n++)
        await transaction.put({
          type: 'Patient',
          id: `p${n}`,
          version: 1,
          updated: n,
          method: 'POST',
          text: '{}',
          entries: { ...noEntries, terms: ['gender|=male'], sort: { birthdate: { low: n, high: n } } },
        });
    });
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const male: Query = { kind: 'term', term: 'gender|=male' };
  const search = (filter: Query, timeout: number) =>
    store.search(
      { type: 'Patient', filter, sort: [{ key: 'birthdate', descending: false }], limit: 10 },
      { timeout },
    );

  test.each([
    ['through all resources', not({ kind: 'id', ids: ['none'] })],
    ['along a term', male],
    [
      'through the rows of an alternative',
      { kind: 'or', of: [male, { kind: 'word', word: 'c|x' }] } as Query,
    ],
  ])('is refused: %s', async (_, filter) => {
    // No time at all: over before the first row.
    await expect(search(filter, 0)).rejects.toMatchObject({ status: 403, issues: [{ code: 'too-costly' }] });
    expect(await search(filter, 60_000)).toHaveLength(10);
  });

  test('is refused when it only counts, too', async () => {
    await expect(store.count('Patient', male, { timeout: 0 })).rejects.toMatchObject({ status: 403 });
    expect(await store.count('Patient', male, { timeout: 60_000 })).toBe(200);
  });

  test('does not disturb the next one', async () => {
    await expect(search(male, 0)).rejects.toThrow();
    expect(await store.count('Patient', male)).toBe(200);
  });
});
