import { type Element, isElement } from '../../resource.ts';
import { type Encoding, list, text } from '../encoding.ts';
import type { TypedValue } from '../path.ts';
import { inclusiveRange, splitPrefix } from '../prefix.ts';
import type { Query } from '../query.ts';
import { always, type Span, spanOf } from '../time.ts';
import { invalid, literal } from '../values.ts';

/** The interval of a date, dateTime, instant, Period or Timing (http://hl7.org/fhir/R4/search.html#date). */
export function encodeDate({ value, type }: TypedValue, into: Encoding): void {
  const span =
    typeof value === 'string' ? spanOf(value) : isElement(value) ? explicitSpan(value, type) : undefined;
  if (span === undefined) return;
  into.intervals.push({ suffix: '', ...span });
  into.sort.push(span);
}

function explicitSpan(value: Element, type: string): Span | undefined {
  if (type === 'Timing') return timingSpan(value);
  return periodSpan(value);
}

/** "A missing lower boundary is less than any actual date. A missing upper boundary is greater than any." */
function periodSpan(period: Element): Span | undefined {
  const start = text(period, 'start');
  const end = text(period, 'end');
  if (start === undefined && end === undefined) return undefined;
  return {
    low: start === undefined ? always.low : (spanOf(start)?.low ?? always.low),
    high: end === undefined ? always.high : (spanOf(end)?.high ?? always.high),
  };
}

/** "The specified scheduling details are ignored and only the outer limits matter." */
function timingSpan(timing: Element): Span | undefined {
  const spans = list(timing, 'event').flatMap((event) =>
    typeof event === 'string' ? (spanOf(event) ?? []) : [],
  );
  const bounds = isElement(timing.repeat) ? timing.repeat.boundsPeriod : undefined;
  const period = isElement(bounds) ? periodSpan(bounds) : undefined;
  if (period) spans.push(period);
  if (spans.length === 0) return undefined;
  return {
    low: Math.min(...spans.map((span) => span.low)),
    high: Math.max(...spans.map((span) => span.high)),
  };
}

/** The query of one value with its prefix. `now` is what `ap` is measured from. */
export function dateQuery(name: string, value: string, now: number): Query {
  const { prefix, span, near } = parseDate(name, value, now);
  return inclusiveRange(prefix, span, near, (low, high) => ({
    kind: 'interval',
    name,
    ...(low && { low }),
    ...(high && { high }),
  }));
}

/** The query of one value of `_lastUpdated`, an instant that the store knows of every resource. */
export function lastUpdatedQuery(value: string, now: number): Query {
  const { prefix, span, near } = parseDate('_lastUpdated', value, now);
  return inclusiveRange(prefix, span, near, (low, high) => ({ kind: 'updated', is: { ...low, ...high } }));
}

/** `ap` takes "10% of the gap between now and the date" to both sides. */
function parseDate(name: string, value: string, now: number) {
  const [prefix, date] = splitPrefix(literal(value));
  // A `+` that was not percent-encoded arrives as a space.
  const span = spanOf(date.replace(' ', '+'));
  if (!span)
    throw invalid(name, {
      zh: `「${date}」不是 yyyy-mm-ddThh:mm:ss[Z|(+|-)hh:mm] 形式的日期`,
      en: `"${date}" is not a date of the form yyyy-mm-ddThh:mm:ss[Z|(+|-)hh:mm]`,
    });
  const gap = Math.abs(now - (span.low + span.high) / 2) / 10;
  return { prefix, span, near: { low: span.low - gap, high: span.high + gap } };
}
