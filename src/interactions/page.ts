import { compareText } from '../fhir/search/code-points.ts';
import type { Position } from '../fhir/search/order.ts';
import { comparePositions } from '../fhir/search/order.ts';
import type { Query, Sort } from '../fhir/search/query.ts';
import { timeLeft } from '../store/allowance.ts';
import type { Match, Reader } from '../store/store.ts';

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

/**
 * One page of a search over one or several types, in one order. Each type is asked for at most a page, so the cost
 * grows with the number of types, not with what they hold.
 */
export async function findPage(
  reader: Reader,
  searches: readonly TypedFilter[],
  sort: readonly Sort[],
  after: TypedPosition | undefined,
  size: number,
  timeout?: number,
): Promise<Page> {
  const perType: { type: string; found: Match[] }[] = [];
  const left = timeLeft(timeout);
  for (const { type, filter } of searches) {
    const from = after && startWithin(type, after);
    perType.push({
      type,
      found: await reader.search(
        { type, filter, sort, limit: size + 1, ...(from && { after: from }) },
        left(),
      ),
    });
  }
  const found = perType.length === 1 ? perType[0]!.found : merge(perType, sort);
  if (found.length <= size) return { matches: found };
  const matches = found.slice(0, size);
  const last = matches.at(-1);
  return last ? { matches, next: positionOf(last) } : { matches };
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

function merge(perType: readonly { type: string; found: Match[] }[], sort: readonly Sort[]): Match[] {
  return perType
    .flatMap(({ found }) => found)
    .sort((a, b) => {
      const byValues = comparePositions({ ...a.position, id: '' }, { ...b.position, id: '' }, sort);
      return (
        byValues || compareText(a.version.type, b.version.type) || compareText(a.version.id, b.version.id)
      );
    });
}
