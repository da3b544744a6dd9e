import { strToU8, Zip, ZipDeflate } from 'fflate';
import type { Cell } from '../../../spreadsheet/csv.ts';
import {
  declaration,
  formats,
  numberCell,
  partsBeside,
  sheetBeginning,
  sheetPart,
  textCell,
} from '../../../spreadsheet/workbook-parts.ts';

/** A worksheet with one bold line of headings that stays in view (ECMA-376, Office Open XML). */
export interface Workbook {
  /** What is done of the file so far, and not taken yet. */
  take(): Uint8Array[];
  add(rows: readonly (readonly Cell[])[]): void;
  /** Writes what is left. */
  end(): void;
}

/** What Excel takes of a cell at most, in characters. */
const mostCharacters = 32_767;

/**
 * Writes a workbook as its rows come, so that it takes no more memory than some of them: its texts stand in their cells,
 * and the archive is deflated piece by piece. A text is stored as a text, which no spreadsheet runs as a formula.
 */
export function openWorkbook(title: string, headings: readonly string[]): Workbook {
  let done: Uint8Array[] = [];
  const archive = new Zip((error, data) => {
    if (error) throw error;
    done.push(data);
  });
  for (const [name, text] of Object.entries(partsBeside([title.slice(0, 31)]))) {
    const part = new ZipDeflate(name, { level: 6 });
    archive.add(part);
    part.push(strToU8(declaration + text), true);
  }
  const sheet = new ZipDeflate(sheetPart(1), { level: 6 });
  archive.add(sheet);
  let row = 0;
  const write = (text: string, isEnd = false) => sheet.push(strToU8(text), isEnd);
  const lineOf = (cells: readonly Cell[], format: number = formats.plain) => {
    row++;
    return `<row r="${row}">${cells.map((cell, column) => cellOf(cell, column, row, format)).join('')}</row>`;
  };
  write(
    `${declaration}${sheetBeginning(`<col min="1" max="${headings.length}" width="16" customWidth="1"/>`)}${lineOf(headings, formats.heading)}`,
  );
  return {
    take: () => {
      const taken = done;
      done = [];
      return taken;
    },
    add: (rows) => void write(rows.map((cells) => lineOf(cells)).join('')),
    end: () => {
      write('</sheetData></worksheet>', true);
      archive.end();
    },
  };
}

function cellOf(cell: Cell, column: number, row: number, format: number): string {
  if (cell === undefined || cell === '') return '';
  if (typeof cell === 'number') return numberCell(cell, column, row, format);
  return textCell(cell.slice(0, mostCharacters), column, row, format);
}
