import type { Element } from '../resource.ts';

/**
 * How the values of one parameter are written into the entries of a resource (see `entries.ts`), before the name of
 * the parameter is put in front. Each type of parameter has a file in `types/` that adds to it.
 */
export interface Encoding {
  /** What follows the name in a term: `|system|code`, `:text|~headache`. */
  terms: string[];
  /** What follows the name in the name of an interval: nothing, or `|system|code`. */
  intervals: { suffix: string; low: number; high: number }[];
  /** What the resource is sorted by. */
  sort: { low: string | number; high: string | number }[];
}

/** An encoding that values can be added to. */
export function emptyEncoding(): Encoding {
  return { terms: [], intervals: [], sort: [] };
}

/** The non-empty string that a member of an element has, or undefined. */
export function text(element: Element, member: string): string | undefined {
  const value = element[member];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The elements that a member of an element lists; also when it holds one instead of a list. */
export function list(element: Element, member: string): unknown[] {
  const value = element[member];
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}
