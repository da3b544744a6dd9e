import { CsvError, parse } from 'csv-parse/sync';
import { refuse } from '../../../fhir/refusal.ts';
import { intakeLimits } from '../limits.ts';
import { intakeRefusals } from '../refusals.ts';
import type { Sent } from './sent.ts';
import { tableOf } from './table.ts';

/** What can stand between cells; the one that the first line has most of does. */
const delimiters = [',', '\t', ';', '\uff0c'] as const;

/**
 * Reads a CSV (RFC 4180): the first line names the columns. Refuses with 400, and the line, quotes that do not close and
 * rows of another length than the first, and with 413 what is too large.
 */
export function readCsv(text: string): Sent {
  let records: string[][];
  try {
    records = parse(text, {
      delimiter: delimiterOf(text),
      relax_column_count: true,
      to: intakeLimits.rows + 2,
      max_record_size: intakeLimits.columns * intakeLimits.cell,
    });
  } catch (error) {
    throw error instanceof CsvError ? refuseCsv(error) : error;
  }
  const [header, ...rows] = records.map((cells, index) => ({ number: index + 1, cells }));
  for (const { number, cells } of rows) {
    // A line with nothing on it is one empty cell.
    const surplus = cells.slice(header!.cells.length).some((cell) => cell.trim() !== '');
    if (surplus) throw refuseLine(number, header!.cells.length, cells.length);
  }
  return tableOf(header?.cells ?? [], rows);
}

function delimiterOf(text: string): string {
  const [first = ''] = text.split(/\r?\n/, 1);
  const unquoted = first.replace(/"[^"]*"/g, '');
  const counts = delimiters.map((delimiter) => unquoted.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))]!;
}

function refuseLine(line: number, expected: number, found: number) {
  return refuse(intakeRefusals.csv, [
    String(line),
    { zh: `有 ${found} 格,栏名只有 ${expected} 个`, en: `${found} cells, but ${expected} names of columns` },
  ]);
}

function refuseCsv(error: CsvError) {
  const { lines } = error as unknown as { lines?: number };
  const isQuote = /QUOTE/.test(error.code);
  return refuse(intakeRefusals.csv, [
    String(lines ?? '?'),
    isQuote
      ? { zh: '引号没有成对,或引号外还有文字', en: 'a quote is not closed, or there is text outside of it' }
      : { zh: '格式有误,或一行太长', en: 'it is not well-formed, or a line is too long' },
  ]);
}
