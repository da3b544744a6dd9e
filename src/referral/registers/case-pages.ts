import type { Resource } from '../../fhir/resource.ts';
import type { Query } from '../../fhir/search/query.ts';
import { takeSlices } from '../../store/slices.ts';
import type { Reader } from '../../store/store.ts';
import type { References } from '../reference.ts';
import { type PageSizes, type TaskFound, taskPages } from './cases.ts';
import { openPageShelf, type PageShelf } from './page-shelf.ts';
import type { ReportPeriod } from './period.ts';
import { caseOf, type ReferralCase } from './referral-case.ts';
import { reportSlice } from './report-slice.ts';

/** Some referrals that were written within a period. */
export interface CasePage {
  found: readonly TaskFound[];
  /** What each Task and its referral say, and the referral itself, as far as it may be seen. */
  cases: readonly ReferralCase[];
  referrals: readonly (Resource | undefined)[];
  /** Fetches what they name, until the next page. */
  shelf: PageShelf;
}

/** The referrals of a period, page by page: no more than one page is held, however long the period. */
export async function* casePages(
  reader: () => Reader,
  references: References,
  period: Pick<ReportPeriod, 'from' | 'until'>,
  filter: Query,
  sizes: PageSizes,
): AsyncGenerator<CasePage, undefined> {
  const shelf = openPageShelf(reader);
  const pause = takeSlices(reportSlice);
  for await (const found of taskPages(reader, period, filter, sizes)) {
    shelf.turn();
    const focus = found.map(({ task }) => {
      const referral = references.target(task, 'focus', 'ServiceRequest');
      return referral && `ServiceRequest/${referral.id}`;
    });
    await shelf.fetch(focus);
    await pause();
    const referrals = focus.map(shelf.at);
    const cases: ReferralCase[] = [];
    for (const [index, { task }] of found.entries()) {
      cases.push(caseOf(task, referrals[index], references));
      if (index % 10 === 0) await pause();
    }
    if (cases.length > 0) yield { found, cases, referrals, shelf };
    await pause();
  }
}
