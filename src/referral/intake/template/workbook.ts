import { strToU8, zipSync } from 'fflate';
import { escapeText } from '../../../fhir/xml/escape.ts';
import { columnName } from '../read/table.ts';

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

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const documents = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const type = (part: string) => `application/vnd.openxmlformats-officedocument.spreadsheetml.${part}+xml`;

/** The styles: plain, a heading, and text, which keeps long numbers and dates as they are typed. */
const styles = `<styleSheet xmlns="${main}"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs></styleSheet>`;

/** An XLSX workbook (ECMA-376) of sheets whose first row is headings. */
export function workbookOf(sheets: readonly Sheet[]): Uint8Array {
  const numbered = sheets.map((sheet, index) => ({ sheet, number: index + 1 }));
  const files: Record<string, string> = {
    '[Content_Types].xml': `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type('sheet.main')}"/><Override PartName="/xl/styles.xml" ContentType="${type('styles')}"/>${numbered.map(({ number }) => `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${type('worksheet')}"/>`).join('')}</Types>`,
    '_rels/.rels': `<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${documents}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${documents}"><sheets>${numbered.map(({ sheet, number }) => `<sheet name="${escapeText(sheet.name)}" sheetId="${number}" r:id="rId${number}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${packages}/relationships">${numbered.map(({ number }) => `<Relationship Id="rId${number}" Type="${documents}/worksheet" Target="worksheets/sheet${number}.xml"/>`).join('')}<Relationship Id="rId${sheets.length + 1}" Type="${documents}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': styles,
    ...Object.fromEntries(
      numbered.map(({ sheet, number }) => [`xl/worksheets/sheet${number}.xml`, sheetXml(sheet)]),
    ),
  };
  const packed = Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, strToU8(head + text)]),
  );
  // Of one moment, so that the same template is the same file.
  return zipSync(packed, { level: 6, mtime: new Date('2026-01-01T00:00:00Z') });
}

function sheetXml({ rows, widths, choices = [], ready = 0 }: Sheet): string {
  const style = ready > 0 ? ' style="2"' : '';
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
      return `<dataValidation type="list" allowBlank="1" showErrorMessage="0" sqref="${name}2:${name}${ready + 1}"><formula1>${escapeText(range)}</formula1></dataValidation>`;
    })
    .join('');
  const validated =
    choices.length > 0 ? `<dataValidations count="${choices.length}">${validations}</dataValidations>` : '';
  return `<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${columns}</cols><sheetData>${lines}</sheetData>${validated}</worksheet>`;
}

function cellXml(cell: string, column: number, row: number): string {
  if (cell === '') return '';
  const style = row === 0 ? ' s="1"' : ' s="2"';
  return `<c r="${columnName(column)}${row + 1}"${style} t="inlineStr"><is><t xml:space="preserve">${escapeText(cell)}</t></is></c>`;
}
