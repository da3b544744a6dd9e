import { expect, test } from '@jest/globals';
import type { Reader, StoredVersion } from '../store/store.ts';
import { createClock } from './clock.ts';

const holding = (updated: number | undefined) =>
  ({
    history: async () => (updated === undefined ? [] : [{ updated } as StoredVersion]),
  }) as unknown as Reader;

test('where the machine goes back, the clock stands still until it has caught up', () => {
  const machine = [1_000, 900, 950, 1_001];
  const clock = createClock(holding(undefined), () => machine.shift()!);
  expect([clock.now(), clock.now(), clock.now(), clock.now()]).toEqual([1_000, 1_000, 1_000, 1_001]);
});

test('over a restart as well: it is not behind what the store holds', async () => {
  const clock = createClock(holding(5_000), () => 4_000);
  await clock.caughtUp();
  expect(clock.now()).toBe(5_000);
});
