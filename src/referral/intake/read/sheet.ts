import { refuse } from '../../../fhir/refusal.ts';
import { intakeLimits } from '../limits.ts';
import { intakeRefusals } from '../refusals.ts';
import { serialDate } from '../values/dates.ts';
import type { TableRow } from './table.ts';
import { localName, openXml, parseXml } from './workbook.ts';

/** What the cells of a sheet refer to. */
export interface SheetParts {
  texts: readonly string[];
  isDate(style: number): boolean;
  /** Whether its days are counted from 1904, as on old Macintoshes. */
  is1904: boolean;
}

/**
 * The rows of a sheet that hold something: texts, numbers, truth values, and dates as `2026-01-05` or
 * `2026-01-05T09:30`. It is read piece by piece, and no further than a row or column too many. Refuses formulas.
 */
export async function readSheet(sheet: string, parts: SheetParts): Promise<TableRow[]> {
  const rows: { number: number; cells: unknown[] }[] = [];
  let row = { number: 0, cells: [] as unknown[] };
  let cell: { name: string; column: number; type: string; style: number; text: string } | undefined;
  let isValue = false;
  let phonetic = 0;
  const parser = openXml();
  parser.on('opentag', ({ name, attributes }) => {
    const local = localName(name);
    if (local === 'row') {
      row = { number: Number(attributes.r ?? row.number + 1), cells: [] };
      rows.push(row);
      if (rows.length > intakeLimits.rows + 2) dropEmpty(rows);
    } else if (local === 'c') {
      const place = String(attributes.r ?? '');
      const column = columnOf(place) ?? row.cells.length;
      if (column >= intakeLimits.columns)
        throw refuse(intakeRefusals.tooManyColumns, [String(row.number), String(intakeLimits.columns)]);
      cell = {
        name: place,
        column,
        type: String(attributes.t ?? 'n'),
        style: Number(attributes.s ?? 0),
        text: '',
      };
    } else if (local === 'f' && cell) throw refuse(intakeRefusals.formula, [cell.name]);
    else if (local === 'rPh') phonetic++;
    else isValue = (local === 'v' || local === 't') && phonetic === 0;
  });
  parser.on('text', (more) => {
    if (cell && isValue) cell.text += more;
  });
  parser.on('closetag', ({ name }) => {
    const local = localName(name);
    if (local === 'rPh') phonetic--;
    if (local === 'c' && cell) {
      row.cells[cell.column] = cellValue(cell, parts);
      cell = undefined;
    }
    isValue = false;
  });
  await parseXml(parser, sheet);
  return rows
    .filter(({ cells }) => isFilled(cells))
    .map(({ number, cells }) => ({ number, cells: Array.from(cells) }));
}

/** Sheets list rows that are only formatted: they are no rows of data. Refuses what is left and too many. */
function dropEmpty(rows: { cells: unknown[] }[]): void {
  const last = rows.pop()!;
  const filled = rows.filter(({ cells }) => isFilled(cells));
  if (filled.length > intakeLimits.rows + 1)
    throw refuse(intakeRefusals.tooManyRows, [String(intakeLimits.rows)]);
  rows.splice(0, rows.length, ...filled, last);
}

function isFilled(cells: readonly unknown[]): boolean {
  return cells.some((value) => value !== undefined && value !== '');
}

/** The position of the column in a place such as `AB12`. */
function columnOf(place: string): number | undefined {
  const [letters] = /^[A-Z]{1,3}/.exec(place) ?? [];
  if (letters === undefined) return undefined;
  return [...letters].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function cellValue(
  { type, style, text }: { type: string; style: number; text: string },
  parts: SheetParts,
): unknown {
  switch (type) {
    case 's':
      return parts.texts[Number(text)] ?? '';
    case 'b':
      return text === '1';
    case 'n': {
      if (text.trim() === '') return undefined;
      const number = Number(text);
      if (Number.isNaN(number)) return text;
      return parts.isDate(style) ? serialDate(number + (parts.is1904 ? 1_462 : 0)) : number;
    }
    default:
      // Texts of their own, dates in ISO 8601, and errors such as #REF!.
      return text;
  }
}
