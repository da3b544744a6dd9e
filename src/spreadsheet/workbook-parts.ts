import { columnName } from './column-name.ts';

/** What an XLSX workbook is made of, whoever writes its rows (ECMA-376, Office Open XML). */

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const documents = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const type = (part: string) => `application/vnd.openxmlformats-officedocument.spreadsheetml.${part}+xml`;

/** What each part begins with. */
export const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** The formats of cells, by their place in the styles; text keeps long numbers and dates as they are typed. */
export const formats = { plain: 0, heading: 1, text: 2 } as const;
const styles = `<styleSheet xmlns="${main}"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs></styleSheet>`;

/** The parts of a workbook beside its sheets, without their declaration, by the names of the sheets. */
export function partsBeside(sheets: readonly string[]): Readonly<Record<string, string>> {
  const numbered = sheets.map((name, index) => ({ name: escaped(name), number: index + 1 }));
  const each = (text: (sheet: { name: string; number: number }) => string) => numbered.map(text).join('');
  return {
    '[Content_Types].xml': `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type('sheet.main')}"/><Override PartName="/xl/styles.xml" ContentType="${type('styles')}"/>${each(({ number }) => `<Override PartName="/${sheetPart(number)}" ContentType="${type('worksheet')}"/>`)}</Types>`,
    '_rels/.rels': `<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${documents}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${documents}"><sheets>${each(({ name, number }) => `<sheet name="${name}" sheetId="${number}" r:id="rId${number}"/>`)}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${packages}/relationships">${each(({ number }) => `<Relationship Id="rId${number}" Type="${documents}/worksheet" Target="worksheets/sheet${number}.xml"/>`)}<Relationship Id="rId${sheets.length + 1}" Type="${documents}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': styles,
  };
}

/** The name of the part that holds a sheet, counted from 1. */
export function sheetPart(number: number): string {
  return `xl/worksheets/sheet${number}.xml`;
}

/** How a sheet begins, up to its first row, which is headings and stays in view. `columns` are its `col` elements. */
export function sheetBeginning(columns: string): string {
  return `<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${columns}</cols><sheetData>`;
}

/** A text in a cell, counted from 0 and 1. It is stored as a text, which no spreadsheet runs as a formula. */
export function textCell(text: string, column: number, row: number, format: number): string {
  return `<c r="${columnName(column)}${row}"${formatOf(format)} t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
}

/** A number in a cell. */
export function numberCell(value: number, column: number, row: number, format: number): string {
  return `<c r="${columnName(column)}${row}"${formatOf(format)}><v>${value}</v></c>`;
}

function formatOf(format: number): string {
  return format === formats.plain ? '' : ` s="${format}"`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text as XML can hold it: without the characters that it cannot. */
export function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"]/g, (character) => entities[character]!);
}
