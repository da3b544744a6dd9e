/**
 * What searches find a resource by: extracted once when a version is written, kept beside its text, compared by
 * both engines and by the matcher. A *term* is a string that is compared for equality or by prefix; the name of the
 * parameter stands before the first `|`, so that all terms of a parameter lie in the range `name|` … `name}`:
 *
 *     token        name|system|code   name||code (no system)   name|=code (any system)   name|system| (no code)
 *     reference    name|>Patient/123  name|>http://elsewhere/Patient/123  name|>urn:uuid:…
 *                  name|>http://canonical and, when it has a version, name|>http://canonical|1.0
 *     uri          name|#uri
 *     string       name|~normalised⏎ (a line feed, which is in no normalised string, shows where it ends)
 *                  name|$exact
 *     composite    name|first$second, each part as its own type writes it after the `|`; a `$` in a part is `\$`
 *     modifiers    name:identifier|system|value   name:identifier|=value   name:of-type|system|code|value
 *                  name:text|~normalised
 *     contained    name:Type.term with a term of the contained resource that a reference of this name leads to, and
 *                  name:Type.| to say that there is one; #Type.term for any contained resource
 *
 * Tokens and identifiers are folded (case, accents, width) but for parameters on nothing but `code`s.
 *
 * Intervals are the values of dates (milliseconds since the epoch), numbers and quantities, both ends included. Open
 * ends are ±Number.MAX_VALUE. A quantity has one for each way of asking: `name`, `name|=unit` for its code and its human
 * unit, `name|system|code`, for UCUM in base units. A composite with one: `name|first$value` and what follows the name
 * of that interval, `name|=8480-6$value|=mm[Hg]`. A position has two, `name.latitude` and `name.longitude`.
 * Those of contained resources have names made like their terms.
 */
export interface Entries {
  /** Distinct, in ascending code unit order. */
  terms: string[];
  intervals: Interval[];
  /** For each parameter that can be sorted by and has a value: its smallest and its largest. */
  sort: Record<string, { low: string | number; high: string | number }>;
  /**
   * Distinct words of the narrative, `t|word`, and of the content as far as the narrative does not have them, `c|word`.
   * Of text without spaces, such as Chinese, each pair of neighbours is a word.
   */
  words: string[];
}

/** A date, number or quantity. */
export interface Interval {
  name: string;
  low: number;
  high: number;
}

/** No parameter begins with an underscore and this. */
const readers = '_reader|';

/** The term of a resource that whoever has this label may read. */
export function readerTerm(label: string): string {
  return readers + label;
}

/** The query for all terms of readers. */
export const anyReader = { kind: 'terms', low: readers, high: `${readers}\u{10ffff}` } as const;

export const noEntries: Entries = { terms: [], intervals: [], sort: {}, words: [] };
