import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuditStore } from '../../src/access/audit/audit-store.ts';
import { linesOf } from '../../src/access/audit/batch.ts';
import { prune } from '../../src/access/audit/prune.ts';
import { lineOf } from '../../src/access/audit/record.ts';
import { verify } from '../../src/access/audit/verify.ts';
import { witnessOf } from '../../src/access/audit/witness.ts';
import { type AuditPlace, auditEngines } from './audit-places.ts';

const day = 86_400_000;
const today = Date.parse('2026-03-02T00:00:00Z');

/** The record of a doctor who reads a patient's record, some days ago. */
const access = (patient: string, daysAgo = 0) =>
  lineOf({
    at: today - daysAgo * day,
    request: `r-${patient}`,
    did: 'read',
    method: 'GET',
    status: 200,
    on: `Observation/o-${patient}`,
    patients: [patient],
    by: { person: 'Practitioner/wang', organization: 'Organization/township' },
  });

describe.each(auditEngines)('the log on %s', (_, newPlace) => {
  let place: AuditPlace;
  let store: AuditStore;
  beforeEach(() => {
    place = newPlace();
    store = place.open();
  });
  afterEach(async () => {
    await store.close();
    await place.close();
  });

  const patientsOf = async (question: Parameters<AuditStore['batches']>[0]) =>
    (await store.batches(question)).map((batch) =>
      linesOf(batch).map((line) => JSON.parse(line).patients[0]),
    );

  test('records are found in their order, by what they name and by their time', async () => {
    await store.append([access('a', 9), access('b', 8)]);
    await store.append([access('c', 5)]);
    await store.append([access('a', 1), access('d', 1)]);

    expect(await patientsOf({ descending: false, limit: 9 })).toEqual([['a', 'b'], ['c'], ['a', 'd']]);
    expect(await patientsOf({ descending: true, limit: 2 })).toEqual([['a', 'd'], ['c']]);
    expect(await patientsOf({ descending: true, references: ['Patient/a'], limit: 9 })).toEqual([
      ['a', 'd'],
      ['a', 'b'],
    ]);
    expect(
      await patientsOf({ descending: false, references: ['Observation/o-c', 'Patient/b'], limit: 9 }),
    ).toEqual([['a', 'b'], ['c']]);
    expect(await patientsOf({ descending: false, references: ['Patient/e'], limit: 9 })).toEqual([]);
    expect(
      await patientsOf({ descending: false, since: today - 6 * day, until: today - 2 * day, limit: 9 }),
    ).toEqual([['c']]);
    expect(await patientsOf({ descending: false, from: 2, to: 2, limit: 9 })).toEqual([['c']]);
  });

  test('a log as it was written is verified to its end', async () => {
    expect(await verify(store)).toMatchObject({ records: 0, last: 0 });
    await store.append([access('a'), access('b')]);
    await store.append([access('c')]);
    const verdict = await verify(store, await witnessOf(store));
    expect(verdict).toMatchObject({ records: 3, last: 3 });
    expect(verdict.fault).toBeUndefined();
  });

  test('several processes write one chain', async () => {
    const others = [place.open(), place.open()];
    const all = [store, ...others];
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => all[n % all.length]!.append([access(`p${n}`), access(`q${n}`)])),
    );
    for (const other of others) await other.close();
    expect(await verify(store)).toMatchObject({ records: 60, last: 60 });
    expect((await verify(store)).fault).toBeUndefined();
    const written = (await patientsOf({ descending: false, limit: 99 })).flat();
    expect(new Set(written).size).toBe(60);
  });

  describe('tampering is found at its place:', () => {
    beforeEach(async () => {
      await store.append([access('a', 9), access('b', 8), access('c', 7)]);
      await store.append([access('d', 6), access('e', 5)]);
      await store.append([access('f', 1)]);
    });

    test('a record that names another patient', async () => {
      await place.tamper.change(1, 'Observation/o-b', 'Observation/o-x');
      expect((await verify(store)).fault).toMatchObject({ record: 2, batch: 1 });
    });

    test('a record that is taken out of the middle of a batch', async () => {
      await place.tamper.change(1, `${access('b', 8)}\n`, '');
      expect((await verify(store)).fault).toMatchObject({ batch: 1 });
    });

    test('a batch that is taken out of the middle', async () => {
      await place.tamper.remove(2);
      expect((await verify(store)).fault).toMatchObject({ record: 4, what: 'records are missing here' });
    });

    test('a beginning that is taken away, and not by a pruning', async () => {
      await place.tamper.remove(1);
      expect((await verify(store)).fault).toMatchObject({ record: 4, batch: 2 });
    });

    test('an end that is taken away, by what was told of it before', async () => {
      const witness = (await witnessOf(store))!;
      await place.tamper.remove(3);
      expect((await verify(store)).fault).toBeUndefined();
      expect((await verify(store, witness)).fault).toMatchObject({ record: 6 });
    });

    test('a chain that is made anew, by what was told of it before', async () => {
      const witness = (await witnessOf(store))!;
      for (const batch of [1, 2, 3]) await place.tamper.remove(batch);
      const again = place.open();
      await again.append(['a', 'b', 'c', 'd', 'e', 'x'].map((patient) => access(patient)));
      await again.close();
      expect((await verify(store)).fault).toBeUndefined();
      expect((await verify(store, witness)).fault).toMatchObject({ record: 6 });
    });

    test('an access that is not found by its patient any more', async () => {
      await place.tamper.hide(2, 'Patient/e');
      expect((await verify(store)).fault).toMatchObject({ batch: 2 });
    });
  });

  test('what is too old is pruned; that is recorded, and the chain goes on from there', async () => {
    await store.append([access('a', 400), access('b', 390)]);
    await store.append([access('c', 370)]);
    await store.append([access('d', 100)]);
    expect(await prune(store, { days: 365, now: today, by: 'clerk' })).toMatchObject({ last: 3 });

    const left = (await store.batches({ descending: false, limit: 9 })).flatMap(linesOf);
    expect(left).toHaveLength(2);
    expect(left[0]).toBe(access('d', 100));
    expect(JSON.parse(left[1]!)).toMatchObject({ by: { person: 'clerk' }, pruned: { last: 3 } });
    expect(await store.batches({ descending: false, references: ['Patient/a'], limit: 9 })).toEqual([]);
    const verdict = await verify(store);
    expect(verdict).toMatchObject({ records: 2, last: 5 });
    expect(verdict.fault).toBeUndefined();

    expect(await prune(store, { days: 365, now: today, by: 'clerk' })).toBeUndefined();
    expect(await prune(store, { days: 365, now: today + 300 * day, by: 'clerk' })).toMatchObject({ last: 4 });
    expect((await verify(store)).fault).toBeUndefined();
  });

  test('a pruned log whose beginning is then taken away is found out', async () => {
    await store.append([access('a', 400)]);
    await store.append([access('d', 100)]);
    await store.append([access('e', 90)]);
    await prune(store, { days: 365, now: today, by: 'clerk' });
    await place.tamper.remove(2);
    expect((await verify(store)).fault).toMatchObject({ record: 3, batch: 3 });
  });
});
