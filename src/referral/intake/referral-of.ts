import { bundleOf, type ReferralBundle } from './bundle/bundle.ts';
import { isPressure } from './bundle/clinical.ts';
import { textIn } from './bundle/part.ts';
import { directionIn } from './bundle/referral.ts';
import type { Directory } from './directory/directory.ts';
import { findParties } from './directory/parties.ts';
import type { Problem } from './problem.ts';
import type { SentRow } from './read/sent.ts';
import type { FlatRow, RowReader } from './row.ts';

/** The transaction that a row becomes, or what is wrong with the row. */
export async function referralOf(
  sent: SentRow,
  reader: RowReader,
  directory: Directory,
  acting: string | undefined,
): Promise<
  { row: FlatRow; referral: ReferralBundle } | { number: string | undefined; problems: readonly Problem[] }
> {
  const { row, problems } = reader.read(sent);
  const number = textIn(row, 'referral-number');
  const further = [...problems, ...incoherent(row)];
  const found = await findParties(row, directory, reader.mapping, acting);
  if ('problems' in found) {
    const known = new Set(further.map(({ field }) => field));
    further.push(...found.problems.filter(({ field }) => !known.has(field)));
  }
  if (further.length > 0 || 'problems' in found) return { number, problems: further };
  return { row, referral: bundleOf(row, found.parties, reader.mapping) };
}

/** What is wrong with a row that no field alone shows. */
function incoherent(row: FlatRow): Problem[] {
  const problems: Problem[] = [];
  const pressure = textIn(row, 'blood-pressure');
  if (pressure !== undefined && !isPressure(pressure))
    problems.push({
      column: row.columns.get('blood-pressure')!,
      field: 'blood-pressure',
      found: pressure.slice(0, 100),
      expected: { zh: '收缩压/舒张压,如 162/98', en: 'systolic/diastolic, e.g. 162/98' },
      text: {
        zh: '血压须为 收缩压/舒张压,如 162/98',
        en: 'A blood pressure is systolic/diastolic, e.g. 162/98',
      },
    });
  if (row.values.has('indication') && directionIn({ row }) === undefined)
    problems.push({
      column: '转诊方向',
      field: 'direction',
      expected: { zh: '上转、下转或平转', en: 'up, down or lateral' },
      text: {
        zh: '缺少“转诊方向”,由转诊指征也得不出',
        en: 'The direction is missing, and does not follow from the indications',
      },
    });
  return problems;
}
