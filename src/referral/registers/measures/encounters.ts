import type { Reader } from '../../../store/store.ts';
import type { Directory, Institution } from '../directory.ts';
import type { DayOfEncounters, EncounterCache } from '../encounter-cache.ts';
import type { ReportPeriod } from '../period.ts';
import type { MeasurePlan } from './measure.ts';
import { type GroupTally, openTally, type Tally } from './tally.ts';

/** The tiers at which a first contact is at the grassroots (基层). */
const grassroots: ReadonlySet<string> = new Set(['village', 'township']);

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
  /** What is known of the days as who asks may count them. */
  cache: EncounterCache;
}

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
  const counted = await addUp(cache.within(reader, { now }, period), institutions, plan);
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

/** How many each institution had in each month. */
async function addUp(
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
