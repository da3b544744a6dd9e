import { and, not, or, prefixQuery, type Query } from '../../../fhir/search/query.ts';
import { takeSlices } from '../../../interactions/slices.ts';
import type { Reader } from '../../../store/store.ts';
import type { Directory, Institution } from '../directory.ts';
import { daysAfter } from '../local-time.ts';
import { type ReportPeriod, readPeriod } from '../period.ts';
import type { MeasurePlan } from './measure.ts';
import { type GroupTally, openTally, type Tally } from './tally.ts';

/** The tiers at which a first contact is at the grassroots (基层). */
const grassroots: ReadonlySet<string> = new Set(['village', 'township']);

/** So many months at most are told apart. */
const mostMonths = 24;

/** Of no referral: the patient came by themselves. */
const byThemselves = not(prefixQuery('based-on|>'));

/**
 * Counts first contacts by where they were: encounters that begin within a period and are of no referral. The denominator
 * has those of all institutions on record, the numerator those at the grassroots. Where the Measure asks how much stays in
 * the county it counts all visits, and what happened outside is added from the reports of others.
 */
export async function encounterTallies(
  plan: MeasurePlan,
  reader: () => Reader,
  directory: Directory,
  period: ReportPeriod,
  organization?: string,
): Promise<GroupTally[]> {
  const pause = takeSlices();
  const institutions = [...directory.values()].filter(
    ({ path, tier }) => tier !== undefined && (organization === undefined || path === organization),
  );
  const counted: [Institution, number][] = [];
  for (const institution of institutions) {
    counted.push([institution, await countOf(reader(), [institution], period, plan)]);
    await pause();
  }
  const isCounted = ({ tier }: Institution) => plan.needsOutside || grassroots.has(tier!);
  const monthly = await Promise.all(
    monthsOf(period).map(async (month) => {
      const within = readPeriod(month)!;
      const all = await countOf(reader(), institutions, within, plan);
      return [month, all, await countOf(reader(), institutions.filter(isCounted), within, plan)] as const;
    }),
  );
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
    for (const [institution, number] of counted) {
      if (number === 0) continue;
      add(tally.whole, number, isCounted(institution));
      for (const [index, { by }] of group.stratifiers.entries()) {
        if (by === 'sender') add(stratum(index, institution.path), number, isCounted(institution));
        if (by === 'sender-tier') add(stratum(index, institution.tier!), number, isCounted(institution));
      }
    }
    for (const [index, { by }] of group.stratifiers.entries()) {
      if (by !== 'month') continue;
      for (const [month, all, some] of monthly) {
        if (all === 0) continue;
        add(stratum(index, month), all - some, false);
        add(stratum(index, month), some, true);
      }
    }
    return tally;
  });
}

function countOf(
  reader: Reader,
  institutions: readonly Institution[],
  { from, until }: ReportPeriod,
  { needsOutside }: MeasurePlan,
): Promise<number> {
  const provided = or(
    institutions.map(({ path }): Query => ({ kind: 'term', term: `service-provider|>${path}` })),
  );
  const begun: Query = { kind: 'interval', name: 'date', low: { gte: from, lt: until } };
  return reader.count('Encounter', and([provided, begun, ...(needsOutside ? [] : [byThemselves])]));
}

/** The months that a period is in. */
function monthsOf({ start, end }: ReportPeriod): string[] {
  const months: string[] = [];
  for (let month = start.slice(0, 7); month <= end.slice(0, 7) && months.length < mostMonths; ) {
    months.push(month);
    month = daysAfter(`${month}-28`, 4).slice(0, 7);
  }
  // Of a part of a month the whole would be too much.
  return months.filter((month) => readPeriod(month)!.start >= start && readPeriod(month)!.end <= end);
}
