import { expect, test } from '@jest/globals';
import { closedWeeks } from './week.ts';

const at = (time: string) => Date.parse(`${time}+08:00`);

test.each([
  ['2026-11-27T17:59:59', '2026-W47'],
  ['2026-11-27T18:00:00', '2026-W48'],
  ['2026-12-03T23:00:00', '2026-W48'],
  ['2027-01-01T18:00:00', '2026-W53'],
])('at %s the latest week that is closed is %s', (time, name) => {
  expect(closedWeeks(at(time), 1)[0]!.name).toBe(name);
});

test('a week begins where the one before ended', () => {
  const weeks = closedWeeks(at('2026-11-30T09:00:00'), 9);
  for (const [index, { until }] of weeks.slice(1).entries()) expect(weeks[index]!.from).toBe(until);
  expect(weeks[0]).toEqual({
    name: '2026-W48',
    from: at('2026-11-20T18:00:00'),
    until: at('2026-11-27T18:00:00'),
  });
});
