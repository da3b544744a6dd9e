import { normalise } from '../../fhir/search/text.ts';

/*
 * A string is kept in two terms, `name|~folded⏎` and `name|$exact`. The index has only the first: hardly any two strings that
 * differ are folded to the same, and the terms kept in the row tell them apart.
 */

const exactString = /^[^|]*\|\$/;

/** Whether a term may be absent from the index of terms where its row has it. */
export function isSettledByRow(term: string): boolean {
  return exactString.test(term);
}

/** The term by which the index finds all rows that may have a term which it has not. */
export function foldedOf(term: string): string {
  const bar = term.indexOf('|');
  return `${term.slice(0, bar)}|~${normalise(term.slice(bar + 2))}\n`;
}

/** Beyond so much, in code units, terms are not looked through. */
const mostLookedThrough = 32_768;

/** Of packed terms, those that the index is to have: all but exact strings whose folded form is among them. */
export function keysOf(packed: string): string {
  if (!packed.includes('|$') || packed.length > mostLookedThrough) return packed;
  const terms = JSON.parse(packed) as string[];
  const all = new Set(terms);
  return JSON.stringify(terms.filter((term) => !isSettledByRow(term) || !all.has(foldedOf(term))));
}
