import { refuse } from '../../../fhir/refusal.ts';
import { columnName } from '../../../spreadsheet/column-name.ts';
import { intakeLimits } from '../limits.ts';
import { intakeRefusals } from '../refusals.ts';
import { isEmpty, type Sent, type SentRow } from './sent.ts';

/** A row of a table, by position. */
export interface TableRow {
  number: number;
  cells: readonly unknown[];
}

/**
 * The rows of a table by the names of its columns; empty rows are left out, and keep their number. Refuses with 400 a
 * table without a header, and with 413 one that is too large.
 */
export function tableOf(header: readonly unknown[], rows: readonly TableRow[]): Sent {
  const names = header.map((name) => (isEmpty(name) ? '' : String(name).trim()));
  if (!names.some((name) => name !== '')) throw refuse(intakeRefusals.noHeader, ['/intake/referrals/schema']);
  if (names.length > intakeLimits.columns)
    throw refuse(intakeRefusals.tooManyColumns, ['1', String(intakeLimits.columns)]);
  const filled = rows.flatMap((row) => {
    const cells = cellsOf(names, row);
    return cells.size === 0 ? [] : [{ number: row.number, cells }];
  });
  boundRows(filled);
  return { columns: names.filter((name) => name !== ''), rows: filled };
}

/** Refuses with 413 more rows than one request may bring, and with 400 none. */
export function boundRows(rows: readonly SentRow[]): void {
  if (rows.length === 0) throw refuse(intakeRefusals.noRows);
  if (rows.length > intakeLimits.rows) throw refuse(intakeRefusals.tooManyRows, [String(intakeLimits.rows)]);
}

function cellsOf(names: readonly string[], { number, cells }: TableRow): Map<string, unknown> {
  const filled = new Map<string, unknown>();
  for (const [index, cell] of cells.entries()) {
    if (isEmpty(cell)) continue;
    if (typeof cell === 'string' && cell.length > intakeLimits.cell)
      throw refuse(intakeRefusals.tooLongCell, [String(number), String(intakeLimits.cell)]);
    const name = names[index] || columnName(index);
    // Two columns of one name are told apart here, and refused where it is known what they are.
    filled.set(filled.has(name) ? `${name} (${columnName(index)})` : name, cell);
  }
  return filled;
}
