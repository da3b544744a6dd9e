import { normalise } from '../search/text.ts';
import type { Entry } from './concept.ts';
import { loadInitials } from './initials.ts';

/** Whether a concept is what somebody looks for who has typed a text. */
export type TextFilter = (concept: Entry) => boolean;

const letters = /^[a-z]{1,32}$/;

/**
 * The filter of `$expand`: "a text filter that is applied to restrict the codes that are returned"
 * (http://hl7.org/fhir/R4/valueset-operation-expand.html), as people type it: the start of the code, all words of the text
 * in the display or in a designation, or first letters of the pinyin of the display (gxy for 高血压).
 */
export async function textFilter(text: string): Promise<TextFilter> {
  const wanted = normalise(text).trim();
  const words = wanted.split(/\s+/);
  const initialsOf = letters.test(wanted) ? await loadInitials() : undefined;
  return ({ code, display = '', designation = [] }) => {
    if (normalise(code).startsWith(wanted)) return true;
    const texts = [display, ...designation.map(({ value }) => value)].map(normalise);
    if (texts.some((each) => words.every((word) => each.includes(word)))) return true;
    return initialsOf?.(display).includes(wanted) ?? false;
  };
}
