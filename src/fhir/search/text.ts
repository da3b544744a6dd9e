import { createHash } from 'node:crypto';

/** Accents on Latin, Greek and Cyrillic letters; marks of other scripts make other letters. */
const accents = /[\u0300-\u036f]+/g;
const punctuation = /\p{P}+/gu;
const spaces = /\s+/gu;
const plain = /^[a-z0-9 ]*$/;

/** Longer strings are found by this many of their first characters. */
const searchable = 1000;

/** Longer strings are sorted by this many of their first characters. */
const sortable = 128;

/**
 * A string as string searches compare it: "both have been normalized by case and accent", and punctuation and
 * repeated space are ignored (http://hl7.org/fhir/R4/search.html#string). Full-width forms equal the usual ones.
 * A text of nothing but punctuation keeps it, so that it can be found at all.
 */
export function normalise(text: string): string {
  const folded = fold(text.length > searchable ? text.slice(0, searchable) : text);
  if (plain.test(folded)) return folded.trim().replace(spaces, ' ');
  const letters = folded.replace(punctuation, '').replace(spaces, ' ').trim();
  return letters === '' ? folded.trim().replace(spaces, ' ') : letters;
}

/** Case, accents, and full-width and other compatibility forms made the same. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  if (plain.test(lower)) return lower;
  return lower.normalize('NFKD').replace(accents, '').toLowerCase().normalize('NFC');
}

/** The text itself, or, when it is long, its beginning and a digest that stands for the rest. */
export function exactly(text: string): string {
  if (text.length <= searchable) return text;
  return `${text.slice(0, 64)}…${createHash('sha256').update(text).digest('base64url')}`;
}

/** What a string is sorted by. */
export function sortKey(normalised: string): string {
  return normalised.length > sortable ? normalised.slice(0, sortable) : normalised;
}
