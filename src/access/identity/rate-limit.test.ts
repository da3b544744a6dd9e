import { expect, test } from '@jest/globals';
import { createRateLimit } from './rate-limit.ts';

test('a client that has used up its minute waits until a request is due again; another does not', () => {
  let time = 0;
  const take = createRateLimit({ perMinute: 60, now: () => time });
  const first = Array.from({ length: 60 }, () => take('his'));
  expect(first.every((wait) => wait === 0)).toBe(true);
  expect(take('his')).toBe(1);
  expect(take('lis')).toBe(0);
  time += 1_000;
  expect(take('his')).toBe(0);
  expect(take('his')).toBe(1);
});

test('nobody saves up more than a minute', () => {
  let time = 0;
  const take = createRateLimit({ perMinute: 2, now: () => time });
  time += 3_600_000;
  expect([take('his'), take('his'), take('his')]).toEqual([0, 0, 30]);
});
