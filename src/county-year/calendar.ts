import type { Disease, Plan } from './plan.ts';
import type { Random } from './random.ts';

const day = 86_400_000;
/** China has one time zone, without summer time: UTC+8. */
const zone = 8 * 3_600_000;

/** A day of the year, and how many of all referrals it has. */
export interface DayShare {
  /** Local midnight, in milliseconds since the epoch. */
  start: number;
  share: number;
}

/** The days of a year by how busy they are: by season, weekday and holiday. The shares add up to 1. */
export function daysOf(year: number, plan: Plan): DayShare[] {
  const days: { start: number; weight: number }[] = [];
  for (let start = Date.UTC(year, 0, 1); start < Date.UTC(year + 1, 0, 1); start += day) {
    const date = new Date(start);
    const name = date.toISOString().slice(0, 10);
    // Those by the moon stand with their year.
    const holiday = plan.holidays.find(
      ([from, to]) => from <= name.slice(-from.length) && name.slice(-to.length) <= to,
    );
    const weight =
      plan.months[date.getUTCMonth()]! * (holiday ? holiday[2] : plan.weekdays[date.getUTCDay()]!);
    days.push({ start: start - zone, weight });
  }
  const all = days.reduce((sum, { weight }) => sum + weight, 0);
  return days.map(({ start, weight }) => ({ start, share: weight / all }));
}

/** A time of the day, by how busy its hours are, in milliseconds since midnight. */
export function timeOfDay(plan: Plan, random: Random): number {
  const hour = random.pick(plan.hours.map((weight, index) => [index, weight] as const));
  return hour * 3_600_000 + random.between(0, 59) * 60_000;
}

/** How frequent a disease is at an instant, by its season. */
export function frequencyOf({ weight, winter }: Disease, at: number): number {
  const month = new Date(at + zone).getUTCMonth();
  const isWinter = month <= 1 || month >= 10;
  // Four months of twelve: what is more in them is less in the others.
  return weight * (isWinter ? winter : (12 - 4 * winter) / 8);
}
