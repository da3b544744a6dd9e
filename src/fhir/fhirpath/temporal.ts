/** The units of calendar durations, coarsest first: a value's precision is a position in this list. */
export const calendarUnits = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;

const pattern =
  /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:T([01]\d|2[0-3])(?::([0-5]\d)(?::([0-5]\d|60)(?:\.(\d+))?)?)?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?)?)?)?T?$/;
const timePattern = /^T?([01]\d|2[0-3])(?::([0-5]\d)(?::([0-5]\d|60)(?:\.(\d+))?)?)?$/;

/**
 * A FHIRPath Date, DateTime or Time (http://hl7.org/fhirpath/N1/#date): an instant known to some precision. Without
 * an offset of its own it is taken to be in the time zone of the server.
 */
export class Temporal {
  readonly kind: 'Date' | 'DateTime' | 'Time';
  /** As it was written. */
  readonly text: string;
  /** Position in `calendarUnits` of its finest part. */
  readonly precision: number;
  /** The first instant that it covers, in milliseconds; of a Time, since midnight. */
  readonly start: number;
  /** Minutes east of Greenwich, when it says so. */
  readonly offset: number | undefined;

  constructor(kind: Temporal['kind'], text: string, precision: number, start: number, offset?: number) {
    this.kind = kind;
    this.text = text;
    this.precision = precision;
    this.start = start;
    this.offset = offset;
  }

  toString(): string {
    return this.text;
  }
}

/** A Date from `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; undefined when the text is none. */
export function parseDate(text: string): Temporal | undefined {
  return text.length <= 10 && !text.includes('T') ? parse('Date', text) : undefined;
}

/** A DateTime from a FHIR dateTime, date or instant; undefined when the text is none. */
export function parseDateTime(text: string): Temporal | undefined {
  return parse('DateTime', text);
}

/** A Time from `hh`, `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`; undefined when the text is none. */
export function parseTime(text: string): Temporal | undefined {
  const match = timePattern.exec(text);
  if (!match) return undefined;
  const [, hour, minute, second, fraction] = match;
  const precision = second !== undefined ? 5 : minute !== undefined ? 4 : 3;
  const start =
    Number(hour) * 3_600_000 + Number(minute ?? 0) * 60_000 + seconds(second) * 1000 + milliseconds(fraction);
  return new Temporal('Time', text.replace('T', ''), precision, start, 0);
}

function parse(kind: 'Date' | 'DateTime', text: string): Temporal | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  if (day !== undefined && Number(day) > daysOf(Number(year), Number(month) - 1)) return undefined;
  const precision = [month, day, hour, minute, second].indexOf(undefined);
  const offset = zone === undefined ? undefined : minutesOf(zone);
  const start = instant(
    {
      year: Number(year),
      month: Number(month ?? 1) - 1,
      day: Number(day ?? 1),
      milliseconds:
        Number(hour ?? 0) * 3_600_000 +
        Number(minute ?? 0) * 60_000 +
        seconds(second) * 1000 +
        milliseconds(fraction),
    },
    offset,
  );
  return new Temporal(kind, text, precision === -1 ? 5 : precision, start, offset);
}

/** JavaScript knows no leap seconds. */
function seconds(text: string | undefined): number {
  return Math.min(Number(text ?? 0), 59);
}

function milliseconds(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(`${fraction}00`.slice(0, 3));
}

function minutesOf(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return zone[0] === '-' ? -minutes : minutes;
}

interface Fields {
  year: number;
  month: number;
  day: number;
  /** Of the day. */
  milliseconds: number;
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month + 1, 0)).getUTCDate();
}

function instant({ year, month, day, milliseconds: time }: Fields, offset: number | undefined): number {
  const date = new Date(0);
  if (offset !== undefined) {
    date.setUTCFullYear(year, month, day);
    return date.getTime() + time - offset * 60_000;
  }
  date.setFullYear(year, month, day);
  date.setHours(0, 0, 0, time);
  return date.getTime();
}

/** The fields of an instant in a zone; in the server's when there is no offset. */
function fields(time: number, offset: number | undefined): Fields {
  const date = new Date(offset === undefined ? time : time + offset * 60_000);
  return offset === undefined
    ? {
        year: date.getFullYear(),
        month: date.getMonth(),
        day: date.getDate(),
        milliseconds:
          date.getHours() * 3_600_000 +
          date.getMinutes() * 60_000 +
          date.getSeconds() * 1000 +
          date.getMilliseconds(),
      }
    : {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth(),
        day: date.getUTCDate(),
        milliseconds: ((date.getTime() % 86_400_000) + 86_400_000) % 86_400_000,
      };
}

/**
 * The order of two values: negative, zero or positive; undefined when they are the same as far as both are known but
 * one is known more precisely (http://hl7.org/fhirpath/N1/#comparison). Throws when one is a Time and one is not.
 */
export function compareTemporals(left: Temporal, right: Temporal): number | undefined {
  if ((left.kind === 'Time') !== (right.kind === 'Time'))
    throw new TypeError(`A ${left.kind} cannot be compared with a ${right.kind}`);
  if (left.precision === right.precision) return left.start - right.start;
  const precision = Math.min(left.precision, right.precision);
  const order = truncated(left, precision) - truncated(right, precision);
  return order === 0 ? undefined : order;
}

function truncated({ kind, start, precision: own }: Temporal, precision: number): number {
  if (own === precision) return start;
  if (kind === 'Time') return start - (start % unitMilliseconds(precision));
  const { year, month, day, milliseconds: time } = fields(start, undefined);
  return instant(
    {
      year,
      month: precision > 0 ? month : 0,
      day: precision > 1 ? day : 1,
      milliseconds: precision > 2 ? time - (time % unitMilliseconds(precision)) : 0,
    },
    undefined,
  );
}

function unitMilliseconds(precision: number): number {
  return precision === 3 ? 3_600_000 : precision === 4 ? 60_000 : 1;
}

export type CalendarUnit = (typeof calendarUnits)[number] | 'week' | 'millisecond';

/**
 * Adds a calendar duration (http://hl7.org/fhirpath/N1/#datetime-arithmetic). The result has the precision and the
 * offset of the value. Fractions count for seconds only; units finer than the precision are converted to it, whole
 * ones only. Throws when a Time is given days or more.
 */
export function addDuration(value: Temporal, amount: number, unit: CalendarUnit): Temporal {
  if (unit === 'week') return addDuration(value, Math.trunc(amount) * 7, 'day');
  if (unit === 'millisecond') return addDuration(value, amount / 1000, 'second');
  const wanted = calendarUnits.indexOf(unit);
  if (value.kind === 'Time' && wanted < 3) throw new TypeError(`A Time cannot be added to by ${unit}`);
  const whole = unit === 'second' ? amount : Math.trunc(amount);
  return wanted <= value.precision
    ? shift(value, whole, wanted)
    : shift(value, Math.trunc(coarser(whole, wanted, value.precision)), value.precision);
}

const secondsPerUnit = [365 * 86_400, 30 * 86_400, 86_400, 3600, 60, 1];

function coarser(amount: number, from: number, to: number): number {
  if (from === 1 && to === 0) return amount / 12;
  return (amount * secondsPerUnit[from]!) / secondsPerUnit[to]!;
}

function shift(value: Temporal, amount: number, unit: number): Temporal {
  if (value.kind === 'Time') {
    const day = 86_400_000;
    const start = (((value.start + Math.round(amount * secondsPerUnit[unit]! * 1000)) % day) + day) % day;
    return new Temporal('Time', timeText(start, value.precision), value.precision, start, 0);
  }
  const at = fields(value.start, value.offset);
  let start: number;
  if (unit > 2) {
    start = value.start + Math.round(amount * secondsPerUnit[unit]! * 1000);
  } else if (unit === 2) {
    start = instant({ ...at, day: at.day + amount }, value.offset);
  } else {
    const months = at.year * 12 + at.month + amount * (unit === 0 ? 12 : 1);
    const year = Math.floor(months / 12);
    const month = months - year * 12;
    start = instant({ ...at, year, month, day: Math.min(at.day, daysOf(year, month)) }, value.offset);
  }
  if (!(Math.abs(start) < 8e15)) throw new RangeError('The date is out of range');
  return new Temporal(value.kind, textOf(start, value), value.precision, start, value.offset);
}

function textOf(start: number, { precision, offset }: Pick<Temporal, 'precision' | 'offset'>): string {
  const { year, month, day, milliseconds: time } = fields(start, offset);
  const date = [pad(year, 4), pad(month + 1), pad(day)].slice(0, precision + 1).join('-');
  return precision < 3 ? date : `${date}T${timeText(time, precision)}${zoneText(offset)}`;
}

function timeText(time: number, precision: number): string {
  const parts = [pad(Math.floor(time / 3_600_000)), pad(Math.floor(time / 60_000) % 60)];
  const second = pad(Math.floor(time / 1000) % 60);
  parts.push(time % 1000 ? `${second}.${pad(time % 1000, 3)}` : second);
  return parts.slice(0, precision - 2).join(':');
}

function zoneText(offset: number | undefined): string {
  if (offset === undefined) return '';
  if (offset === 0) return 'Z';
  const minutes = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

function pad(number: number, length = 2): string {
  return String(number).padStart(length, '0');
}

/** An instant as a DateTime in the server's time zone, or as the Date of that day. */
export function temporalAt(time: Date, kind: 'Date' | 'DateTime'): Temporal {
  const offset = -time.getTimezoneOffset();
  const precision = kind === 'Date' ? 2 : 5;
  const text = textOf(time.getTime(), { precision, offset });
  return parse(kind, text)!;
}
