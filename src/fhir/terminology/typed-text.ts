import { normalise } from '../search/text.ts';
import type { Entry } from './concept.ts';

/** What a person has typed to find a concept. */
export interface TypedText {
  /** Normalised: the start of a code, or what is in a display. */
  text: string;
  /** All of them are to be in one display or designation. */
  words: readonly string[];
  /** Whether it can be first letters of pinyin. */
  isLetters: boolean;
}

const letters = /^[a-z]{1,32}$/;

/**
 * The filter of `$expand`: "a text filter that is applied to restrict the codes that are returned"
 * (http://hl7.org/fhir/R4/valueset-operation-expand.html), as people type it: the start of the code, all words of the text
 * in the display or in a designation, or first letters of the pinyin of the display (gxy for 高血压).
 */
export function readTyped(given: string): TypedText {
  const text = normalise(given).trim();
  return { text, words: text.split(/\s+/).filter(Boolean), isLetters: letters.test(text) };
}

/**
 * Whether a concept is what was looked for.
 *
 * @param initials the first letters of the pinyin of its display, asked for only where they matter
 */
export function isFoundBy(
  { text, words, isLetters }: TypedText,
  { code, display = '', designation = [] }: Entry,
  initials: () => string,
): boolean {
  if (normalise(code).startsWith(text)) return true;
  const texts = [display, ...designation.map(({ value }) => value)].map(normalise);
  if (texts.some((each) => words.every((word) => each.includes(word)))) return true;
  return isLetters && initials().includes(text);
}
