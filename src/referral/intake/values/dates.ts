/** China has one time zone, without summer time. */
const zone = '+08:00';
const day = 86_400_000;

/** What was found instead of a date. */
export type DateProblem = 'unreadable' | 'ambiguous' | 'impossible';

/** A time as FHIR writes it, to the precision in which it was given. */
export type ReadDate = { date: string; time?: string } | { problem: DateProblem };

/** Years that a date of a referral, or of a birth, can be in. */
const years = { first: 1880, last: 2199 };

const separated = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(.*)$/u;
const compact = /^(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?$/u;
const dayFirst = /^\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?:\D.*)?$/u;
const shortYear = /^\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}/u;
const clock =
  /^[T,\s]*(上午|下午|AM|PM)?\s*(\d{1,2})\s*[:时点]\s*(?:(\d{1,2})\s*分?)?(?::?\s*(\d{1,2})(?:\.\d+)?\s*秒?)?\s*(AM|PM)?\s*(Z|[+-]\d{2}:?\d{2})?$/iu;

/**
 * Reads a date as people write it: 2026/1/5, 2026-1-5, 2026.1.5, 20260105, 2026年1月5日, with a time behind it or without
 * (14:30, 下午2:30, 14时30分, 202601051430), in full-width digits as well, and the serial numbers of spreadsheets. A time
 * without a zone is China's. Where the day could be the month (5/1/2026), or the year is short, it is ambiguous.
 */
export function readDate(written: string | number): ReadDate {
  const text = String(written).normalize('NFKC').trim();
  if (/^\d{5}(?:\.\d+)?$/.test(text)) return fromText(serialDate(Number(text)));
  return fromText(text);
}

function fromText(text: string): ReadDate {
  const parts = separated.exec(text);
  if (parts) return dated(parts.slice(1, 4), timeOf(parts[4]!.trim()));
  const [, year, month, date, hour, minute, second] = compact.exec(text) ?? [];
  if (year !== undefined)
    return dated(
      [year, month!, date!],
      hour === undefined ? undefined : clocked(hour, minute!, second, zone),
    );
  return { problem: dayFirst.test(text) || shortYear.test(text) ? 'ambiguous' : 'unreadable' };
}

function dated(
  [year, month, date]: readonly string[],
  time: string | 'unreadable' | 'impossible' | undefined,
): ReadDate {
  if (time === 'unreadable' || time === 'impossible') return { problem: time };
  const iso = `${year}-${month!.padStart(2, '0')}-${date!.padStart(2, '0')}`;
  const instant = new Date(`${iso}T00:00:00Z`);
  const isReal = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(iso);
  if (!isReal || Number(year) < years.first || Number(year) > years.last) return { problem: 'impossible' };
  return time === undefined ? { date: iso } : { date: iso, time };
}

/** The time of day behind a date; undefined where nothing stands there. */
function timeOf(text: string): string | 'unreadable' | 'impossible' | undefined {
  if (text === '') return undefined;
  const [, before, hour, minute = '00', second = '00', after, offset = zone] = clock.exec(text) ?? [];
  if (hour === undefined) return 'unreadable';
  const half = (before ?? after ?? '').toUpperCase();
  const isAfternoon = half === 'PM' || half === '下午';
  const isMorning = half === 'AM' || half === '上午';
  const hours =
    isAfternoon && Number(hour) < 12 ? Number(hour) + 12 : isMorning && hour === '12' ? 0 : Number(hour);
  return clocked(
    String(hours),
    minute,
    second,
    /^[+-]\d{4}$/.test(offset) ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset.toUpperCase(),
  );
}

function clocked(hour: string, minute: string, second = '00', offset: string): string | 'impossible' {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return 'impossible';
  const two = (part: string) => part.padStart(2, '0');
  return `${two(hour)}:${two(minute)}:${two(second)}${offset}`;
}

/**
 * The date of a serial number of a spreadsheet, as text to the minute where it has a time. Day 60 is 29 February 1900,
 * which never was: later days are counted with it.
 */
export function serialDate(serial: number): string {
  const days = serial < 60 ? serial + 1 : serial;
  const instant = new Date(Math.round((Date.UTC(1899, 11, 30) + days * day) / 1_000) * 1_000);
  if (Number.isNaN(instant.getTime())) return String(serial);
  const text = instant.toISOString();
  return Number.isInteger(serial) ? text.slice(0, 10) : text.slice(0, 19);
}
