import PDFDocument from 'pdfkit';
import { qrMatrix } from '../sheet/matrix.ts';
import {
  colon,
  emptyDate,
  type Field,
  type Line,
  type Run,
  type Sheet,
  type SheetPart,
  takesDate,
} from '../sheet/sheet.ts';
import { inFont } from './characters.ts';
import type { LoadedFont } from './font.ts';
import { type Stretch, typeset } from './typeset.ts';

/** A4, in points: 1 mm is 2.835 of them. */
const page = { width: 595.28, height: 841.89, margin: 51, top: 42, bottom: 42 };
const body = { size: 10.5, leading: 19.5 };
/** What stands in a section. */
const told = { size: 10.5, leading: 16 };
const small = { size: 8.5, leading: 13 };
const headingSize = 15;
const codeSize = 62;
const blankWidth = 84;
/** Of the width of the page, what a signature takes. */
const signatureWidth = 230;

/** Draws a paper as a PDF (A4), in the given font, of which it embeds the characters that occur. */
export async function drawSheet(sheet: Sheet, font: LoadedFont): Promise<Buffer> {
  const made = new Date(sheet.made);
  const document = new PDFDocument({
    size: 'A4',
    margin: 0,
    lang: 'zh-CN',
    displayTitle: true,
    info: { Title: sheet.title, Creator: 'Zhuanzhen', CreationDate: made, ModDate: made },
  });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve, reject) => document.once('end', resolve).once('error', reject));
  document.registerFont('text', font.bytes).font('text');
  const pen = penOn(document, font);
  for (const [index, part] of sheet.parts.entries()) {
    if (index > 0) pen.cut();
    drawPart(pen, part, sheet);
  }
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

/** What draws from top to bottom, and goes on to the next page by itself. */
function penOn(document: PDFKit.PDFDocument, font: LoadedFont) {
  const left = page.margin;
  const width = page.width - 2 * page.margin;
  let y = page.top;

  const shown = (text: string) => inFont(text, font.hasCharacter);
  const measure = (text: string) => document.widthOfString(text);
  const room = (height: number) => {
    if (y + height <= page.height - page.bottom) return;
    document.addPage({ size: 'A4', margin: 0 });
    document.font('text');
    y = page.top;
  };
  const rule = (x: number, length: number, at: number) =>
    document
      .moveTo(x, at)
      .lineTo(x + length, at)
      .lineWidth(0.5)
      .stroke();
  const put = (text: string, x: number, at: number) => document.text(text, x, at, { lineBreak: false });
  /** Lines of a given width from `x` on; what is filled in has a line under it. */
  const lines = (stretches: readonly Stretch[], x: number, most: number, { size, leading } = body) => {
    document.fontSize(size);
    const set = typeset(
      stretches.map(({ text, isFilled }) => ({ text: shown(text), isFilled })),
      most,
      measure,
    );
    for (const line of set) {
      room(leading);
      for (const { text, isFilled, x: from, width: long } of line.stretches) {
        if (text.trim() !== '') put(text, x + from, y);
        if (isFilled) rule(x + from, long, y + size * 1.35);
      }
      y += leading;
    }
  };
  return {
    document,
    left,
    width,
    room,
    lines,
    /** A text in a blank of at least some width. */
    inBlank: (value: string | undefined, least: number): string => {
      document.fontSize(body.size);
      const space = measure(' ');
      const text = ` ${shown(value ?? '')} `;
      const missing = Math.max(0, least - measure(text));
      return text + ' '.repeat(Math.ceil(missing / space));
    },
    widthOf: (text: string) => {
      document.fontSize(body.size);
      return measure(shown(text));
    },
    rule,
    down: (height: number) => {
      y += height;
    },
    at: () => y,
    heading: (text: string) => {
      document.fontSize(headingSize);
      const title = shown(text);
      document.lineWidth(0.35).text(title, left, y, { width, align: 'center', fill: true, stroke: true });
    },
    cut: () => {
      y += 8;
      room(60);
      document.dash(4, { space: 3 });
      rule(page.margin / 2, page.width - page.margin, y);
      document.undash();
      y += 16;
    },
  };
}

type Pen = ReturnType<typeof penOn>;

function drawPart(pen: Pen, { heading, lines }: SheetPart, { number, corner }: Sheet): void {
  pen.room(codeSize + 60);
  const top = pen.at();
  pen.heading(heading);
  drawCode(pen, number, top);
  const below = corner.length * small.leading;
  pen.down(Math.max(headingSize + 12, codeSize - below - 2));
  for (const { label, value } of corner)
    pen.lines(
      [{ text: `${label}${colon}${value ?? ''}`, isFilled: false }],
      pen.left,
      pen.width - codeSize - 10,
      small,
    );
  pen.down(4);
  for (const line of lines) drawLine(pen, line);
}

function drawCode({ document, left, width }: Pen, number: string | undefined, top: number): void {
  const matrix = qrMatrix(number);
  if (!matrix) return;
  const field = codeSize / matrix.length;
  const start = left + width - codeSize;
  for (const [y, row] of matrix.entries())
    for (const [x, isDark] of row.entries())
      if (isDark) document.rect(start + x * field, top + y * field, field, field);
  document.fill('black');
}

function drawLine(pen: Pen, line: Line): void {
  switch (line.kind) {
    case 'sentence':
      pen.lines(
        line.runs.map((run) => stretchOf(pen, run)),
        pen.left,
        pen.width,
      );
      break;
    case 'row':
      drawRow(pen, line.fields);
      break;
    case 'section':
      drawSection(pen, line.label, line.text);
      break;
    case 'signature':
      drawSignature(pen, line.fields);
      break;
    default:
      throw new TypeError(`Unknown line ${line satisfies never}`);
  }
}

function stretchOf(pen: Pen, run: Run): Stretch {
  if ('text' in run) return { text: run.text, isFilled: false };
  const empty = takesDate(run.blank) ? emptyDate : '';
  return { text: pen.inBlank(run.value ?? empty, run.value === undefined ? blankWidth : 0), isFilled: true };
}

const labelOf = ({ label }: Field) => (label === '' ? '' : `${label}${colon}`);
const shownIn = ({ value, isDate }: Field) => value ?? (isDate ? emptyDate : '');

/** Fields beside each other, whose blanks share what is left of the line; more lines where one is too short. */
function drawRow(pen: Pen, fields: readonly Field[]): void {
  const gap = 10;
  const least = fields.map(
    (field) => pen.widthOf(labelOf(field)) + Math.max(44, pen.widthOf(` ${shownIn(field)} `)),
  );
  const needed = least.reduce((sum, each) => sum + each, 0) + gap * (fields.length - 1);
  if (needed > pen.width && fields.length > 1) {
    const half = Math.ceil(fields.length / 2);
    drawRow(pen, fields.slice(0, half));
    drawRow(pen, fields.slice(half));
    return;
  }
  const spare = Math.max(0, pen.width - needed) / fields.length;
  const stretches = fields.flatMap((field, index): Stretch[] => [
    { text: (index > 0 ? '  ' : '') + labelOf(field), isFilled: false },
    {
      text: pen.inBlank(shownIn(field), least[index]! - pen.widthOf(labelOf(field)) + spare - 8),
      isFilled: true,
    },
  ]);
  pen.lines(stretches, pen.left, pen.width);
}

function drawSection(pen: Pen, label: string, text: string | undefined): void {
  pen.room(3 * body.leading);
  pen.lines([{ text: `${label}${colon}`, isFilled: false }], pen.left, pen.width);
  const indent = 2 * body.size;
  if (text !== undefined) pen.lines([{ text, isFilled: false }], pen.left + indent, pen.width - indent, told);
  else
    for (let line = 0; line < 2; line++) {
      pen.rule(pen.left + indent, pen.width - indent, pen.at() + body.size * 1.35);
      pen.down(body.leading);
    }
  pen.down(2);
}

function drawSignature(pen: Pen, fields: readonly Field[]): void {
  pen.down(6);
  pen.room(fields.length * body.leading);
  const start = pen.left + pen.width - signatureWidth;
  for (const field of fields) {
    const least = signatureWidth - pen.widthOf(labelOf(field)) - 8;
    pen.lines(
      [
        { text: labelOf(field), isFilled: false },
        { text: pen.inBlank(shownIn(field), least), isFilled: true },
      ],
      start,
      signatureWidth,
    );
  }
}
