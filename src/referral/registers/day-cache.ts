import { takeSlices } from '../../store/slices.ts';
import type { HistoryPosition, Reader, StoredVersion } from '../../store/store.ts';
import { daysAfter, startOfDay } from './local-time.ts';
import type { ReportPeriod } from './period.ts';
import { reportSlice } from './report-slice.ts';

/** So many changes are looked at in one go. */
const changesAtOnce = 1_000;
/** Of more changes than that since it last looked, it begins anew. */
const mostChanges = 20_000;
/** So much the clocks of servers may differ, in milliseconds. */
const clockSkew = 5_000;

/** Gives what there is of the days of a period, and remembers it by the day. */
export interface DayCache<T, S> {
  within(reader: () => Reader, source: S, period: ReportPeriod): AsyncGenerator<readonly T[], undefined>;
}

/** What is remembered of days, and how it is found. */
export interface DayCacheOptions<T, S> {
  /** The types that it is made from. */
  kinds: readonly string[];
  /** So many of them at most are remembered. */
  most: number;
  /** Reads what there is within a span, by its day. */
  read(
    reader: () => Reader,
    source: S,
    span: { from: number; until: number },
  ): AsyncIterable<readonly (readonly [day: string, T])[]>;
  /** The days that changed versions are, and were, about. */
  daysOf(changed: readonly StoredVersion[], reader: Reader): Promise<Iterable<string>>;
}

/**
 * Remembers what days hold, for who may see all of it. Each time it is asked it first looks at what was written since, by
 * whichever server, in the store's history, and reads the days anew that this is about: so it says what a recount would.
 */
export function createDayCache<T, S extends { now: number }>({
  kinds,
  most,
  read,
  daysOf,
}: DayCacheOptions<T, S>): DayCache<T, S> {
  const days = new Map<string, readonly T[]>();
  let known = 0;
  let lookedAt: number | undefined;
  let looking: Promise<void> = Promise.resolve();

  const forget = (day: string) => {
    known -= days.get(day)?.length ?? 0;
    days.delete(day);
  };
  const remember = (day: string, items: readonly T[]) => {
    forget(day);
    for (const oldest of days.keys()) {
      if (known + items.length <= most) break;
      forget(oldest);
    }
    days.set(day, items);
    known += items.length;
  };

  async function catchUp(reader: () => Reader, now: number): Promise<void> {
    if (lookedAt !== undefined && days.size > 0) await forgetChanged(reader, lookedAt);
    lookedAt = now - clockSkew;
  }

  async function forgetChanged(reader: () => Reader, since: number): Promise<void> {
    let after: HistoryPosition | undefined;
    for (let seen = 0; seen < mostChanges; seen += changesAtOnce) {
      const changed: StoredVersion[] = await reader().history({
        types: kinds,
        since,
        limit: changesAtOnce,
        ...(after && { after }),
      });
      for (const day of await daysOf(changed, reader())) forget(day);
      after = changed.at(-1);
      if (changed.length < changesAtOnce) return;
    }
    for (const day of [...days.keys()]) forget(day);
  }

  async function* within(
    reader: () => Reader,
    source: S,
    period: ReportPeriod,
  ): AsyncGenerator<readonly T[], undefined> {
    // Who comes while another looks waits for what that finds.
    looking = looking.catch(() => {}).then(() => catchUp(reader, source.now));
    await looking;
    const pause = takeSlices(reportSlice);
    let fresh: ReadonlyMap<string, readonly T[]> = new Map();
    for (let day = period.start; day <= period.end; day = daysAfter(day, 1)) {
      if (!days.has(day) && !fresh.has(day))
        fresh = await readDays(day, lastUnknown(day, period.end), reader, source);
      // Of a long period what was read first can be forgotten before its turn.
      const items = days.get(day) ?? fresh.get(day) ?? [];
      if (items.length > 0) yield items;
      await pause();
    }
  }

  /** All days in a row that are not known are read together, up to a month. */
  function lastUnknown(day: string, end: string): string {
    const month = daysAfter(day, 30);
    let last = day;
    while (last < end && last < month && !days.has(daysAfter(last, 1))) last = daysAfter(last, 1);
    return last;
  }

  async function readDays(
    start: string,
    end: string,
    reader: () => Reader,
    source: S,
  ): Promise<ReadonlyMap<string, readonly T[]>> {
    const found = new Map<string, T[]>();
    for (let day = start; day <= end; day = daysAfter(day, 1)) found.set(day, []);
    const span = { from: startOfDay(start), until: startOfDay(daysAfter(end, 1)) };
    for await (const items of read(reader, source, span)) {
      for (const [day, item] of items) found.get(day)?.push(item);
    }
    for (const [day, items] of found) remember(day, items);
    return found;
  }

  return { within };
}

/** A changed version, and the one before it where there is one: what it is about can have moved from another day. */
export async function withPrevious(
  changed: readonly StoredVersion[],
  reader: Reader,
): Promise<StoredVersion[]> {
  const found = [...changed];
  for (const { type, id, version } of changed) {
    const previous = version > 1 ? await reader.readVersion(type, id, version - 1) : undefined;
    if (previous) found.push(previous);
  }
  return found;
}
