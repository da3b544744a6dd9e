import { string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import { or } from '../../fhir/search/query.ts';
import { takeSlices } from '../../store/slices.ts';
import type { Reader, StoredVersion } from '../../store/store.ts';
import { refersTo } from '../queries.ts';
import type { References } from '../reference.ts';
import { type Fact, factsWithin } from './facts.ts';
import { daysAfter, localDay, startOfDay } from './local-time.ts';
import type { ReportPeriod } from './period.ts';

/** So many facts at most are remembered: of a county year there are about 100,000, of which each takes some 700 bytes. */
const mostFacts = 150_000;
/** Of more changes than that since it last looked, it begins anew. */
const mostChanges = 1_000;
/** So much the clocks of servers may differ, in milliseconds. */
const clockSkew = 5_000;

const kinds = ['Task', 'ServiceRequest', 'Condition'] as const;

/** Gives the facts of periods, and remembers them by the day on which the referrals were written. */
export interface FactCache {
  within(reader: () => Reader, source: FactRequest, period: ReportPeriod): AsyncGenerator<Fact[], undefined>;
}

interface FactRequest {
  references: References;
  now: number;
}

/**
 * Remembers the facts of all referrals, for who may count all of them. Each time it is asked it first looks at what was
 * written since, by whichever server, in the store's history, and reads the days anew that this is about: so it says what
 * a recount would.
 */
export function createFactCache(): FactCache {
  const days = new Map<string, Fact[]>();
  let known = 0;
  let lookedAt: number | undefined;
  let looking: Promise<void> = Promise.resolve();

  const forget = (day: string) => {
    known -= days.get(day)?.length ?? 0;
    days.delete(day);
  };
  const remember = (day: string, facts: Fact[]) => {
    forget(day);
    for (const oldest of days.keys()) {
      if (known + facts.length <= mostFacts) break;
      forget(oldest);
    }
    days.set(day, facts);
    known += facts.length;
  };

  async function catchUp(reader: Reader, now: number): Promise<void> {
    if (lookedAt !== undefined && days.size > 0) {
      const changed = await reader.history({ types: kinds, since: lookedAt, limit: mostChanges });
      const isTooMuch = changed.length >= mostChanges;
      for (const day of isTooMuch ? [...days.keys()] : await daysOf(changed, reader)) forget(day);
    }
    lookedAt = now - clockSkew;
  }

  async function* within(
    reader: () => Reader,
    source: FactRequest,
    period: ReportPeriod,
  ): AsyncGenerator<Fact[], undefined> {
    // Who comes while another looks waits for what that finds.
    looking = looking.catch(() => {}).then(() => catchUp(reader(), source.now));
    await looking;
    const pause = takeSlices();
    let fresh: ReadonlyMap<string, Fact[]> = new Map();
    for (let day = period.start; day <= period.end; day = daysAfter(day, 1)) {
      if (!days.has(day) && !fresh.has(day))
        fresh = await read(day, lastUnknown(day, period.end), reader, source);
      // Of a long period what was read first can be forgotten before its turn.
      const facts = days.get(day) ?? fresh.get(day) ?? [];
      if (facts.length > 0) yield facts.map((fact) => asOf(fact, source.now));
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

  async function read(
    start: string,
    end: string,
    reader: () => Reader,
    source: FactRequest,
  ): Promise<ReadonlyMap<string, Fact[]>> {
    const found = new Map<string, Fact[]>();
    for (let day = start; day <= end; day = daysAfter(day, 1)) found.set(day, []);
    const span = { from: startOfDay(start), until: startOfDay(daysAfter(end, 1)) };
    for await (const facts of factsWithin(reader, source, span, { kind: 'all' })) {
      for (const fact of facts) found.get(localDay(fact.times.authored))?.push(fact);
    }
    for (const [day, facts] of found) remember(day, facts);
    return found;
  }

  return { within };
}

/** Whether a step is overdue is a matter of the present instant. */
function asOf(fact: Fact, now: number): Fact {
  if (!fact.owed) return fact;
  const { overdue: _, ...rest } = fact;
  return fact.owed.until < now ? { ...rest, overdue: fact.owed.by } : rest;
}

/** The days of the referrals that versions are about: of their Tasks, of what those coordinate, or of a diagnosis. */
async function daysOf(changed: readonly StoredVersion[], reader: Reader): Promise<Set<string>> {
  const days = new Set<string>();
  const requests = new Set<string>();
  const conditions = new Set<string>();
  for (const version of changed) {
    if (version.type === 'Task') {
      const text = version.text ?? (await reader.readVersion('Task', version.id, version.version - 1))?.text;
      if (text) addDay(days, text);
    } else (version.type === 'Condition' ? conditions : requests).add(version.id);
  }
  for (const id of conditions) {
    const filter = refersTo('reason-reference', { type: 'Condition', id });
    const of = await reader.search({ type: 'ServiceRequest', filter, sort: [], limit: mostChanges });
    for (const { version } of of) requests.add(version.id);
  }
  const all = [...requests];
  for (let from = 0; from < all.length; from += 100) {
    const some = all.slice(from, from + 100).map((id) => refersTo('focus', { type: 'ServiceRequest', id }));
    const tasks = await reader.search({ type: 'Task', filter: or(some), sort: [], limit: mostChanges });
    for (const { version } of tasks) addDay(days, version.text);
  }
  return days;
}

function addDay(days: Set<string>, text: string): void {
  const written = Date.parse(string(JSON.parse(text) as Resource, 'authoredOn') ?? '');
  if (!Number.isNaN(written)) days.add(localDay(written));
}
