import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EngineStore } from '../../src/store/engine.ts';
import type { KeptChange, NewEvent, Outbox } from '../../src/store/outbox.ts';
import { engines, type Place } from './places.ts';
import { aVersion, putAfterCurrent } from './versions.ts';

const reading = { limit: 100, patience: 5_000, signal: new AbortController().signal };

/** Follows the log until so many changes have come. */
async function changesFrom(outbox: Outbox, place: string, count: number): Promise<KeptChange[]> {
  const changes: KeptChange[] = [];
  for (let from = place; changes.length < count; ) {
    const read = await outbox.follow(from, reading);
    changes.push(...read.changes);
    from = read.place;
  }
  return changes;
}

function anEvent(subscription: string, version = 1): NewEvent {
  return { subscription, type: 'Task', id: 'a', version, cause: 'change', at: version * 1_000 };
}

describe.each(engines)('on %s', (_, newPlace) => {
  let place: Place;
  let store: EngineStore;
  beforeAll(async () => {
    place = newPlace();
    store = await place.open();
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  const put = (id: string, version = 1) =>
    store.write((transaction) => putAfterCurrent(transaction, aVersion({ id, version, updated: version })));
  const queue = async (...events: NewEvent[]) =>
    store.outbox.append(events, { place: await store.outbox.end(), clock: 0 });

  describe('the log of changes', () => {
    test('has each version that was kept, in the order in which it was', async () => {
      const end = await store.outbox.end();
      await put('first');
      await put('second');
      await put('first', 2);
      expect(await changesFrom(store.outbox, end, 3)).toEqual([
        { type: 'Patient', id: 'first', version: 1 },
        { type: 'Patient', id: 'second', version: 1 },
        { type: 'Patient', id: 'first', version: 2 },
      ]);
    });

    test('has nothing of a transaction that failed', async () => {
      const end = await store.outbox.end();
      const failing = store.write(async (transaction) => {
        await putAfterCurrent(transaction, aVersion({ id: 'taken back' }));
        await transaction.read('Patient', 'taken back');
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      await put('kept');
      expect(await changesFrom(store.outbox, end, 1)).toEqual([{ type: 'Patient', id: 'kept', version: 1 }]);
    });

    test('gives who waits for it what comes, and nothing when nothing comes in time', async () => {
      const end = await store.outbox.end();
      const following = changesFrom(store.outbox, end, 1);
      await put('awaited');
      expect(await following).toEqual([{ type: 'Patient', id: 'awaited', version: 1 }]);
      const nothing = await store.outbox.follow(await store.outbox.end(), { ...reading, patience: 1 });
      expect(nothing.changes).toEqual([]);
    });

    test('goes on after a restart where it was followed to', async () => {
      const own = newPlace();
      const before = await own.open();
      const start = await before.outbox.end();
      const keep = (on: EngineStore, id: string) =>
        on.write((transaction) => putAfterCurrent(transaction, aVersion({ id })));
      await keep(before, 'a');
      const { place: followed } = await before.outbox.follow(start, reading);
      await before.outbox.append([], { place: followed, clock: 7 });
      await keep(before, 'b');
      await before.close();

      const after = await own.open();
      expect(await after.outbox.progress()).toEqual({ place: followed, clock: 7 });
      expect(await changesFrom(after.outbox, followed, 1)).toEqual([
        { type: 'Patient', id: 'b', version: 1 },
      ]);
      await after.close();
      await own.remove();
    });
  });

  describe('the queue of events', () => {
    test('keeps the events of a subscription in their order, and the same one once', async () => {
      const added = await queue(anEvent('s1', 1), anEvent('other', 1), anEvent('s1', 2), anEvent('s1', 1));
      expect(added.map(({ subscription, version }) => [subscription, version])).toEqual([
        ['s1', 1],
        ['other', 1],
        ['s1', 2],
      ]);
      expect(await queue(anEvent('s1', 2), anEvent('s1', 3))).toHaveLength(1);
      expect((await store.outbox.waiting('s1', 10)).map(({ version }) => version)).toEqual([1, 2, 3]);
      expect(await store.outbox.waiting('s1', 2)).toHaveLength(2);
      expect(await store.outbox.subscriptionsWaiting()).toEqual(expect.arrayContaining(['s1', 'other']));
    });

    test('finds by its number what was told, and lets it wait once more', async () => {
      const [first, second] = await queue(anEvent('s2', 1), anEvent('s2', 2));
      await store.outbox.settle([
        { subscription: 's2', position: first!.position, number: 1, state: 'told' },
        { subscription: 's2', position: second!.position, number: 2, state: 'dead', problem: 'HTTP 422' },
      ]);
      expect(await store.outbox.waiting('s2', 10)).toEqual([]);
      expect(await store.outbox.lastNumber('s2')).toBe(2);
      const range = { since: 2, until: 9, limit: 10 };
      expect(await store.outbox.numbered('s2', range)).toEqual(await store.outbox.dead('s2', 10));
      expect(await store.outbox.dead('s2', 10)).toMatchObject([{ number: 2, problem: 'HTTP 422' }]);

      expect(await store.outbox.resend('s2', range)).toBe(1);
      expect(await store.outbox.waiting('s2', 10)).toMatchObject([{ version: 2, number: 2 }]);
      expect(await store.outbox.dead('s2', 10)).toEqual([]);
    });

    test('forgets what is long ago but the last, by whose number those to come are numbered', async () => {
      const added = await queue(anEvent('s3', 1), anEvent('s3', 2), anEvent('s3', 3));
      await store.outbox.settle(
        added.map(({ position }, n) => ({ subscription: 's3', position, number: n + 1, state: 'told' })),
      );
      await store.outbox.forget({ before: 10_000 });
      const left = await store.outbox.numbered('s3', { since: 1, until: 9, limit: 10 });
      expect(left.map(({ number }) => number)).toEqual([3]);
      expect(await store.outbox.lastNumber('s3')).toBe(3);
    });

    test('lets go of what may not be told, and of a subscription that has ended', async () => {
      const [hidden] = await queue(anEvent('s4', 1), anEvent('s4', 2));
      await store.outbox.settle([{ subscription: 's4', position: hidden!.position, state: 'gone' }]);
      expect((await store.outbox.waiting('s4', 10)).map(({ version }) => version)).toEqual([2]);
      await store.outbox.forget({ subscription: 's4' });
      expect(await store.outbox.waiting('s4', 10)).toEqual([]);
    });
  });
});
