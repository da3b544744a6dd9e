import { daysAfter, localDay, mondayOf, startOfDay } from '../local-time.ts';
import { weekOf } from '../period.ts';

/** A week of the ledger: from one close to the next, Friday 18:00 by the community's clock (每周五上报). */
export interface LedgerWeek {
  /** The ISO week of the Friday, as `2026-W48`. */
  name: string;
  /** In milliseconds since the epoch; `until` is the instant of its close, and not of it any more. */
  from: number;
  until: number;
}

/** From the midnight that begins a Friday to the close. */
const closingTime = 18 * 3_600_000;

/** The weeks that were closed by an instant, the latest first. */
export function closedWeeks(now: number, count: number): LedgerWeek[] {
  let friday = daysAfter(mondayOf(localDay(now)), 4);
  if (startOfDay(friday) + closingTime > now) friday = daysAfter(friday, -7);
  return Array.from({ length: count }, (_, index) => {
    const day = daysAfter(friday, -7 * index);
    const close = (date: string) => startOfDay(date) + closingTime;
    return { name: weekOf(day).name, from: close(daysAfter(day, -7)), until: close(day) };
  });
}
