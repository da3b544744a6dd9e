import { strToU8, Zip, ZipDeflate } from 'fflate';
import type { Cell } from './csv.ts';

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

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const documents = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const type = (part: string) => `application/vnd.openxmlformats-officedocument.spreadsheetml.${part}+xml`;

/** The parts of the file beside its sheet. */
const parts = (title: string): Readonly<Record<string, string>> => ({
  '[Content_Types].xml': `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type('sheet.main')}"/><Override PartName="/xl/styles.xml" ContentType="${type('styles')}"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type('worksheet')}"/></Types>`,
  '_rels/.rels': `<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${documents}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${documents}"><sheets><sheet name="${escaped(title.slice(0, 31))}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${documents}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${documents}/styles" Target="styles.xml"/></Relationships>`,
  'xl/styles.xml': `<styleSheet xmlns="${main}"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`,
});

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
  for (const [name, text] of Object.entries(parts(title))) {
    const part = new ZipDeflate(name, { level: 6 });
    archive.add(part);
    part.push(strToU8(head + text), true);
  }
  const sheet = new ZipDeflate('xl/worksheets/sheet1.xml', { level: 6 });
  archive.add(sheet);
  let row = 0;
  const write = (text: string, isEnd = false) => sheet.push(strToU8(text), isEnd);
  const lineOf = (cells: readonly Cell[], style = '') => {
    row++;
    return `<row r="${row}">${cells.map((cell, column) => cellOf(cell, columnName(column) + row, style)).join('')}</row>`;
  };
  write(
    `${head}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="${headings.length}" width="16" customWidth="1"/></cols><sheetData>${lineOf(headings, ' s="1"')}`,
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

function cellOf(cell: Cell, place: string, style: string): string {
  if (cell === undefined || cell === '') return '';
  if (typeof cell === 'number') return `<c r="${place}"${style}><v>${cell}</v></c>`;
  return `<c r="${place}"${style} t="inlineStr"><is><t xml:space="preserve">${escaped(cell.slice(0, mostCharacters))}</t></is></c>`;
}

/** A, B, … Z, AA, AB, … */
function columnName(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26));
  return column < 26 ? letter : columnName(Math.floor(column / 26) - 1) + letter;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text as XML can hold it: without the characters that it cannot. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"]/g, (character) => entities[character]!);
}
