import fhirpath from 'fhirpath';
import { isElement } from '../resource.ts';
import { compareNumbers, equalNumbers, equivalentNumbers } from './number.ts';
import type { CalendarUnit } from './temporal.ts';
import { type ElementType, isA } from './types.ts';

/** A FHIRPath quantity (http://hl7.org/fhirpath/N1/#quantity): its unit is a UCUM code or a calendar duration. */
export class Quantity {
  readonly value: number;
  /** A UCUM code, or a calendar duration in the singular. */
  readonly unit: string;
  readonly calendar: boolean;
  /** It comes from a FHIR Quantity, where `a` and `mo` stand for calendar durations. */
  readonly recorded: boolean;
  /** The unit as it was written: `days`, where `unit` is `day`. */
  readonly word: string;

  constructor(value: number, unit: string, calendar: boolean, recorded = false, word = unit) {
    this.value = value;
    this.unit = unit;
    this.calendar = calendar;
    this.recorded = recorded;
    this.word = word;
  }

  toString(): string {
    return this.calendar ? `${this.value} ${this.word}` : `${this.value} '${this.unit}'`;
  }
}

const secondsPerUnit = new Map<string, number>([
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
  ['millisecond', 0.001],
]);

const calendarUnitOfCode = new Map<string, CalendarUnit>([
  ['a', 'year'],
  ['mo', 'month'],
  ['wk', 'week'],
  ['d', 'day'],
  ['h', 'hour'],
  ['min', 'minute'],
  ['s', 'second'],
  ['ms', 'millisecond'],
]);
const codeOfCalendarUnit = new Map([...calendarUnitOfCode].map(([code, unit]) => [unit as string, code]));

/** A quantity with a calendar duration, singular or plural; undefined when the word is none. */
export function duration(value: number, word: string): Quantity | undefined {
  const unit = word.endsWith('s') ? word.slice(0, -1) : word;
  return secondsPerUnit.has(unit) ? new Quantity(value, unit, true, false, word) : undefined;
}

/**
 * The FHIRPath quantity of a FHIR Quantity (http://hl7.org/fhir/R4/fhirpath.html#quantity): it must have a UCUM code.
 * Undefined for anything else. Throws when it has a comparator, since then its value is not known.
 */
export function quantityOf(value: object, type: ElementType): Quantity | undefined {
  if (!isElement(value) || value.system !== 'http://unitsofmeasure.org') return undefined;
  if (typeof value.value !== 'number' || typeof value.code !== 'string') return undefined;
  if (!isA(type, { namespace: 'FHIR', name: 'Quantity' })) return undefined;
  if (value.comparator !== undefined)
    throw new TypeError('A quantity with a comparator has no value to compute with');
  return new Quantity(value.value, value.code, false, true);
}

/** The calendar duration that a quantity stands for in date arithmetic; undefined when it stands for none. */
export function calendarUnit({ unit, calendar, recorded }: Quantity): CalendarUnit | undefined {
  if (calendar) return unit as CalendarUnit;
  return isLong(unit) && !recorded ? undefined : calendarUnitOfCode.get(unit);
}

/** The order of two quantities; undefined when their units do not compare. */
export function compareQuantities(left: Quantity, right: Quantity): number | undefined {
  return align(left, right, (a, b, status) => (status === 'other' ? undefined : compareNumbers(a, b)));
}

/** Whether two quantities are equal; undefined when a calendar and a definite duration do not compare. */
export function equalQuantities(left: Quantity, right: Quantity): boolean | undefined {
  return align(left, right, (a, b, status) => (status === 'other' ? false : equalNumbers(a, b)));
}

/** Whether two quantities are equivalent (http://hl7.org/fhirpath/N1/#quantity-equivalence). */
export function equivalentQuantities(left: Quantity, right: Quantity): boolean {
  if (left.unit === right.unit) return equivalentNumbers(left.value, right.value);
  const converted = convert(right.value, ucumCode(right), ucumCode(left));
  if (converted === undefined) return false;
  if (compareNumbers(converted, right.value) >= 0) return equivalentNumbers(left.value, converted);
  const back = convert(left.value, ucumCode(left), ucumCode(right));
  return back !== undefined && equivalentNumbers(back, right.value);
}

/** Brings two quantities to one unit and gives their values to `use`; undefined when durations cannot be mixed. */
function align<T>(
  left: Quantity,
  right: Quantity,
  use: (left: number, right: number, status: 'same' | 'other') => T,
): T | undefined {
  if (left.calendar === right.calendar && left.unit === right.unit)
    return use(left.value, right.value, 'same');
  if (left.calendar !== right.calendar && (isLong(left.unit) || isLong(right.unit))) {
    const [a, b] = [asCalendar(left), asCalendar(right)];
    return a && b ? align(a, b, use) : undefined;
  }
  if (left.calendar && right.calendar) {
    if (isLong(left.unit) && isLong(right.unit))
      return use(left.value * months(left.unit), right.value * months(right.unit), 'same');
    return use(
      left.value * secondsPerUnit.get(left.unit)!,
      right.value * secondsPerUnit.get(right.unit)!,
      'same',
    );
  }
  const converted = convert(right.value, ucumCode(right), ucumCode(left));
  return converted === undefined ? use(0, 0, 'other') : use(left.value, converted, 'same');
}

/** Longer than a week: its length depends on where in the calendar it lies. */
function isLong(unit: string): boolean {
  return unit === 'year' || unit === 'month' || unit === 'a' || unit === 'mo';
}

function months(unit: string): number {
  return unit === 'year' ? 12 : 1;
}

function asCalendar(quantity: Quantity): Quantity | undefined {
  if (quantity.calendar) return quantity;
  const unit = quantity.recorded ? calendarUnitOfCode.get(quantity.unit) : undefined;
  return unit && new Quantity(quantity.value, unit, true);
}

function ucumCode({ unit, calendar }: Quantity): string {
  return calendar ? codeOfCalendarUnit.get(unit)! : unit;
}

/** How to get from one UCUM unit to another: a factor, a special scale such as Celsius, or not at all. */
type Conversion = number | 'special' | undefined;

const conversions = new Map<string, Conversion>();

interface UcumResult {
  status: string;
  toVal: number;
  fromUnit: { isSpecial_: boolean; magnitude_: number };
  toUnit: { isSpecial_: boolean; magnitude_: number };
}

const ucum = (
  fhirpath as unknown as { ucumUtils: { convertUnitTo(from: string, value: number, to: string): UcumResult } }
).ucumUtils;

function convert(value: number, from: string, to: string): number | undefined {
  if (from === to) return value;
  const key = `${from} ${to}`;
  if (key.length > 200) return undefined;
  if (!conversions.has(key)) {
    if (conversions.size >= 2000) conversions.clear();
    conversions.set(key, conversion(from, to));
  }
  const found = conversions.get(key);
  return found === 'special'
    ? ucum.convertUnitTo(from, value, to).toVal
    : found === undefined
      ? found
      : value * found;
}

/** What a unit can be at all: of some that are not, the library writes to the console. */
const unitLike = /^[!-~]{1,100}$/;

function conversion(from: string, to: string): Conversion {
  if (!unitLike.test(from) || !unitLike.test(to)) return undefined;
  const { status, fromUnit, toUnit } = ucum.convertUnitTo(from, 1, to);
  if (status !== 'succeeded') return undefined;
  return fromUnit.isSpecial_ || toUnit.isSpecial_ ? 'special' : fromUnit.magnitude_ / toUnit.magnitude_;
}
