import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Folder, takeFolder } from '../../src/store/sqlite/folder.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';
import { type KeptTurn, keepTurn } from '../../src/workers/kept-turn.ts';
import { createTurnQueue } from '../../src/workers/turn-queue.ts';
import { aVersion } from './versions.ts';

/** What a process waits for a lock of the file before it gives up, in milliseconds. */
const busyTimeout = 5_000;

// Two stores on one folder, as two processes of one server have them.
let folder: string;
let taken: Folder;
let one: Store;
let other: Store;
let open: () => Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-two-'));
  taken = takeFolder(folder);
  const queue = createTurnQueue<KeptTurn>({
    yours: (holder, note) => holder.came(note),
    wanted: (holder) => holder.wanted(),
  });
  open = () => {
    const turn: KeptTurn = keepTurn({
      want: () => queue.want(turn),
      passOn: (note) => queue.pass(turn, note),
    });
    return openSqliteStore({ folder, quiet: 1, turn: async () => (await turn.take()).pass });
  };
  [one, other] = [open(), open()];
});
afterEach(async () => {
  await Promise.all([one.close(), other.close()]);
  taken.close();
  expect(readdirSync(folder).filter((name) => !name.includes('.lock'))).toEqual(['zhuanzhen.sqlite']);
  rmSync(folder, { recursive: true });
});

const put = (store: Store, id: string) => store.write((transaction) => transaction.put(aVersion({ id })));

test('a type that the other has just made is there: to be read, searched, counted, and written', async () => {
  const all = { type: 'Patient', filter: { kind: 'all' }, sort: [], limit: 10 } as const;
  expect(await other.search(all)).toEqual([]);
  await put(one, 'first');
  expect(await other.read('Patient', 'first')).toBeDefined();
  expect(await other.search(all)).toHaveLength(1);
  expect(await other.count('Patient', { kind: 'all' })).toBe(1);
  expect(await other.types()).toEqual(['Patient']);
  expect(await other.history({ limit: 5 })).toHaveLength(1);
  await put(other, 'second');
  expect(await one.count('Patient', { kind: 'all' })).toBe(2);
});

test('tables that a work has made and taken back are made again by the next, in either', async () => {
  const failing = one.write(async (transaction) => {
    await transaction.put(aVersion({ id: 'taken-back' }));
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await put(other, 'first');
  await put(one, 'second');
  expect(await other.count('Patient', { kind: 'all' })).toBe(2);
});

test(
  'a write waits for its turn as long as a long transaction of the other takes, and reads do not wait',
  async () => {
    await put(one, 'there');
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: ending, resolve: end } = Promise.withResolvers<void>();
    const long = one.write(async (transaction) => {
      await transaction.put(aVersion({ id: 'long' }));
      begin();
      await ending;
    });
    await begun;
    let isWritten = false;
    const waiting = put(other, 'waiting').then(() => {
      isWritten = true;
    });
    const began = performance.now();
    while (performance.now() - began < busyTimeout + 500) {
      expect(await other.read('Patient', 'there')).toBeDefined();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const wasWritten = isWritten;
    end();
    await Promise.all([long, waiting]);
    expect(wasWritten).toBe(false);
    expect(await one.count('Patient', { kind: 'all' })).toBe(3);
  },
  4 * busyTimeout,
);

test('of two that both write all the time, neither waits for more than the other’s next group', async () => {
  const order: string[] = [];
  const client = async (store: Store, name: string) => {
    for (let n = 0; n < 20; n++) {
      await put(store, `${name}-${n}`);
      order.push(name);
    }
  };
  await Promise.all([client(one, 'a'), client(other, 'b')]);
  // Once both are at work they take turns, until one of them has done all of its own.
  const both = order.slice(order.indexOf(order[0] === 'a' ? 'b' : 'a'), -1).join('');
  expect(both.slice(0, 30)).not.toMatch(/aaa|bbb/);
});

test('the mark of a log that is needed is there after a write of either, and gone when the file is whole', async () => {
  const isMarked = () => existsSync(join(folder, 'zhuanzhen.sqlite-open'));
  const isWhole = () => !isMarked() && statSync(join(folder, 'zhuanzhen.sqlite-wal')).size === 0;
  for (const [n, store] of [one, other, one, other].entries()) {
    await put(store, `p${n}`);
    expect(isMarked()).toBe(true);
    const end = Date.now() + 15_000;
    while (!isWhole() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(isWhole()).toBe(true);
  }
});

test('who takes the folder of a server that has ended waits until the processes that shared it have ended, too', async () => {
  taken.close();
  const lock = join(folder, 'zhuanzhen.shared.lock');
  const isHeld = new DatabaseSync(lock, { timeout: 0 });
  expect(() => isHeld.exec('BEGIN EXCLUSIVE')).toThrow('locked');
  isHeld.close();
  await Promise.all([one.close(), other.close()]);
  taken = takeFolder(folder);
  [one, other] = [open(), open()];
});
