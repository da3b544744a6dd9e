import { refusals, refuse } from '../fhir/refusal.ts';
import { isCriterion, parseSearch } from '../fhir/search/parse.ts';
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
  const { filter } = parseSearch(server, type, query, { handling: 'strict' });
  const text = query.map(([name, value]) => `${name}=${value}`).join('&');
  if (filter.kind === 'all') throw refuse(refusals.emptyCondition);
  const timeout = server.limits.searchTimeout;
  return { type, filter, text, key: `${type}?${keyOf(filter)}`, timeout };
}

/** The same text for all filters that ask the same: what is joined by and or by or is so in any order. */
function keyOf(filter: Query): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `${filter.kind}(${[...new Set(filter.of.map(keyOf))].sort().join()})`;
    case 'not':
      return `not(${keyOf(filter.of)})`;
    case 'id':
      return `id(${[...new Set(filter.ids)].sort().join()})`;
    case 'chain':
    case 'has':
      return JSON.stringify({ ...filter, filter: keyOf(filter.filter) });
    default:
      return JSON.stringify(filter);
  }
}

/**
 * Refuses search criteria in the address of a create: R4 defines none there, and to ignore them would make a second
 * resource where the client asked for one. A conditional create has its criteria in `If-None-Exist`
 * (http://hl7.org/fhir/R4/http.html#ccreate).
 */
export function refuseCriteria(
  { parameters }: Pick<ReadingServer, 'parameters'>,
  type: string,
  query: readonly QueryParameter[],
): void {
  const criteria = query.filter(([name]) => isCriterion(parameters, type, name));
  if (criteria.length === 0) return;
  const text = criteria.map(([name, value]) => `${name}=${value}`).join('&');
  throw refuse(refusals.criteriaOnCreate, [text.slice(0, 200)]);
}

/** Criteria are what follows the `?`; some clients send the type and the `?` with them. */
function parseCriteria(criteria: string): QueryParameter[] {
  try {
    return parseQuery(criteria.slice(criteria.indexOf('?') + 1));
  } catch {
    throw refuse(refusals.invalidParameter, [
      criteria,
      { zh: '百分号编码有误', en: 'not well percent-encoded' },
    ]);
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
