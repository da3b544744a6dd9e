/**
 * What searches find a resource by: extracted once when a version is written, kept beside its text, compared by
 * both engines and by the matcher. A *term* is a string that is compared for equality or by prefix; the name of the
 * parameter stands before the first `|`, so that all terms of a parameter lie in the range `name|` … `name}`:
 *
 *     token        name|system|code   name||code (no system)   name|=code (any system)
 *     reference    name|>Patient/123  name|>http://elsewhere/Patient/123
 *     uri          name|#uri
 *     string       name|~normalised   name|$exact
 *     modifiers    name:identifier|system|value   name:of-type|system|code|value   name:text|~normalised
 *
 * Quantities add one interval a way of asking: `name`, `name|system|code` (canonical units), `name|=code`.
 */
export interface Entries {
  /** Distinct, in ascending code unit order. */
  terms: string[];
  intervals: Interval[];
  /** For each parameter that can be sorted by: its smallest and its largest value. */
  sort: Record<string, { low: string | number; high: string | number }>;
  /** Distinct words (CJK: pairs of characters) of the narrative and of the content, `t|word` and `c|word`. */
  words: string[];
}

/**
 * A date (milliseconds since the epoch, both ends included), number or quantity. Open ends are ±Number.MAX_VALUE.
 */
export interface Interval {
  name: string;
  low: number;
  high: number;
}

export const noEntries: Entries = { terms: [], intervals: [], sort: {}, words: [] };
