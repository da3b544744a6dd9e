import { compareText } from '../fhir/search/code-points.ts';
import type { Position } from '../fhir/search/order.ts';
import { comparePositions } from '../fhir/search/order.ts';
import type { Query, Sort } from '../fhir/search/query.ts';
import { timeLeft } from '../store/allowance.ts';
import { pageOf } from '../store/page-bytes.ts';
import type { Match, Reader } from '../store/store.ts';
import type { Limits } from './server.ts';

/** One type of a search, with what its resources must match. */
export interface TypedFilter {
  type: string;
  filter: Query;
}

/** The place of a match in the order of a search over several types: ties are broken by type, then id. */
export interface TypedPosition extends Position {
  type: string;
}

export interface Page {
  matches: Match[];
  /** Where the next page goes on, when there is one. */
  next?: TypedPosition;
}

/** Ids sort after this and before that one. */
const beforeAllIds = '';
const afterAllIds = '\u{10ffff}';

/** What a page is to hold. */
export interface PageRequest {
  searches: readonly TypedFilter[];
  sort: readonly Sort[];
  /** Where the page before ended. */
  after?: TypedPosition | undefined;
  /** Most matches. */
  size: number;
  /** Most bytes of their texts, but for a match that is larger by itself (see `pageBytes`). */
  bytes: number;
  /** For all searches together, in milliseconds. */
  timeout?: number;
  /** False where no include is followed from its matches (see `SearchRequest.terms`). */
  terms?: boolean;
}

/**
 * How many bytes of matches a page holds, and how many of what is included with them: so that a page, as any other
 * answer, is one that can be made and sent at once.
 */
export function pageBytes({ maxAnswerBytes }: Pick<Limits, 'maxAnswerBytes'>): number {
  return maxAnswerBytes >> 2;
}

/**
 * One page of a search over one or several types, in one order. Each type is asked for at most a page, so the cost
 * grows with the number of types, not with what they hold.
 */
export async function findPage(
  reader: Reader,
  { searches, sort, after, size, bytes, timeout, terms = true }: PageRequest,
): Promise<Page> {
  const left = timeLeft(timeout);
  const limit = size + 1;
  let found: Match[] = [];
  for (const { type, filter } of searches) {
    const from = after && startWithin(type, after);
    const ofType = await reader.search(
      { type, filter, sort, limit, bytes, terms, ...(from && { after: from }) },
      left(),
    );
    found = found.length === 0 ? ofType : upTo(merge(found, ofType, sort), limit, bytes);
  }
  const matches = pageOf(found, textOf, { size, bytes });
  const last = matches.at(-1);
  return matches.length < found.length && last ? { matches, next: positionOf(last) } : { matches };
}

/** What a page is made of: no more than so many, and none after the one that is too much. */
function upTo(found: readonly Match[], limit: number, bytes: number): Match[] {
  return found.slice(0, Math.min(limit, pageOf(found, textOf, { size: limit, bytes }).length + 1));
}

function textOf({ version }: Match): string {
  return version.text;
}

/** Where a match stands: the next page can go on after it. */
export function positionOf({ position, version }: Match): TypedPosition {
  return { ...position, type: version.type };
}

/** Where a type goes on when the page before ended at `after`, which may be of another type. */
function startWithin(type: string, after: TypedPosition): Position {
  const order = compareText(type, after.type);
  if (order === 0) return { values: after.values, id: after.id };
  return { values: after.values, id: order < 0 ? afterAllIds : beforeAllIds };
}

function merge(some: readonly Match[], others: readonly Match[], sort: readonly Sort[]): Match[] {
  return [...some, ...others].sort((a, b) => {
    const byValues = comparePositions({ ...a.position, id: '' }, { ...b.position, id: '' }, sort);
    return byValues || compareText(a.version.type, b.version.type) || compareText(a.version.id, b.version.id);
  });
}
