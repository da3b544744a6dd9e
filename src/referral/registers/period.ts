import { daysAfter, mondayOf, startOfDay } from './local-time.ts';

/** A span of whole days by the community's clock (UTC+8), that a report is about. */
export interface ReportPeriod {
  /** Of both the first and the last day, as `2026-11-30`. */
  start: string;
  end: string;
  /** In milliseconds since the epoch; `until` is the first instant after it. */
  from: number;
  until: number;
  /** As it was asked for, or `start_end`. */
  name: string;
}

const forms: readonly [RegExp, (parts: string[]) => [start: string, end: string] | undefined][] = [
  [/^(\d{4})$/, ([year]) => [`${year}-01-01`, `${year}-12-31`]],
  [/^(\d{4})-Q([1-4])$/, ([year, quarter]) => months(year!, (Number(quarter) - 1) * 3 + 1, 3)],
  [/^(\d{4})-(\d\d)$/, ([year, month]) => months(year!, Number(month), 1)],
  [/^(\d{4})-W(\d\d)$/, ([year, week]) => isoWeek(year!, Number(week))],
  [/^(\d{4}-\d\d-\d\d)$/, ([date]) => [date!, date!]],
];

/** Reads a year `2026`, quarter `2026-Q4`, month `2026-11`, ISO week `2026-W48` or day `2026-11-30`. */
export function readPeriod(text: string): ReportPeriod | undefined {
  for (const [form, read] of forms) {
    const [, ...parts] = form.exec(text) ?? [];
    const days = parts.length > 0 ? read(parts) : undefined;
    if (days) return periodOf(...days, text);
  }
  return undefined;
}

/** The period of two days, both included; undefined where one is no day, or the end before the start. */
export function periodOf(start: string, end: string, name = `${start}_${end}`): ReportPeriod | undefined {
  const [from, last] = [startOfDay(start), startOfDay(end)];
  if (!(from <= last)) return undefined;
  return { start, end, from, until: startOfDay(daysAfter(end, 1)), name };
}

/** The ISO week that a day is in, from Monday to Sunday. */
export function weekOf(date: string): ReportPeriod {
  const monday = mondayOf(date);
  // The week belongs to the year of its Thursday (ISO 8601).
  const year = daysAfter(monday, 3).slice(0, 4);
  const first = mondayOf(`${year}-01-04`);
  const number = Math.round((startOfDay(monday) - startOfDay(first)) / 604_800_000) + 1;
  return periodOf(monday, daysAfter(monday, 6), `${year}-W${String(number).padStart(2, '0')}`)!;
}

/** The quarter that a day is in. */
export function quarterOf(date: string): ReportPeriod {
  const quarter = Math.ceil(Number(date.slice(5, 7)) / 3);
  return readPeriod(`${date.slice(0, 4)}-Q${quarter}`)!;
}

function months(year: string, first: number, count: number): [string, string] | undefined {
  if (first < 1 || first > 12) return undefined;
  const start = `${year}-${String(first).padStart(2, '0')}-01`;
  const next =
    first + count > 12 ? `${Number(year) + 1}-01-01` : `${year}-${String(first + count).padStart(2, '0')}-01`;
  return [start, daysAfter(next, -1)];
}

function isoWeek(year: string, week: number): [string, string] | undefined {
  const monday = daysAfter(mondayOf(`${year}-01-04`), (week - 1) * 7);
  const isOfYear = week >= 1 && daysAfter(monday, 3).startsWith(year);
  return isOfYear ? [monday, daysAfter(monday, 6)] : undefined;
}
