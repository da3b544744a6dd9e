import type { Query } from '../../../fhir/search/query.ts';
import { takeSlices } from '../../../store/slices.ts';
import type { Reader } from '../../../store/store.ts';
import type { References } from '../../reference.ts';
import { casePages } from '../case-pages.ts';
import type { CodeWords } from '../codes.ts';
import type { ReportPeriod } from '../period.ts';
import { reportSlice } from '../report-slice.ts';
import { type LedgerRow, pathsBehind, pathsNamed } from './columns.ts';

/** So many referrals are read at a time: few, so that the answer begins soon, and others wait for no page of texts. */
const pageSizes = { first: 50, each: 50 };

/** Where the rows of a ledger come from. */
export interface LedgerSource {
  /** The reader of one page, so that each has the time of one request. */
  reader(): Reader;
  references: References;
  words: CodeWords;
  now: number;
}

/** Some rows, and the texts of patients' resources that they were read from. */
export interface LedgerPage {
  rows: LedgerRow[];
  texts: readonly string[];
}

/** The rows of a period, page by page: no more than one page is held, however long the period. */
export async function* ledgerPages(
  { reader, references, words, now }: LedgerSource,
  period: Pick<ReportPeriod, 'from' | 'until'>,
  filter: Query,
): AsyncGenerator<LedgerPage, undefined> {
  const pause = takeSlices(reportSlice);
  let row = 0;
  for await (const { found, cases, referrals, shelf } of casePages(
    reader,
    references,
    period,
    filter,
    pageSizes,
  )) {
    await shelf.fetch(cases.flatMap(pathsNamed));
    await pause();
    await shelf.fetch(cases.flatMap((each) => pathsBehind(each, shelf.at)));
    const rows = cases.map((each, index): LedgerRow => {
      row++;
      return { row, case: each, referral: referrals[index], named: shelf.at, words, now };
    });
    yield { rows, texts: [...found.map(({ match }) => match.version.text), ...shelf.texts()] };
  }
}
