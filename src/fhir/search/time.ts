/** A span of time, in milliseconds since the epoch, both ends included. */
export interface Span {
  low: number;
  high: number;
}

/** Before and after any time that a resource can state. */
export const always: Span = { low: -Number.MAX_VALUE, high: Number.MAX_VALUE };

const pattern = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/**
 * The span that a date, dateTime or instant covers by its precision (http://hl7.org/fhir/R4/search.html#date): a year,
 * a month, a day, a minute, a second, or what its fraction of a second leaves open. Undefined when it is none.
 * Without a time zone "the server's local time zone should be assumed": the one of the process (TZ).
 */
export function spanOf(text: string): Span | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const y = Number(year);
  if (month === undefined) return local(y, 0, 1, y + 1, 0, 1);
  const m = Number(month) - 1;
  if (m < 0 || m > 11) return undefined;
  if (day === undefined) return local(y, m, 1, y, m + 1, 1);
  const d = Number(day);
  if (d < 1 || d > daysIn(y, m)) return undefined;
  if (hour === undefined) return local(y, m, d, y, m, d + 1);
  const minutes = Number(hour) * 60 + Number(minute);
  const seconds = Number(second ?? 0);
  if (Number(hour) > 24 || Number(minute) > 59 || minutes > 24 * 60 || seconds > 60) return undefined;
  const milliseconds = fraction === undefined ? 0 : Math.floor(Number(`0${fraction}`) * 1000 + 1e-6);
  const low = startOf(y, m, d, zone) + minutes * 60_000 + seconds * 1000 + milliseconds;
  return { low, high: low + width(second, fraction) - 1 };
}

function width(second: string | undefined, fraction: string | undefined): number {
  if (second === undefined) return 60_000;
  return fraction === undefined ? 1000 : Math.max(1, 10 ** (4 - fraction.length));
}

function startOf(year: number, month: number, day: number, zone: string | undefined): number {
  if (zone === undefined) return midnight(year, month, day);
  const start = new Date(0);
  start.setUTCFullYear(year, month, day);
  if (zone === 'Z') return start.getTime();
  const offset = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return start.getTime() - (zone[0] === '-' ? -offset : offset) * 60_000;
}

function local(...[y1, m1, d1, y2, m2, d2]: [number, number, number, number, number, number]): Span {
  return { low: midnight(y1, m1, d1), high: midnight(y2, m2, d2) - 1 };
}

/** Local midnight; the Date constructor would take years before 100 for those of the 20th century. */
function midnight(year: number, month: number, day: number): number {
  const date = new Date(2000, 0, 1);
  date.setFullYear(year, month, day);
  return date.getTime();
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month + 1, 0)).getUTCDate();
}
