import { strToU8, zipSync } from 'fflate';
import { columnName } from '../../../spreadsheet/column-name.ts';
import {
  declaration,
  escaped,
  formats,
  partsBeside,
  sheetBeginning,
  sheetPart,
  textCell,
} from '../../../spreadsheet/workbook-parts.ts';

/** A sheet of texts. */
export interface Sheet {
  name: string;
  rows: readonly (readonly string[])[];
  /** The widths of its columns, in characters. */
  widths: readonly number[];
  /** Columns of which a cell takes one of the texts in a range of another sheet, from the second row on. */
  choices?: readonly { column: number; range: string }[];
  /** How many rows, from the second on, are made ready for what is filled in. */
  ready?: number;
}

/** An XLSX workbook (ECMA-376) of sheets whose first row is headings. */
export function workbookOf(sheets: readonly Sheet[]): Uint8Array {
  const parts = {
    ...partsBeside(sheets.map(({ name }) => name)),
    ...Object.fromEntries(sheets.map((sheet, index) => [sheetPart(index + 1), sheetXml(sheet)])),
  };
  const packed = Object.fromEntries(
    Object.entries(parts).map(([name, text]) => [name, strToU8(declaration + text)]),
  );
  // Of one moment, so that the same template is the same file.
  return zipSync(packed, { level: 6, mtime: new Date('2026-01-01T00:00:00Z') });
}

function sheetXml({ rows, widths, choices = [], ready = 0 }: Sheet): string {
  const style = ready > 0 ? ` style="${formats.text}"` : '';
  const columns = widths
    .map(
      (width, index) =>
        `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"${style}/>`,
    )
    .join('');
  const lines = rows
    .map(
      (cells, index) =>
        `<row r="${index + 1}">${cells.map((cell, column) => cellXml(cell, column, index)).join('')}</row>`,
    )
    .join('');
  const validations = choices
    .map(({ column, range }) => {
      const name = columnName(column);
      return `<dataValidation type="list" allowBlank="1" showErrorMessage="0" sqref="${name}2:${name}${ready + 1}"><formula1>${escaped(range)}</formula1></dataValidation>`;
    })
    .join('');
  const validated =
    choices.length > 0 ? `<dataValidations count="${choices.length}">${validations}</dataValidations>` : '';
  return `${sheetBeginning(columns)}${lines}</sheetData>${validated}</worksheet>`;
}

function cellXml(cell: string, column: number, row: number): string {
  return cell === '' ? '' : textCell(cell, column, row + 1, row === 0 ? formats.heading : formats.text);
}
