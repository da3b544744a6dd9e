import { type Element, isElement } from '../../resource.ts';
import { canonicalUnit, ucumSystem } from '../../units.ts';
import { impliedRange, nextDown, nextUp } from '../decimal.ts';
import { type Encoding, text } from '../encoding.ts';
import type { TypedValue } from '../path.ts';
import { numberRange, splitPrefix } from '../prefix.ts';
import type { Query } from '../query.ts';
import { always, type Span } from '../time.ts';
import { invalid, literal, split } from '../values.ts';

const currencies = 'urn:iso:std:iso:4217';

/** A span of numbers and the unit that they are in. */
interface Measure extends Span {
  /** An end that does not belong to the span. */
  open?: 'low' | 'high';
  system: string | undefined;
  code: string | undefined;
  unit: string | undefined;
}

/**
 * The intervals of a Quantity (also Age, Duration, Money, Range, SampledData): without regard to the unit, by `|=unit`
 * for its code and its human form, and by `|system|code`, for UCUM in base units
 * (http://hl7.org/fhir/R4/search.html#quantity).
 */
export function encodeQuantity({ value, type }: TypedValue, into: Encoding): void {
  const measure = isElement(value) ? measureOf(value, type) : undefined;
  if (measure === undefined) return;
  const { system, code, unit } = measure;
  const span = closed(measure);
  into.intervals.push({ suffix: '', ...span });
  if (code !== undefined) into.intervals.push({ suffix: `|=${code}`, ...span });
  if (unit !== undefined && unit !== code) into.intervals.push({ suffix: `|=${unit}`, ...span });
  if (system === undefined || code === undefined) {
    into.sort.push(span);
    return;
  }
  const { suffix, convert } = scale(system, code);
  const converted = closed(measure, convert);
  into.intervals.push({ suffix, ...converted });
  // In base units 2 g comes after 500 mg.
  into.sort.push(converted);
}

/** The span with both ends included, on a scale: an open end moves after the conversion, whose rounding would undo it. */
function closed({ low, high, open }: Measure, convert = (value: number) => value): Span {
  const [least, most] = [convert(low), convert(high)];
  return { low: open === 'low' ? nextUp(least) : least, high: open === 'high' ? nextDown(most) : most };
}

/** The interval that values of a unit are in, and how they come onto its scale. */
function scale(system: string, code: string): { suffix: string; convert: (value: number) => number } {
  const unit = system === ucumSystem ? canonicalUnit(code) : undefined;
  if (!unit) return { suffix: `|${system}|${code}`, convert: (value) => value };
  return {
    suffix: `|${system}|${unit.code}`,
    convert: (value) => (Math.abs(value) === Number.MAX_VALUE ? value : unit.convert(value)),
  };
}

function measureOf(value: Element, type: string): Measure | undefined {
  if (type === 'Range') return rangeOf(value);
  if (type === 'SampledData') return sampledData(value);
  if (typeof value.value !== 'number') return undefined;
  const currency = text(value, 'currency');
  if (currency !== undefined)
    return { ...point(value.value), system: currencies, code: currency, unit: undefined };
  return { ...compared(value.value, text(value, 'comparator')), ...unitOf(value) };
}

function unitOf(quantity: Element) {
  return { system: text(quantity, 'system'), code: text(quantity, 'code'), unit: text(quantity, 'unit') };
}

function point(value: number): Span {
  return { low: value, high: value };
}

/** What `Quantity.comparator` leaves open (http://hl7.org/fhir/R4/valueset-quantity-comparator.html). */
function compared(value: number, comparator: string | undefined): Pick<Measure, 'low' | 'high' | 'open'> {
  switch (comparator) {
    case '<':
      return { low: always.low, high: value, open: 'high' };
    case '<=':
      return { low: always.low, high: value };
    case '>':
      return { low: value, high: always.high, open: 'low' };
    case '>=':
      return { low: value, high: always.high };
    default:
      return point(value);
  }
}

function rangeOf(range: Element): Measure | undefined {
  const low = isElement(range.low) ? range.low : undefined;
  const high = isElement(range.high) ? range.high : undefined;
  const unit = low ?? high;
  if (unit === undefined) return undefined;
  return {
    low: typeof low?.value === 'number' ? low.value : always.low,
    high: typeof high?.value === 'number' ? high.value : always.high,
    ...unitOf(unit),
  };
}

/** From the smallest to the largest of the samples (http://hl7.org/fhir/R4/datatypes.html#SampledData). */
function sampledData(sampled: Element): Measure | undefined {
  const origin = isElement(sampled.origin) ? sampled.origin : undefined;
  if (typeof origin?.value !== 'number') return undefined;
  const factor = typeof sampled.factor === 'number' ? sampled.factor : 1;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const sample of (text(sampled, 'data') ?? '').split(' ')) {
    const data = Number(
      sample === 'L' ? sampled.lowerLimit : sample === 'U' ? sampled.upperLimit : sample || 'E',
    );
    if (Number.isNaN(data)) continue;
    const value = origin.value + data * factor;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? undefined : { low, high, ...unitOf(origin) };
}

/**
 * The query of one value `[prefix][number]`, `[prefix][number]|[system]|[code]` or `[prefix][number]||[code]`. Clients
 * write the bars also where nothing follows (HAPI's `andNoUnits()` gives `gt150||`): without a code no unit is meant,
 * whatever the system, since a system alone says nothing of the scale that the number is on.
 */
export function quantityQuery(name: string, value: string): Query {
  const [start, system, code, ...rest] = split(value, '|').map(literal);
  const [prefix, number] = splitPrefix(start!);
  const range = impliedRange(number);
  if (!range || rest.length > 0 || (system && code === undefined))
    throw invalid(name, {
      zh: `「${value}」不是 [prefix][number]|[system]|[code] 形式`,
      en: `"${value}" is not [prefix][number]|[system]|[code]`,
    });
  const { suffix, convert } = !code
    ? { suffix: '', convert: (each: number) => each }
    : system === ''
      ? { suffix: `|=${code}`, convert: (each: number) => each }
      : scale(system!, code);
  const converted = { value: convert(range.value), low: convert(range.low), high: convert(range.high) };
  return numberRange(prefix, converted, (low, high) => ({
    kind: 'interval',
    name: name + suffix,
    ...(low && { low }),
    ...(high && { high }),
  }));
}
