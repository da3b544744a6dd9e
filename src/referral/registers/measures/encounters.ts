import { and, not, prefixQuery, type Query } from '../../../fhir/search/query.ts';
import { takeSlices } from '../../../store/slices.ts';
import type { Reader } from '../../../store/store.ts';
import type { Directory, Institution } from '../directory.ts';
import { type DayOfEncounters, type EncounterCache, tookPlace } from '../encounter-cache.ts';
import { daysAfter } from '../local-time.ts';
import { type ReportPeriod, readPeriod } from '../period.ts';
import { reportSlice } from '../report-slice.ts';
import type { MeasurePlan } from './measure.ts';
import { type GroupTally, openTally, type Tally } from './tally.ts';

/** The tiers at which a first contact is at the grassroots (基层). */
const grassroots: ReadonlySet<string> = new Set(['village', 'township']);

/** So many months at most are told apart. */
const mostMonths = 24;

/** How many encounters an institution had in a month. */
interface Counted {
  institution: Institution;
  month: string;
  number: number;
}

export interface EncounterSource {
  reader: () => Reader;
  directory: Directory;
  now: number;
  /** Given where who asks may count all encounters. */
  cache?: EncounterCache;
}

/** Of no referral: the patient came by themselves. */
const byThemselves = not(prefixQuery('based-on|>'));

/**
 * Counts first contacts by where they were: encounters that begin within a period and are of no referral. The denominator
 * has those of all institutions on record, the numerator those at the grassroots. Where the Measure asks how much stays in
 * the county it counts all visits, and what happened outside is added from the reports of others.
 */
export async function encounterTallies(
  plan: MeasurePlan,
  { reader, directory, now, cache }: EncounterSource,
  period: ReportPeriod,
  organization?: string,
): Promise<GroupTally[]> {
  const institutions = [...directory.values()].filter(
    ({ path, tier }) => tier !== undefined && (organization === undefined || path === organization),
  );
  const isCounted = ({ tier }: Institution) => plan.needsOutside || grassroots.has(tier!);
  const counted = cache
    ? await countKnown(cache.within(reader, { now }, period), institutions, plan)
    : await countEach(reader, institutions, period, plan);
  return plan.groups.map((group) => {
    const tally = openTally(group);
    const add = (into: Tally, of: number, isIn: boolean) => {
      for (const [index, { name }] of group.populations.entries())
        if (name !== 'numerator' || isIn) into.counts[index]! += of;
    };
    const stratum = (index: number, value: string): Tally => {
      const known = tally.strata[index]!.get(value) ?? openTally(group).whole;
      tally.strata[index]!.set(value, known);
      return known;
    };
    for (const { institution, month, number } of counted) {
      const isIn = isCounted(institution);
      add(tally.whole, number, isIn);
      for (const [index, { by }] of group.stratifiers.entries()) {
        if (by === 'sender') add(stratum(index, institution.path), number, isIn);
        if (by === 'sender-tier') add(stratum(index, institution.tier!), number, isIn);
        if (by === 'month') add(stratum(index, month), number, isIn);
      }
    }
    return tally;
  });
}

/** Adds up what is known of days. */
async function countKnown(
  days: AsyncIterable<readonly DayOfEncounters[]>,
  institutions: readonly Institution[],
  { needsOutside }: MeasurePlan,
): Promise<Counted[]> {
  const byPath = new Map(institutions.map((institution) => [institution.path, institution]));
  const counted = new Map<string, Counted>();
  for await (const sums of days) {
    for (const { day, provider, all, byThemselves } of sums) {
      const institution = byPath.get(provider);
      if (!institution) continue;
      const month = day.slice(0, 7);
      const key = `${month} ${provider}`;
      const sum = counted.get(key) ?? { institution, month, number: 0 };
      sum.number += needsOutside ? all : byThemselves;
      counted.set(key, sum);
    }
  }
  return [...counted.values()].filter(({ number }) => number > 0);
}

/** Asks the store, which counts what may be seen. */
async function countEach(
  reader: () => Reader,
  institutions: readonly Institution[],
  period: ReportPeriod,
  plan: MeasurePlan,
): Promise<Counted[]> {
  const pause = takeSlices(reportSlice);
  const counted: Counted[] = [];
  for (const institution of institutions) {
    for (const part of monthsOf(period)) {
      const number = await countOf(reader(), institution, part, plan);
      if (number > 0) counted.push({ institution, month: part.month, number });
      await pause();
    }
  }
  return counted;
}

function countOf(
  reader: Reader,
  { path }: Institution,
  { from, until }: Pick<ReportPeriod, 'from' | 'until'>,
  { needsOutside }: MeasurePlan,
): Promise<number> {
  const provided: Query = { kind: 'term', term: `service-provider|>${path}` };
  const begun: Query = { kind: 'interval', name: 'date', low: { gte: from, lt: until } };
  return reader.count(
    'Encounter',
    and([provided, begun, tookPlace, ...(needsOutside ? [] : [byThemselves])]),
  );
}

/** The months that a period is in, each as far as it lies within it; of a very long one the rest is the last. */
function monthsOf({
  start,
  end,
  from,
  until,
}: ReportPeriod): { month: string; from: number; until: number }[] {
  const months: { month: string; from: number; until: number }[] = [];
  for (let month = start.slice(0, 7); month <= end.slice(0, 7); ) {
    const whole = readPeriod(month)!;
    const isLast = months.length === mostMonths - 1;
    months.push({
      month,
      from: Math.max(from, whole.from),
      until: isLast ? until : Math.min(until, whole.until),
    });
    if (isLast) break;
    month = daysAfter(`${month}-28`, 4).slice(0, 7);
  }
  return months;
}
