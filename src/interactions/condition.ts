import { refusals, refuse } from '../fhir/refusal.ts';
import { parseSearch } from '../fhir/search/parse.ts';
import { and, not, type Query } from '../fhir/search/query.ts';
import type { Reader, StoredVersion } from '../store/store.ts';
import type { QueryParameter } from './request.ts';
import { parseQuery } from './request.ts';
import type { ReadingServer } from './server.ts';

/** The criteria of a conditional interaction, e.g. `identifier=system|value` on Patient. */
export interface Condition {
  type: string;
  filter: Query;
  /** As the client wrote it, for messages. */
  text: string;
  /** Names all conditions that ask the same thing, for `Transaction.exclusive`. */
  key: string;
  /** How long the store may look for it, in milliseconds. */
  timeout: number;
}

/**
 * Reads the criteria of a conditional interaction (http://hl7.org/fhir/R4/http.html#ccreate). Unknown parameters are
 * always refused: ignoring one would match resources that were not meant. Refuses criteria that are empty, too.
 */
export function readCondition(
  server: ReadingServer,
  type: string,
  criteria: string | readonly QueryParameter[],
): Condition {
  const query = typeof criteria === 'string' ? parseCriteria(criteria) : criteria;
  const { filter } = parseSearch(server, type, query, { lenient: false });
  const text = query.map(([name, value]) => `${name}=${value}`).join('&');
  if (filter.kind === 'all') throw refuse(refusals.emptyCondition, [text]);
  const timeout = server.limits.searchTimeout;
  return { type, filter, text, key: `${type}?${JSON.stringify(filter)}`, timeout };
}

/** Criteria are what follows the `?`; some clients send the type and the `?` with them. */
function parseCriteria(criteria: string): QueryParameter[] {
  try {
    return parseQuery(criteria.slice(criteria.indexOf('?') + 1));
  } catch {
    throw refuse(refusals.invalidParameter, [criteria, 'not well percent-encoded']);
  }
}

/**
 * The one current resource that meets the condition, or undefined; refuses with 412 when there are more. Those of
 * `without`, which the same request deletes, do not count.
 */
export async function findMatch(
  reader: Reader,
  { type, filter, text, timeout }: Condition,
  without: readonly string[] = [],
): Promise<StoredVersion | undefined> {
  const others = without.length > 0 ? and([filter, not({ kind: 'id', ids: without })]) : filter;
  const found = await reader.search({ type, filter: others, sort: [], limit: 2 }, { timeout });
  if (found.length > 1) throw refuse(refusals.multipleMatches, [text]);
  return found[0]?.version;
}
