import type { Element } from '../../resource.ts';
import { elementsOf, textOf } from '../resource-rules/members.ts';

/** An item of a questionnaire or of a response, with its place among its siblings. */
export interface PlacedItem {
  element: Element;
  index: number;
  linkId: string | undefined;
}

/** Items that are nested deeper are refused by the walk over the structure; they are not looked at here. */
export const deepest = 100;

/** The items that stand in an element. */
export function itemsOf(holder: Element): PlacedItem[] {
  return elementsOf(holder.item).map(({ element, index }) => ({
    element,
    index,
    linkId: textOf(element, 'linkId'),
  }));
}

/** A value with the FHIR type that the name of its member tells, e.g. `dateTime` of `valueDateTime`. */
export interface TypedValue {
  type: string;
  value: unknown;
}

/** The value of a choice such as `value[x]`; undefined where there is none, or only an extension. */
export function choiceOf(element: Element, stem: string): TypedValue | undefined {
  for (const name in element) {
    const suffix = name.startsWith(stem) ? name.slice(stem.length) : '';
    if (/^[A-Z]/.test(suffix)) return { type: typeNamed(suffix), value: element[name] };
  }
  return undefined;
}

/** Types that begin with a capital letter, as those of an answer can be. */
const complex = new Set(['Coding', 'Quantity', 'Reference', 'Attachment']);

function typeNamed(suffix: string): string {
  return complex.has(suffix) ? suffix : suffix[0]!.toLowerCase() + suffix.slice(1);
}

/** The answers of an item that say something: a value, or why there is none. */
export function answersOf(item: Element): { element: Element; index: number }[] {
  return elementsOf(item.answer);
}

/** True of an item that is answered, or has others in it. */
export function saysSomething(item: Element): boolean {
  return answersOf(item).length > 0 || elementsOf(item.item).length > 0;
}
