import { string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import { or } from '../../fhir/search/query.ts';
import { chunksOf } from '../../store/chunks.ts';
import type { Reader, StoredVersion } from '../../store/store.ts';
import { refersTo } from '../queries.ts';
import type { References } from '../reference.ts';
import { createDayCache, withPrevious } from './day-cache.ts';
import { type Fact, factsWithin } from './facts.ts';
import { localDay } from './local-time.ts';
import type { ReportPeriod } from './period.ts';

/** So many facts at most are remembered: of a county year there are about 100,000, of which each takes some 700 bytes. */
const mostFacts = 150_000;
/** So many referrals at most are looked for behind one diagnosis, or behind some referrals. */
const mostFound = 1_000;
/** So many of them are named in one search. */
const idsAtOnce = 100;

/** Gives the facts of periods, and remembers them by the day on which the referrals were written. */
export interface FactCache {
  within(reader: () => Reader, source: FactRequest, period: ReportPeriod): AsyncGenerator<Fact[], undefined>;
}

interface FactRequest {
  references: References;
  now: number;
}

/** Remembers the facts of all referrals, for who may count all of them (`day-cache.ts`). */
export function createFactCache(): FactCache {
  const days = createDayCache<Fact, FactRequest>({
    kinds: ['Task', 'ServiceRequest', 'Condition'],
    most: mostFacts,
    daysOf,
    async *read(reader, source, span) {
      for await (const facts of factsWithin(reader, source, span, { kind: 'all' }))
        yield facts.map((fact) => [localDay(fact.times.authored), fact] as const);
    },
  });
  return {
    async *within(reader, source, period): AsyncGenerator<Fact[], undefined> {
      for await (const facts of days.within(reader, source, period))
        yield facts.map((fact) => asOf(fact, source.now));
    },
  };
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
  const tasks = changed.filter(({ type }) => type === 'Task');
  for (const { text } of await withPrevious(tasks, reader)) if (text) addDay(days, text);
  for (const { type, id } of changed) {
    if (type === 'ServiceRequest') requests.add(id);
    if (type === 'Condition') conditions.add(id);
  }
  for (const some of chunksOf([...conditions], idsAtOnce)) {
    const filter = or(some.map((id) => refersTo('reason-reference', { type: 'Condition', id })));
    const of = await reader.search({ type: 'ServiceRequest', filter, sort: [], limit: mostFound });
    for (const { version } of of) requests.add(version.id);
  }
  for (const some of chunksOf([...requests], idsAtOnce)) {
    const filter = or(some.map((id) => refersTo('focus', { type: 'ServiceRequest', id })));
    const found = await reader.search({ type: 'Task', filter, sort: [], limit: mostFound });
    for (const { version } of found) addDay(days, version.text);
  }
  return days;
}

function addDay(days: Set<string>, text: string): void {
  const written = Date.parse(string(JSON.parse(text) as Resource, 'authoredOn') ?? '');
  if (!Number.isNaN(written)) days.add(localDay(written));
}
