import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { daysAfter } from './local-time.ts';
import { periodOf, quarterOf, readPeriod, weekOf } from './period.ts';

test.each([
  ['2026', '2026-01-01', '2026-12-31'],
  ['2026-Q4', '2026-10-01', '2026-12-31'],
  ['2028-02', '2028-02-01', '2028-02-29'],
  ['2026-W48', '2026-11-23', '2026-11-29'],
  ['2026-W53', '2026-12-28', '2027-01-03'],
  ['2026-11-30', '2026-11-30', '2026-11-30'],
])('%s is from %s to %s', (text, start, end) => {
  expect(readPeriod(text)).toMatchObject({ start, end, name: text });
});

test('a period begins at midnight of the community, and ends at the next one', () => {
  const { from, until } = readPeriod('2026-11-30')!;
  expect([new Date(from).toISOString(), new Date(until).toISOString()]).toEqual([
    '2026-11-29T16:00:00.000Z',
    '2026-11-30T16:00:00.000Z',
  ]);
});

test.each(['2026-Q5', '2026-13', '2027-W53', '2026-W00', '2026-02-30', 'last week', ''])(
  '%p is no period',
  (text) => {
    expect(readPeriod(text)).toBeUndefined();
  },
);

test('the end is not before the start', () => {
  expect(periodOf('2026-11-30', '2026-11-29')).toBeUndefined();
});

test('each day is in the week and the quarter that its names give back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000 }), (days) => {
      const date = daysAfter('2000-01-01', days);
      for (const period of [weekOf(date), quarterOf(date)]) {
        expect(period.start <= date && date <= period.end).toBe(true);
        expect(readPeriod(period.name)).toEqual(period);
      }
    }),
  );
});
