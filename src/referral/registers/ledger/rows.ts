import type { Query } from '../../../fhir/search/query.ts';
import { takeSlices } from '../../../store/slices.ts';
import type { Reader } from '../../../store/store.ts';
import type { References } from '../../reference.ts';
import { tasksWithin } from '../cases.ts';
import type { CodeWords } from '../codes.ts';
import { openPageShelf } from '../page-shelf.ts';
import type { ReportPeriod } from '../period.ts';
import { caseOf } from '../referral-case.ts';
import { type LedgerRow, pathsBehind, pathsNamed } from './columns.ts';

/** So many referrals are read at a time; of the first page few, so that the answer begins soon. */
const pageSize = 200;
const firstPage = 50;

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
  const shelf = openPageShelf(reader);
  const pause = takeSlices();
  let row = 0;
  let limit = firstPage;
  let next: Awaited<ReturnType<typeof tasksWithin>>['next'];
  do {
    const page = await tasksWithin(reader(), period, { filter, after: next, limit });
    shelf.turn();
    const focus = page.found.map(({ task }) => {
      const referral = references.target(task, 'focus', 'ServiceRequest');
      return referral && `ServiceRequest/${referral.id}`;
    });
    await shelf.fetch(focus);
    await pause();
    const cases = page.found.map(({ task }, index) => caseOf(task, shelf.at(focus[index]), references));
    await shelf.fetch(cases.flatMap(pathsNamed));
    await pause();
    await shelf.fetch(cases.flatMap((each) => pathsBehind(each, shelf.at)));
    const rows = cases.map((each, index): LedgerRow => {
      row++;
      return { row, case: each, referral: shelf.at(focus[index]), named: shelf.at, words, now };
    });
    if (rows.length > 0)
      yield { rows, texts: [...page.found.map(({ match }) => match.version.text), ...shelf.texts()] };
    await pause();
    next = page.next;
    limit = pageSize;
  } while (next);
}
