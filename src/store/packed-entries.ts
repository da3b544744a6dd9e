import type { Entries } from '../fhir/search/entries.ts';

/**
 * Entries as texts: JSON, with `[name, low, high]` for an interval, but the words in a row with spaces between. In this
 * form hundreds of thousands of them go from one thread to another, and into a statement, without being looked at.
 */
export interface PackedEntries {
  terms: string;
  /** Of the terms those that are links or labels: what who writes a resource looks at. */
  links: readonly string[];
  intervals: string;
  sort: string;
  words: string;
}

/** Packs entries, unless they are. */
export function pack(entries: Entries | PackedEntries): PackedEntries {
  if (isPacked(entries)) return entries;
  const { terms, intervals, sort, words } = entries;
  return {
    terms: textsToJson(terms),
    links: terms.filter((term) => term.includes('|>') || term.startsWith('_security|')),
    intervals: JSON.stringify(intervals.map(({ name, low, high }) => [name, low, high])),
    sort: JSON.stringify(sort),
    words: words.join(' ').toWellFormed(),
  };
}

/** The opposite. */
export function unpack(entries: Entries | PackedEntries): Entries {
  if (!isPacked(entries)) return entries;
  const intervals = JSON.parse(entries.intervals) as [name: string, low: number, high: number][];
  return {
    terms: JSON.parse(entries.terms) as string[],
    intervals: intervals.map(([name, low, high]) => ({ name, low, high })),
    sort: JSON.parse(entries.sort) as Entries['sort'],
    words: entries.words === '' ? [] : entries.words.split(' '),
  };
}

/** The terms that are links, and the labels of security; of entries that are not packed, others as well. */
export function linksOf(entries: Entries | PackedEntries): readonly string[] {
  return isPacked(entries) ? entries.links : entries.terms;
}

/** The entries with further terms, which they do not have yet. */
export function withTerms<E extends Entries | PackedEntries>(entries: E, more: readonly string[]): E {
  if (more.length === 0) return entries;
  if (!isPacked(entries)) return { ...entries, terms: [...entries.terms, ...more] };
  const [first, added] = [entries.terms.slice(0, -1), textsToJson(more).slice(1)];
  return { ...entries, terms: first === '[' ? `[${added}` : `${first},${added}` };
}

function isPacked(entries: Entries | PackedEntries): entries is PackedEntries {
  return typeof entries.terms === 'string';
}

/** Half a surrogate pair has no form in UTF-8, in which databases keep texts: it becomes U+FFFD, here as in queries. */
export function textsToJson(texts: readonly string[]): string {
  const json = JSON.stringify(texts);
  if (!/\\ud[89a-f]/.test(json)) return json;
  return JSON.stringify([...new Set(texts.map((text) => text.toWellFormed()))]);
}

/** About so long a piece is, in code units: some hundreds of entries. */
const pieceLength = 32_768;

/** Packed terms in pieces, each a JSON array by itself. */
export function piecesOfTerms(json: string): string[] {
  // No term starts with a comma. What stands after a backslash is within one.
  return pieces(json, '","', (at) => json[at - 1] !== '\\');
}

/** Packed intervals in pieces, each a JSON array by itself. */
export function piecesOfIntervals(json: string): string[] {
  // Within a name the quote would be escaped.
  return pieces(json, '],["', () => true);
}

/** Cuts behind the first character of a boundary: quote or bracket, then the comma that is left out. */
function pieces(json: string, boundary: string, isOne: (at: number) => boolean): string[] {
  if (json === '[]') return [];
  const found: string[] = [];
  let from = 1;
  while (json.length - from > pieceLength) {
    let at = json.indexOf(boundary, from + pieceLength);
    while (at >= 0 && !isOne(at)) at = json.indexOf(boundary, at + 1);
    if (at < 0) break;
    found.push(`[${json.slice(from, at + 1)}]`);
    from = at + 2;
  }
  found.push(`[${json.slice(from)}`);
  return found;
}
