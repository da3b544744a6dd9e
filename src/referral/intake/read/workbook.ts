import { SaxesParser } from 'saxes';
import { refuse } from '../../../fhir/refusal.ts';
import { takeSlices } from '../../../store/slices.ts';
import { intakeRefusals } from '../refusals.ts';

const piece = 65_536;

/** A parser of one of the workbook's files, which refuses what is no XML, or has a DOCTYPE. */
export function openXml(): SaxesParser {
  const parser = new SaxesParser();
  const fail = () => {
    throw refuse(intakeRefusals.notXlsx, ['XML']);
  };
  parser.on('error', fail);
  parser.on('doctype', fail);
  return parser;
}

/** Runs a text through a parser, piece by piece, so that others have their turn between them. */
export async function parseXml(parser: SaxesParser, text: string): Promise<void> {
  const giveWay = takeSlices();
  for (let at = 0; at < text.length; at += piece) {
    parser.write(text.slice(at, at + piece));
    await giveWay();
  }
  parser.close();
}

/** The name of an element without its prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** The path of the first sheet that is shown. */
export async function firstSheet(workbook: string, relations: string | undefined): Promise<string> {
  let id: string | undefined;
  const parser = openXml();
  parser.on('opentag', ({ name, attributes }) => {
    if (id === undefined && localName(name) === 'sheet' && attributes.state !== 'hidden')
      id = String(attributes['r:id'] ?? Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1]);
  });
  await parseXml(parser, workbook);
  let target = 'worksheets/sheet1.xml';
  if (relations !== undefined) {
    const related = openXml();
    related.on('opentag', ({ name, attributes }) => {
      if (localName(name) === 'Relationship' && attributes.Id === id) target = String(attributes.Target);
    });
    await parseXml(related, relations);
  }
  return target.startsWith('/') ? target.slice(1) : `xl/${target}`;
}

/** The texts that cells refer to by number; what is spoken (phonetic runs) is left out. */
export async function sharedTexts(file: string | undefined): Promise<string[]> {
  const texts: string[] = [];
  if (file === undefined) return texts;
  let text = '';
  let isText = false;
  let phonetic = 0;
  const parser = openXml();
  parser.on('opentag', ({ name }) => {
    const local = localName(name);
    if (local === 'si') text = '';
    if (local === 'rPh') phonetic++;
    isText = local === 't' && phonetic === 0;
  });
  parser.on('text', (more) => {
    if (isText) text += more;
  });
  parser.on('closetag', ({ name }) => {
    const local = localName(name);
    if (local === 'rPh') phonetic--;
    if (local === 'si') texts.push(text);
    isText = false;
  });
  await parseXml(parser, file);
  return texts;
}

/** Formats of dates and times that have no text of their own (ECMA-376, 18.8.30), Chinese ones included. */
const builtInDates = new Set([
  14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 45, 46, 47, 50, 51, 52, 53, 54,
  55, 56, 57, 58,
]);

/** Tells by the number of a style whether its cells show dates. */
export async function dateStyles(file: string | undefined): Promise<(style: number) => boolean> {
  if (file === undefined) return () => false;
  const own = new Set<number>();
  const styles: boolean[] = [];
  let isInCells = false;
  const parser = openXml();
  parser.on('opentag', ({ name, attributes }) => {
    const local = localName(name);
    if (local === 'numFmt' && isDateFormat(String(attributes.formatCode)))
      own.add(Number(attributes.numFmtId));
    if (local === 'cellXfs') isInCells = true;
    if (local === 'xf' && isInCells) {
      const format = Number(attributes.numFmtId ?? 0);
      styles.push(builtInDates.has(format) || own.has(format));
    }
  });
  parser.on('closetag', ({ name }) => {
    if (localName(name) === 'cellXfs') isInCells = false;
  });
  await parseXml(parser, file);
  return (style) => styles[style] ?? false;
}

function isDateFormat(format: string): boolean {
  return /[ymdh]/i.test(format.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, ''));
}
