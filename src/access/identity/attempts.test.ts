import { expect, test } from '@jest/globals';
import { createAttempts } from './attempts.ts';

test('after so many failures the next has to wait until the window ends', () => {
  let time = 0;
  const attempts = createAttempts({ most: 3, window: 60_000, now: () => time });
  for (let each = 0; each < 3; each++) {
    expect(attempts.wait('li.hui')).toBe(0);
    attempts.failed('li.hui');
  }
  time += 15_000;
  expect(attempts.wait('li.hui')).toBe(45_000);
  expect(attempts.wait('wu.min')).toBe(0);
  time += 45_000;
  expect(attempts.wait('li.hui')).toBe(0);
});

test('an attempt that was right does not count', () => {
  const attempts = createAttempts({ most: 1, window: 60_000, now: () => 0 });
  attempts.failed('li.hui');
  attempts.succeeded('li.hui');
  expect(attempts.wait('li.hui')).toBe(0);
});
