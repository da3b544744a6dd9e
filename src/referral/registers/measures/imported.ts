import { elements, string } from '../../../fhir/elements.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { and } from '../../../fhir/search/query.ts';
import { exactly } from '../../../fhir/search/text.ts';
import type { Reader } from '../../../store/store.ts';
import { hasCode } from '../../queries.ts';
import type { Target } from '../../reference.ts';
import { pathOf } from '../../reference.ts';
import { startOfDay } from '../local-time.ts';
import type { ReportPeriod } from '../period.ts';
import { type MeasurePlan, populationCode } from './measure.ts';
import { type GroupTally, openTally } from './tally.ts';

/** So many reports at most are added up for one. */
const most = 2_000;

/** What others have reported of a Measure for the whole of a period, or for parts of it that do not overlap. */
export interface Imported {
  tallies: GroupTally[];
  /** References to the reports. */
  reports: Element[];
}

/**
 * Adds up the reports of others (summaries that are complete) whose periods lie within one; of those that overlap and have
 * one reporter the latest counts. What nobody has reported is not made up: without a report there is nothing.
 */
export async function importedOf(
  plan: MeasurePlan,
  reader: Reader,
  period: ReportPeriod,
  reporter?: Target | undefined,
): Promise<Imported> {
  const url = plan.url.split('|', 1)[0]!;
  const found = await reader.search({
    type: 'MeasureReport',
    filter: and([{ kind: 'term', term: `measure|>${exactly(url)}` }, hasCode('status', 'complete')]),
    sort: [],
    limit: most,
  });
  const reports = withoutOverlaps(
    found
      .map(({ version }) => JSON.parse(version.text) as Resource)
      .filter((report) => isWithin(report, period) && isBy(report, reporter)),
  );
  const tallies = plan.groups.map(openTally);
  for (const report of reports) addReport(report, plan, tallies);
  return { tallies, reports: reports.map(({ id }) => ({ reference: `MeasureReport/${id}` })) };
}

function addReport(report: Resource, plan: MeasurePlan, tallies: readonly GroupTally[]): void {
  const given = elements(report, 'group');
  for (const [index, group] of plan.groups.entries()) {
    for (const population of elements(given[index], 'population')) {
      const at = group.populations.findIndex(({ name }) => name === populationCode(population));
      if (at >= 0) tallies[index]!.whole.counts[at]! += Number(population.count ?? 0);
    }
  }
}

function isWithin(report: Resource, { from, until }: ReportPeriod): boolean {
  const { start, end } = spanOf(report);
  return start >= from && end < until;
}

function spanOf(report: Resource): { start: number; end: number } {
  const [period] = elements(report, 'period');
  const [start, end] = ['start', 'end'].map((name) => startOfDay((string(period, name) ?? '').slice(0, 10)));
  return { start: start!, end: end! };
}

function isBy(report: Resource, reporter: Target | undefined): boolean {
  return reporter === undefined || reporterOf(report) === pathOf(reporter);
}

function reporterOf(report: Resource): string | undefined {
  return string(elements(report, 'reporter')[0], 'reference');
}

/** The newest first: what overlaps one of the same reporter that is kept already was reported anew. */
function withoutOverlaps(reports: readonly Resource[]): Resource[] {
  const kept: Resource[] = [];
  for (const report of reports) {
    const { start, end } = spanOf(report);
    const isKnown = kept.some((other) => {
      const span = spanOf(other);
      return reporterOf(other) === reporterOf(report) && start <= span.end && end >= span.start;
    });
    if (!isKnown) kept.push(report);
  }
  return kept;
}
