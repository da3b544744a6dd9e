import { elements } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { extensions } from '../vocabulary.ts';

const minute = 60_000;
const day = 1_440 * minute;

/** China has one time zone, without summer time: UTC+8. */
const zone = 8 * 60 * minute;

/** A year and some: a service that is never open must not be waited for without end. */
const mostDays = 400;

const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** From and until when on a day, in milliseconds since its midnight. */
type Span = readonly [from: number, until: number];

/**
 * When a service is open: its weekly hours (`availableTime`), without the times at which it is closed (`notAvailable`,
 * for instance holidays), and with the days that are worked for them (调休, extension `working-day`), on which the hours
 * of a Monday hold (http://hl7.org/fhir/R4/healthcareservice.html).
 */
export interface OpeningHours {
  /** The spans of one day, given by the number of days since the epoch in local time. */
  of(dayNumber: number): readonly Span[];
}

/** Reads the hours of a HealthcareService. One that states none is open always. */
export function openingHours(service: Resource): OpeningHours {
  const weekly = elements(service, 'availableTime');
  if (weekly.length === 0) return { of: () => [[0, day]] };
  const closed = elements(service, 'notAvailable').flatMap((each) => elements(each, 'during').map(daysOf));
  const worked = elements(service, 'extension')
    .filter(({ url }) => url === extensions.workingDay)
    .flatMap((each) => elements(each, 'valuePeriod').map(daysOf));
  const starting = names.map((name) =>
    weekly.filter(({ daysOfWeek }) => !Array.isArray(daysOfWeek) || daysOfWeek.includes(name)).map(spanOf),
  );
  const byDay = starting.map((spans, number) =>
    joined([...spans.map(untilMidnight), ...starting[(number + 6) % 7]!.flatMap(afterMidnight)]),
  );
  const holds = (spans: readonly Span[], number: number) =>
    spans.some(([from, until]) => number >= from && number <= until);
  return {
    of: (number) => {
      if (holds(worked, number)) return byDay[1]!;
      // 1 January 1970 was a Thursday.
      return holds(closed, number) ? [] : byDay[(((number + 4) % 7) + 7) % 7]!;
    },
  };
}

/** Hours that end before they start go on after midnight: their end is beyond the day. */
function spanOf({ allDay, availableStartTime, availableEndTime }: Element): Span {
  if (allDay === true) return [0, day];
  const [from, until] = [timeOf(availableStartTime, 0), timeOf(availableEndTime, day)];
  return [from, until > from ? until : until + day];
}

function untilMidnight([from, until]: Span): Span {
  return [from, Math.min(until, day)];
}

/** What hours that began the day before leave of this one. */
function afterMidnight([, until]: Span): Span[] {
  return until > day ? [[0, until - day]] : [];
}

/** In order, and what overlaps as one: no time counts twice. */
function joined(spans: readonly Span[]): Span[] {
  const all: [number, number][] = [];
  for (const [from, until] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], until);
    else all.push([from, until]);
  }
  return all;
}

/** The first and last day of a period, as numbers of days. */
function daysOf(period: object): Span {
  const { start, end } = period as { start?: unknown; end?: unknown };
  const number = (date: unknown, otherwise: number) => {
    const instant =
      typeof date === 'string' ? Date.parse(date.length === 10 ? `${date}T00:00:00+08:00` : date) : NaN;
    return Number.isNaN(instant) ? otherwise : Math.floor((instant + zone) / day);
  };
  return [number(start, Number.NEGATIVE_INFINITY), number(end, Number.POSITIVE_INFINITY)];
}

function timeOf(time: unknown, otherwise: number): number {
  const [, hours, minutes] = (typeof time === 'string' && /^(\d\d):(\d\d)/.exec(time)) || [];
  return hours === undefined ? otherwise : (Number(hours) * 60 + Number(minutes)) * minute;
}

/** The instant at which so much time has been open since `from`, all in milliseconds. */
export function afterOpenTime(hours: OpeningHours, from: number, duration: number): number {
  let left = duration;
  const first = Math.floor((from + zone) / day);
  for (let number = first; number < first + mostDays; number++) {
    for (const [start, end] of spansSince(hours, number, from)) {
      if (left <= end - start) return start + left;
      left -= end - start;
    }
  }
  return from + duration;
}

/** Whether a service is open at an instant, in milliseconds since the epoch. */
export function isOpenAt(hours: OpeningHours, instant: number): boolean {
  return openTimeBetween(hours, instant, instant + 1) > 0;
}

/** How much of the time between two instants was open, in milliseconds. */
export function openTimeBetween(hours: OpeningHours, from: number, until: number): number {
  let open = 0;
  const first = Math.floor((from + zone) / day);
  for (let number = first; number < first + mostDays && number * day - zone < until; number++) {
    for (const [start, end] of spansSince(hours, number, from))
      open += Math.max(0, Math.min(end, until) - start);
  }
  return open;
}

/** The spans of a day as instants, as far as they are not over. */
function* spansSince(hours: OpeningHours, number: number, from: number): Iterable<Span> {
  const midnight = number * day - zone;
  for (const [start, end] of hours.of(number)) {
    if (midnight + end > from) yield [Math.max(midnight + start, from), midnight + end];
  }
}
