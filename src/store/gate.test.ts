import { describe, expect, test } from '@jest/globals';
import { createGate } from './gate.ts';

/** A work that ends when it is told to. */
function work() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, end: resolve };
}

describe('the gate before the connections', () => {
  test('lets the next one through when one has ended, each asker in turn', async () => {
    const gate = createGate({ atOnce: 1, queue: 10 });
    const first = work();
    const passed: string[] = [];
    const pass = (client: string, name: string, until?: Promise<void>) =>
      gate({ client }, async () => {
        passed.push(name);
        await until;
      });
    const all = [pass('a', 'a1', first.promise), pass('a', 'a2'), pass('a', 'a3'), pass('b', 'b1')];
    expect(passed).toEqual(['a1']);
    first.end();
    await Promise.all(all);
    expect(passed).toEqual(['a1', 'a2', 'b1', 'a3']);
  });

  test('refuses with 503 what finds too many waiting, and what waits longer than it may', async () => {
    const gate = createGate({ atOnce: 1, queue: 1 });
    const first = work();
    const running = gate({}, () => first.promise);
    const late = gate({ timeout: 1 }, async () => {});
    await expect(gate({}, async () => {})).rejects.toMatchObject({ status: 503 });
    await expect(late).rejects.toMatchObject({ status: 503 });
    first.end();
    await running;
  });

  test('holds no place for a client that is gone', async () => {
    const gate = createGate({ atOnce: 1, queue: 1 });
    const first = work();
    const running = gate({}, () => first.promise);
    const client = new AbortController();
    const waiting = gate({ signal: client.signal }, async () => 'too late');
    client.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    const next = gate({}, async () => 'in turn');
    first.end();
    await running;
    expect(await next).toBe('in turn');
  });

  test('a work that fails makes room as well', async () => {
    const gate = createGate({ atOnce: 1, queue: 1 });
    await expect(gate({}, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await gate({}, async () => 'in turn')).toBe('in turn');
  });
});
