import { parseJson } from '../../../fhir/json/parse.ts';
import { refuse } from '../../../fhir/refusal.ts';
import { isElement } from '../../../fhir/resource.ts';
import { intakeLimits } from '../limits.ts';
import { intakeRefusals } from '../refusals.ts';
import { isEmpty, type Sent, type SentRow } from './sent.ts';
import { boundRows } from './table.ts';

/**
 * Reads JSON: one object, an array of them, or an object with the array in `rows`. Refuses with 400 what is no JSON (also
 * a name that stands twice), and what is no row.
 */
export function readJsonRows(text: string): Sent {
  const body = parseJson(text, intakeLimits.depth);
  const listed = isElement(body) && Array.isArray(body.rows) ? body.rows : body;
  const sent: unknown[] = Array.isArray(listed) ? listed : [listed];
  const rows = sent.flatMap((row, index): SentRow[] => {
    if (!isElement(row)) throw refuse(intakeRefusals.notRows);
    const names = Object.keys(row);
    if (names.length > intakeLimits.columns)
      throw refuse(intakeRefusals.tooManyColumns, [String(index + 1), String(intakeLimits.columns)]);
    const cells = new Map(names.filter((name) => !isEmpty(row[name])).map((name) => [name, row[name]]));
    return cells.size === 0 ? [] : [{ number: index + 1, cells }];
  });
  boundRows(rows);
  return { columns: [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))], rows };
}
