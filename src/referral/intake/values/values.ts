import type { Text } from '../../../fhir/outcome.ts';
import type { Coding } from '../../../fhir/resource.ts';
import type { CodeTable } from '../code-table.ts';
import type { Field } from '../fields.ts';
import { readDate } from './dates.ts';

/** A value as it is understood: dates as FHIR writes them. */
export type Value = string | number | boolean | readonly Coding[];

/** A value, or what is expected instead of what was written. */
export type Reading = { value: Value } | { expected: Text };

const yes = new Set(['是', '有', '已', '已签', '同意', '对', '真', 'y', 'yes', 'true', '1', '√', '✓', '✔']);
const no = new Set([
  '否',
  '无',
  '未',
  '未签',
  '不同意',
  '没有',
  '不',
  '假',
  'n',
  'no',
  'false',
  '0',
  '×',
  '✗',
  'x',
]);

/** Reads what stands in the cell of a field. */
export function readValue(field: Field, written: unknown, table: CodeTable): Reading {
  switch (field.kind) {
    case 'text':
      return readText(written);
    case 'date':
    case 'dateTime':
      return readTime(field, written);
    case 'boolean':
      return readBoolean(written);
    case 'decimal':
      return readNumber(field, written);
    case 'code':
      return readCodes([textOf(written)], table);
    case 'codes':
      return readCodes(Array.isArray(written) ? written.map(textOf) : itemsOf(textOf(written), table), table);
    default:
      throw new TypeError(`Unknown kind ${field.kind satisfies never}`);
  }
}

function readText(written: unknown): Reading {
  if (isRounded(written)) return { expected: asText };
  const value = textOf(written);
  return value.isWellFormed() && !control.test(value) ? { value } : { expected: printable };
}

/** Characters that no resource holds (http://hl7.org/fhir/R4/datatypes.html#string), nor any paper. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are looked for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/u;

const printable: Text = { zh: '没有控制字符的文字', en: 'a text without control characters' };

const asText: Text = {
  zh: '文本(数字太长,已失去末位;请把单元格设为“文本”后重填)',
  en: 'a text: as a number it is too long, and its last figures are lost; make the cell a text and fill it in anew',
};

/** Whether a number has more figures than spreadsheets and JSON keep, such as a resident id. */
function isRounded(written: unknown): boolean {
  return typeof written === 'number' && Math.abs(written) > Number.MAX_SAFE_INTEGER;
}

/** A text without what is around it; of several, with semicolons between. A number keeps its digits. */
export function textOf(written: unknown): string {
  if (Array.isArray(written)) return written.map(textOf).join(';');
  return String(written).trim();
}

/** The items of a list: between semicolons and line ends, and between commas where no code has them in its name. */
function itemsOf(text: string, table: CodeTable): string[] {
  if (table.find(text)) return [text];
  const parts = splitList(text);
  return parts.flatMap((part) =>
    table.find(part)
      ? [part]
      : part
          .split(/[,,、]/u)
          .map((each) => each.trim())
          .filter(Boolean),
  );
}

/** What stands between semicolons and line ends. */
export function splitList(text: string): string[] {
  return text
    .split(/[;;|\n\r]+/u)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function readCodes(items: readonly string[], table: CodeTable): Reading {
  const codings = items.map((item) => table.find(item));
  const found = codings.filter((coding) => coding !== undefined);
  if (found.length === codings.length && found.length > 0) return { value: found };
  const shown = table.codings
    .slice(0, 12)
    .map(({ code, display }) => [code, display].filter(Boolean).join(' '));
  const more = table.codings.length > 12 ? '…' : '';
  return {
    expected: { zh: `${shown.join('、')}${more} 之一`, en: `one of ${shown.join(', ')}${more}` },
  };
}

function readBoolean(written: unknown): Reading {
  if (typeof written === 'boolean') return { value: written };
  const text = textOf(written).normalize('NFKC').toLowerCase();
  if (yes.has(text)) return { value: true };
  if (no.has(text)) return { value: false };
  return { expected: { zh: '是 或 否', en: 'yes or no' } };
}

const number = /^[+-]?\d{1,12}(?:\.\d{1,6})?/u;

/** What people write for a unit beside its code and its display. */
const otherUnits: Readonly<Record<string, readonly string[]>> = {
  Cel: ['c', '度', '摄氏度'],
  '/min': ['次', 'bpm', '次/min'],
  kg: ['公斤', '千克'],
  cm: ['厘米'],
  'mm[Hg]': ['毫米汞柱'],
};

/** A number, behind which its own unit may stand; another unit is not taken for it. */
function readNumber({ unit, unitDisplay }: Field, written: unknown): Reading {
  if (typeof written === 'number') return { value: written };
  const text = textOf(written).normalize('NFKC').replaceAll(' ', '').toLowerCase();
  const [digits = ''] = number.exec(text) ?? [];
  const rest = text.slice(digits.length);
  const units = ['', unit, unitDisplay, ...(otherUnits[unit ?? ''] ?? [])];
  const isOwn = units.some((each) => each?.normalize('NFKC').toLowerCase() === rest);
  if (digits !== '' && isOwn) return { value: Number(digits) };
  const shown = unitDisplay ?? unit;
  return {
    expected: {
      zh: `一个数${shown ? `,单位 ${shown}` : ''}`,
      en: `a number${shown ? `, in ${shown}` : ''}`,
    },
  };
}

function readTime({ kind }: Field, written: unknown): Reading {
  const read = readDate(written as string | number);
  if ('problem' in read) return { expected: expectedDate[read.problem] };
  const { date, time } = read;
  return { value: kind === 'date' || time === undefined ? date : `${date}T${time}` };
}

const expectedDate: Readonly<Record<'unreadable' | 'ambiguous' | 'impossible', Text>> = {
  unreadable: {
    zh: '日期,如 2026-01-05、2026/1/5 9:30、2026年1月5日',
    en: 'a date, e.g. 2026-01-05, 2026/1/5 9:30',
  },
  ambiguous: {
    zh: '年份在前的日期(四位年份),如 2026/1/5;这样写分不清月和日',
    en: 'a date with the year, of four digits, first, e.g. 2026/1/5: of this it is not clear which is the month',
  },
  impossible: { zh: '日历上有的日期和时间', en: 'a date and time that exist' },
};
