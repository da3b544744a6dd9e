import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { AuditStore } from './audit-store.ts';
import type { Journal } from './journal.ts';
import { createWriter } from './writer.ts';

/** A store whose appends end when the test says so. */
function aStore() {
  const kept: string[] = [];
  const waiting: { end(): void; fail(error: Error): void }[] = [];
  const arrivals: (() => void)[] = [];
  const store = {
    append: (lines: readonly string[]) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({
          end: () => {
            kept.push(...lines);
            resolve();
          },
          fail: reject,
        });
        arrivals.shift()?.();
      }),
    close: async () => {},
  } as unknown as AuditStore;
  /** Resolves with the next append. */
  const next = async () => {
    if (waiting.length === 0) await new Promise<void>((resolve) => arrivals.push(resolve));
    return waiting.shift()!;
  };
  return { store, kept, next };
}

function aJournal() {
  const written: string[] = [];
  let isFull = false;
  const journal: Journal = {
    write: (lines) => {
      if (isFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      written.push(...lines);
    },
    settled: () => {},
    remove: () => {},
    close: () => {},
  };
  return { journal, written, fill: (full: boolean) => (isFull = full) };
}

const options = { readsWait: false, log: () => {} };
const unavailable = { status: 503 };

/** Ends one append after the other until a promise is settled: records that came together need not go together. */
async function endUntil(promise: Promise<void>, next: () => Promise<{ end(): void }>): Promise<void> {
  const over = promise.then(() => ({ end: () => {} }));
  let isOver = false;
  void promise.then(() => {
    isOver = true;
  });
  while (!isOver) (await Promise.race([next(), over])).end();
}

async function isPending(promise: Promise<void>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, nextTurn().then(() => nextTurn(pending))])) === pending;
}

test('a read is answered once its record is in the journal, a write once it is in the log', async () => {
  const { store, kept, next } = aStore();
  const { journal, written } = aJournal();
  const writer = createWriter(store, journal, options);

  await writer.keep(['read'], false);
  expect(written).toEqual(['read']);
  expect(kept).toEqual([]);

  const write = writer.keep(['write'], true);
  expect(await isPending(write)).toBe(true);
  expect(written).toEqual(['read', 'write']);
  await endUntil(write, next);
  expect(kept).toEqual(['read', 'write']);
});

test('where reads wait, they are answered once they are in the log as well', async () => {
  const { store, kept, next } = aStore();
  const writer = createWriter(store, aJournal().journal, { ...options, readsWait: true });
  const read = writer.keep(['read'], false);
  expect(await isPending(read)).toBe(true);
  (await next()).end();
  await read;
  expect(kept).toEqual(['read']);
});

test('a store that fails: writes are not acknowledged, nothing more is granted, and nothing is lost when it is back', async () => {
  const { store, kept, next } = aStore();
  const told: string[] = [];
  const writer = createWriter(store, aJournal().journal, {
    ...options,
    log: (message) => told.push(message),
  });
  await writer.open();
  const write = expect(writer.keep(['write'], true)).rejects.toMatchObject(unavailable);
  (await next()).fail(new Error('no such disk'));
  await write;
  await expect(writer.open()).rejects.toMatchObject(unavailable);
  expect(writer.problem).toMatch(/audit store/);
  expect(told).toHaveLength(1);

  (await next()).end();
  await nextTurn();
  await writer.open();
  expect(writer.problem).toBeUndefined();
  expect(kept).toEqual(['write']);
});

test('a journal that is full: the answer is held back', async () => {
  const { store, next } = aStore();
  const { journal, fill } = aJournal();
  const writer = createWriter(store, journal, options);
  fill(true);
  await expect(writer.keep(['read'], false)).rejects.toMatchObject(unavailable);
  await expect(writer.open()).rejects.toMatchObject(unavailable);
  fill(false);
  (await next()).end();
  await nextTurn();
  await writer.open();
});

test('when the log falls behind, requests wait before they are run', async () => {
  const { store, next } = aStore();
  const writer = createWriter(store, aJournal().journal, options);
  await Promise.all(Array.from({ length: 4_096 }, (_, n) => writer.keep([String(n)], false)));
  const waits = writer.open();
  expect(await isPending(waits)).toBe(true);
  await endUntil(waits, next);
});
