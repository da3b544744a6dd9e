import { elements, string } from '../../fhir/elements.ts';
import type { Query } from '../../fhir/search/query.ts';
import type { Reader } from '../../store/store.ts';
import type { References } from '../reference.ts';
import { casePages } from './case-pages.ts';
import { localDay } from './local-time.ts';
import type { Named } from './page-shelf.ts';
import type { ReportPeriod } from './period.ts';
import type { Party, ReferralCase } from './referral-case.ts';

/** What reports count: a case, and the ICD-10 code of what it is for. */
export interface Fact extends ReferralCase {
  /** The code of the first diagnosis that has one, and what it is called there. */
  diagnosis?: { code: string; name: string };
  /** The month in which it was written, as `2026-11`. */
  month: string;
  /** Who owes a step that is overdue. */
  overdue?: Party;
}

/** So many Tasks are read at a time: others wait for no more than these texts. */
const pageSize = 100;

/** ICD-10 in the systems that diagnoses come in. */
const isIcd = (code: string) => /^[A-Z]\d\d/.test(code);

/** The facts of the referrals that were written within a period, page by page. */
export async function* factsWithin(
  reader: () => Reader,
  { references, now }: { references: References; now: number },
  period: Pick<ReportPeriod, 'from' | 'until'>,
  filter: Query,
): AsyncGenerator<Fact[], undefined> {
  for await (const { cases, shelf } of casePages(reader, references, period, filter, { each: pageSize })) {
    await shelf.fetch(cases.flatMap(({ reasons }) => reasons));
    yield cases.map((each) => {
      const diagnosis = diagnosisOf(each, shelf.at);
      const { owed } = each;
      return {
        ...each,
        month: localDay(each.times.authored).slice(0, 7),
        ...(diagnosis && { diagnosis }),
        ...(owed && owed.until < now && { overdue: owed.by }),
      };
    });
  }
}

function diagnosisOf({ reasons }: ReferralCase, at: Named): Fact['diagnosis'] {
  for (const path of reasons) {
    const condition = at(path);
    for (const concept of elements(condition, 'code')) {
      for (const coding of elements(concept, 'coding')) {
        const code = string(coding, 'code');
        if (code === undefined || !isIcd(code)) continue;
        return { code, name: string(coding, 'display') ?? string(concept, 'text') ?? code };
      }
    }
  }
  return undefined;
}
