import { compareText } from './code-points.ts';
import type { Entries } from './entries.ts';
import type { Sort } from './query.ts';

/** The order of a search that asks for none: newest first. */
export const newestFirst: readonly Sort[] = [{ key: '_lastUpdated', descending: true }];

/** Where a row stands in an order: the values of the sort keys (null: the resource has none), then the id. */
export interface Position {
  values: (string | number | null)[];
  id: string;
}

/** What a resource is placed by in an order of search results. */
export interface Placed {
  id: string;
  updated: number;
  entries: Pick<Entries, 'sort'>;
}

/** Whether a sort is by what only a resource's own entries tell. */
export function byParameter(sort: readonly Sort[]): boolean {
  return sort.some(({ key }) => key !== '_lastUpdated' && key !== '_id');
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
