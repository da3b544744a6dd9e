import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readerTerm } from '../../src/fhir/search/entries.ts';
import { and, type Query } from '../../src/fhir/search/query.ts';
import type { Store } from '../../src/store/store.ts';
import { engines, type Place } from './places.ts';
import { aVersion } from './versions.ts';

const accessOf = (...labels: string[]) => `\n${labels.map((label) => `${label}\n`).join('')}{}`;
const aboutHer = 'subject|>Patient/her';

function observation(id: string, ...labels: string[]) {
  const terms = [...labels.map(readerTerm), aboutHer];
  return aVersion({ type: 'Observation', id, access: accessOf(...labels) }, { terms });
}

describe.each(engines)('who may read, on %s', (_, newPlace) => {
  let place: Place;
  let store: Store;
  beforeAll(async () => {
    place = newPlace();
    store = await place.open();
    await store.write(async (transaction) => {
      await transaction.put(observation('first', 'x'));
      await transaction.put(observation('second', 'x', 'y'));
    });
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  /** What is found, by every way that a search goes. */
  async function seenWith(...labels: string[]): Promise<string[]> {
    const readers: Query = { kind: 'readers', labels };
    const hers = and([{ kind: 'term', term: aboutHer }, readers]);
    const find = async (filter: Query) => {
      const found = await store.search({ type: 'Observation', filter, sort: [], limit: 9 });
      expect(await store.count('Observation', filter)).toBe(found.length);
      return found.map(({ version }) => version.id).sort();
    };
    const ids = await find(readers);
    expect(await find(hers)).toEqual(ids);
    expect(await find(and([readers, { kind: 'id', ids: ['first', 'second', 'third'] }]))).toEqual(ids);
    return ids;
  }

  test('is found by the labels of its readers alone', async () => {
    expect(await seenWith('x')).toEqual(['first', 'second']);
    expect(await seenWith('y')).toEqual(['second']);
    expect(await seenWith('y', 'z')).toEqual(['second']);
    expect(await seenWith('z')).toEqual([]);
  });

  test('changes with what is shared, and stays when that is taken back', async () => {
    const share = { type: 'Observation', id: 'first', version: 1, access: accessOf('x', 'z'), removed: [] };
    const sharing = store.write(async (transaction) => {
      await transaction.share({ ...share, added: [readerTerm('z')] });
      const filter: Query = { kind: 'readers', labels: ['z'] };
      expect(await transaction.count('Observation', and([{ kind: 'term', term: aboutHer }, filter]))).toBe(1);
      throw new Error('taken back');
    });
    await expect(sharing).rejects.toThrow('taken back');
    expect(await seenWith('z')).toEqual([]);
    // The number that was taken back is another audience's now.
    await store.write((transaction) => transaction.put(observation('third', 'w')));
    expect(await seenWith('z')).toEqual([]);
    expect(await seenWith('w')).toEqual(['third']);
    await store.write((transaction) => transaction.share({ ...share, added: [readerTerm('z')] }));
    expect(await seenWith('z')).toEqual(['first']);
    await store.write((transaction) =>
      transaction.share({
        ...share,
        access: accessOf('y'),
        removed: ['x', 'z'].map(readerTerm),
        added: [readerTerm('y')],
      }),
    );
    expect(await seenWith('z')).toEqual([]);
    expect(await seenWith('y')).toEqual(['first', 'second']);
  });

  test('is paged newest first, for who sees nearly all, one of two, and the oldest three', async () => {
    const labelsOf = (n: number) => [
      ...(n % 10 === 0 ? [] : ['most']),
      ...(n % 2 === 0 ? ['half'] : []),
      ...(n < 3 ? ['oldest'] : []),
    ];
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    await store.write(async (transaction) => {
      for (const n of numbers) {
        const terms = labelsOf(n).map(readerTerm);
        const version = { type: 'Goal', id: `g${n}`, updated: n, access: accessOf(...labelsOf(n)) };
        await transaction.put(aVersion(version, { terms }));
      }
    });
    for (const label of ['most', 'half', 'oldest']) {
      const filter: Query = { kind: 'readers', labels: [label] };
      const found = await store.search({ type: 'Goal', filter, sort: [], limit: 10 });
      const due = numbers.filter((n) => labelsOf(n).includes(label)).reverse();
      expect(found.map(({ version }) => version.id)).toEqual(due.slice(0, 10).map((n) => `g${n}`));
    }
  });
});
