import { expect, test } from '@jest/globals';
import { createBuckets, createRateLimit, shareRateLimit } from './rate-limit.ts';

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

test('processes that share the buckets let together no more through than one, and ask seldom', async () => {
  let time = 0;
  let asked = 0;
  const buckets = createBuckets({ perMinute: 600, now: () => time });
  const takeSome = async (client: string) => {
    asked++;
    return buckets.takeSome(client);
  };
  const processes = [1, 2, 3].map(() => shareRateLimit(takeSome, () => time));
  let passed = 0;
  for (let n = 0; n < 3_000; n++) if ((await processes[n % 3]!('his')) === 0) passed++;
  expect(passed).toBe(600);
  expect(asked).toBeLessThan(3_000);
  expect(await processes[0]!('his')).toBe(1);
  expect(await processes[0]!('lis')).toBe(0);
  time += 1_000;
  expect(await processes[0]!('his')).toBe(0);
});

test('what a process has taken and does not use is good for a second', async () => {
  let time = 0;
  const buckets = createBuckets({ perMinute: 64, now: () => time });
  const take = shareRateLimit(
    async (client) => buckets.takeSome(client),
    () => time,
  );
  for (let n = 0; n < 64; n++) expect(await take('his')).toBe(0);
  expect(await take('his')).toBe(1);
  time += 60_000;
  expect(await take('his')).toBe(0);
});
