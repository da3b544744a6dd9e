import type { Position } from '../../store/store.ts';
import type { Entries } from './entries.ts';
import type { Sort } from './query.ts';

/** The order of a search that asks for none: newest first. */
export const newestFirst: readonly Sort[] = [{ key: '_lastUpdated', descending: true }];

/** What a resource is placed by in an order of search results. */
export interface Placed {
  id: string;
  updated: number;
  entries: Pick<Entries, 'sort'>;
}

/** The place of a resource in an order: its sort values, null where it has none, and its id. */
export function positionOf(resource: Placed, sort: readonly Sort[]): Position {
  const values = (sort.length > 0 ? sort : newestFirst).map(({ key, descending }) => {
    if (key === '_lastUpdated') return resource.updated;
    if (key === '_id') return resource.id;
    const value = resource.entries.sort[key];
    return value === undefined ? null : descending ? value.high : value.low;
  });
  return { values, id: resource.id };
}

/** Compares two places of the same order: negative when `a` comes first. Ties are broken by id, ascending. */
export function comparePositions(a: Position, b: Position, sort: readonly Sort[]): number {
  const keys = sort.length > 0 ? sort : newestFirst;
  for (const [index, { descending }] of keys.entries()) {
    const order = compareValues(a.values[index] ?? null, b.values[index] ?? null);
    if (order !== 0) return descending ? -order : order;
  }
  return compareText(a.id, b.id);
}

/** Orders sort values: what is missing lowest, then numbers, then texts. */
export function compareValues(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return typeof a === 'number' ? -1 : 1;
}

/**
 * Orders texts by code point, which is the order of their UTF-8 bytes and so that of the databases. JavaScript's
 * own `<` differs: it puts characters beyond U+FFFF (rare Chinese characters of names among them) before U+E000.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Surrogates, of which the characters beyond U+FFFF consist, rank above all other code units. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** The range (`low` included, `high` excluded) that holds exactly the texts that start with `prefix`. */
export function startingWith(prefix: string): { low: string; high: string } {
  const points = [...prefix];
  while (points.length > 0) {
    const last = points.pop()!.codePointAt(0)!;
    // The surrogate range is skipped: a lone surrogate is no character and has no UTF-8 form.
    if (last < 0x10ffff)
      return {
        low: prefix,
        high: points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1),
      };
  }
  throw new RangeError('A prefix must hold a character below U+10FFFF');
}
