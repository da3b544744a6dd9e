import { stringify } from 'csv-stringify/sync';

/** What spreadsheet programs take for UTF-8: it comes first in a file. */
export const byteOrderMark = '\ufeff';

/** What a cell holds. */
export type Cell = string | number | undefined;

/**
 * Rows as CSV (RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe in front
 * (https://owasp.org/www-community/attacks/CSV_Injection): what stands in it was written by others.
 */
export function csvOf(rows: readonly (readonly Cell[])[]): string {
  return stringify(rows as Cell[][], { record_delimiter: 'windows', escape_formulas: true });
}
