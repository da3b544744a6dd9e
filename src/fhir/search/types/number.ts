import { isElement } from '../../resource.ts';
import { impliedRange } from '../decimal.ts';
import type { Encoding } from '../encoding.ts';
import type { TypedValue } from '../path.ts';
import { numberRange, splitPrefix } from '../prefix.ts';
import type { Query } from '../query.ts';
import { always } from '../time.ts';
import { invalid, literal } from '../values.ts';

/** The interval of a number, or of a Range of numbers (http://hl7.org/fhir/R4/search.html#number). */
export function encodeNumber({ value }: TypedValue, into: Encoding): void {
  const low = typeof value === 'number' ? value : end(value, 'low');
  const high = typeof value === 'number' ? value : end(value, 'high');
  if (low === undefined && high === undefined) return;
  const interval = { low: low ?? always.low, high: high ?? always.high };
  into.intervals.push({ suffix: '', ...interval });
  into.sort.push(interval);
}

function end(range: unknown, side: 'low' | 'high'): number | undefined {
  if (!isElement(range)) return undefined;
  const quantity = side in range ? range[side] : range;
  const value = isElement(quantity) ? quantity.value : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** The query of one value with its prefix. */
export function numberQuery(name: string, value: string): Query {
  const [prefix, number] = splitPrefix(literal(value));
  const range = impliedRange(number);
  if (!range) throw invalid(name, { zh: `「${number}」不是数字`, en: `"${number}" is not a number` });
  return numberRange(prefix, range, (low, high) => ({
    kind: 'interval',
    name,
    ...(low && { low }),
    ...(high && { high }),
  }));
}
