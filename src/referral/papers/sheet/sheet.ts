import { elements, string } from '../../../fhir/elements.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import type { Blanks } from '../record/blanks.ts';

/** A paper as it is printed: what it says, and nothing of how it looks. */
export interface Sheet {
  title: string;
  /** What the QR code of each part holds. */
  number: string | undefined;
  /** What stands in its corner. */
  corner: Field[];
  parts: SheetPart[];
  /** The instant that the paper is of, in milliseconds since the epoch. */
  made: number;
}

/** A part that can be cut off: the stub, the form. */
export interface SheetPart {
  heading: string;
  lines: Line[];
}

/** A label and what stands beside it; without a value a blank to write on. */
export interface Field {
  label: string;
  value: string | undefined;
  /** A blank for a date has the places of year, month and day. */
  isDate?: boolean;
}

/** A piece of a sentence: printed as it is, or filled into a blank. */
export type Run = { text: string } | { blank: string; value: string | undefined };

export type Line =
  | { kind: 'sentence'; runs: Run[] }
  | { kind: 'row'; fields: Field[] }
  | { kind: 'section'; label: string; text: string | undefined }
  | { kind: 'signature'; fields: Field[] };

/** A box to tick, unless it is filled. */
const boxes: ReadonlySet<string> = new Set(['agrees', 'refuses']);

/**
 * A paper from its form: a Questionnaire, whose groups are the parts. Its description says how its items are read.
 */
export function sheetOf(form: Resource, blanks: Blanks, made: number): Sheet {
  const title = string(form, 'title')?.split(' / ', 1)[0] ?? '';
  return {
    title,
    number: blanks.get('referral-number'),
    corner: [
      { label: '转诊单编号', value: blanks.get('referral-number') },
      { label: '转诊证明编号', value: blanks.get('certificate') },
    ].filter(({ value }) => value !== undefined),
    parts: elements(form, 'item').map((part) => ({
      heading: string(part, 'text') ?? title,
      lines: elements(part, 'item').map((item) => lineOf(item, blanks)),
    })),
    made,
  };
}

function lineOf(item: Element, blanks: Blanks): Line {
  const label = string(item, 'text') ?? '';
  switch (item.type) {
    case 'display':
      return { kind: 'sentence', runs: runsOf(label, blanks) };
    case 'group': {
      const fields = elements(item, 'item').map((each) => fieldOf(each, blanks));
      return { kind: nameOf(item) === 'signature' ? 'signature' : 'row', fields };
    }
    case 'text':
      return { kind: 'section', label, text: blanks.get(nameOf(item)) };
    default:
      return { kind: 'row', fields: [fieldOf(item, blanks)] };
  }
}

function fieldOf(item: Element, blanks: Blanks): Field {
  return {
    label: string(item, 'text') ?? '',
    value: blanks.get(nameOf(item)),
    ...(item.type === 'date' && { isDate: true }),
  };
}

/** What a blank is called: the last part of its linkId. */
function nameOf(item: Element): string {
  return string(item, 'linkId')?.split('.').at(-1) ?? '';
}

function runsOf(text: string, blanks: Blanks): Run[] {
  return text.split(/(\{[\w-]+\})/).flatMap((piece): Run[] => {
    const name = /^\{([\w-]+)\}$/.exec(piece)?.[1];
    if (name === undefined) return piece === '' ? [] : [{ text: piece }];
    const value = blanks.get(name);
    return boxes.has(name) ? [{ text: value ?? '□' }] : [{ blank: name, value }];
  });
}

/** The colon of Chinese print, behind a label. */
export const colon = '\uff1a';

/** What stands in a blank that is to be filled by hand. */
export const emptyDate = '    年    月    日';

/** Whether a blank of this name takes a date. */
export function takesDate(name: string): boolean {
  return name.endsWith('date');
}
