import { stringify } from 'csv-stringify/sync';

/** What spreadsheet programs take for UTF-8. */
export const byteOrderMark = '\ufeff';

/** What a cell holds. */
export type Cell = string | number | undefined;

/**
 * Rows as CSV (RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe in front
 * (https://owasp.org/www-community/attacks/CSV_Injection): what stands in it was written by others.
 */
export function csvOf(rows: readonly (readonly Cell[])[]): string {
  return stringify(
    rows.map((row) => row.map(withoutIndentedFormula)),
    { record_delimiter: 'windows', escape_formulas: true },
  );
}

/** A whole file of it, as spreadsheet programs open it. */
export function csvFile(rows: readonly (readonly Cell[])[]): string {
  return byteOrderMark + csvOf(rows);
}

/** The library knows formulas by their first character alone; some programs look behind the spaces before it. */
function withoutIndentedFormula(cell: Cell): Cell {
  return typeof cell === 'string' && /^\s+[=+\-@]/.test(cell) ? `'${cell}` : cell;
}
