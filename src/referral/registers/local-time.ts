/** China has one time zone, without summer time: UTC+8. */
const zone = 8 * 3_600_000;
const day = 86_400_000;

/** The day of an instant by the community's clock, as `2026-11-30`. */
export function localDay(instant: number): string {
  return new Date(instant + zone).toISOString().slice(0, 10);
}

/** An instant by the community's clock as people write it, `2026-11-30 09:05`. */
export function localTime(instant: number): string {
  return new Date(instant + zone).toISOString().slice(0, 16).replace('T', ' ');
}

/** An instant by the community's clock as FHIR writes it, to the second. */
export function localInstant(instant: number): string {
  return `${new Date(instant + zone).toISOString().slice(0, 19)}+08:00`;
}

/** The first instant of a day `2026-11-30`, in milliseconds since the epoch; NaN where there is no such day. */
export function startOfDay(date: string): number {
  const start = Date.parse(`${date}T00:00:00Z`);
  // The Date constructor takes 30 February for 2 March.
  return Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== date
    ? Number.NaN
    : start - zone;
}

/** The Monday on or before a day. */
export function mondayOf(date: string): string {
  const start = Date.parse(`${date}T00:00:00Z`);
  return new Date(start - ((new Date(start).getUTCDay() + 6) % 7) * day).toISOString().slice(0, 10);
}

/** A day so many days later. */
export function daysAfter(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * day).toISOString().slice(0, 10);
}
