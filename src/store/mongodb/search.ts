import type { ClientSession, Document, Filter } from 'mongodb';
import type { Position } from '../../fhir/search/order.ts';
import { newestFirst } from '../../fhir/search/order.ts';
import type { Sort } from '../../fhir/search/query.ts';
import { exceeding } from '../page-bytes.ts';
import type { Allowance, Match, SearchRequest } from '../store.ts';
import { bounds } from './bounds.ts';
import type { Collections } from './collections.ts';
import { type CurrentDocument, sortField, versionFields, versionOf } from './document.ts';
import { filterOf } from './filter.ts';

/** The resources that a search finds, in the order asked for. */
export async function search(
  collections: Collections,
  request: SearchRequest,
  allowance: Allowance = {},
  session?: ClientSession,
): Promise<Match[]> {
  const { type, filter, sort, limit, bytes, terms = true } = request;
  if (filter.kind === 'none') return [];
  const keys = sort.length > 0 ? sort : newestFirst;
  const cursor = collections.current(type).find(await findFilter(collections, request, allowance, session), {
    projection: { ...versionFields, ...(terms && { s: 1 }), ...sortProjection(keys) },
    sort: sortOf(keys),
    limit,
    // All of them in the first answer, as far as MongoDB puts them into one (16 MB).
    batchSize: limit,
    ...bounds(allowance),
    session,
  });
  const matches: Match[] = [];
  const exceeds = exceeding(bytes);
  // Left early, the cursor is closed.
  for await (const document of cursor) {
    const match = matchOf(type, document, keys);
    matches.push(match);
    if (exceeds(match.version.text)) break;
  }
  return matches;
}

/** The filter that a search asks for, its place in the order included. */
export async function findFilter(
  collections: Collections,
  { type, filter, sort, after }: SearchRequest,
  allowance: Allowance = {},
  session?: ClientSession,
): Promise<Filter<CurrentDocument>> {
  const matching = await filterOf(filter, type, { collections, session, allowance });
  if (!after) return matching;
  return { $and: [matching, isAfter(after, sort.length > 0 ? sort : newestFirst)] };
}

/** How many current resources match. */
export async function count(
  collections: Collections,
  { type, filter: query }: Pick<SearchRequest, 'type' | 'filter'>,
  allowance: Allowance = {},
  session?: ClientSession,
): Promise<number> {
  if (query.kind === 'none') return 0;
  const filter = await filterOf(query, type, { collections, session, allowance });
  return collections.current(type).countDocuments(filter, { session, ...bounds(allowance) });
}

/** MongoDB's form of an order, the id behind it. What is missing sorts lowest there, as the port wants it. */
export function sortOf(keys: readonly Sort[]): Record<string, 1 | -1> {
  const order: Record<string, 1 | -1> = {};
  for (const key of keys) order[pathOf(key)] ??= key.descending ? -1 : 1;
  order._id ??= 1;
  return order;
}

function pathOf({ key, descending }: Sort): string {
  if (key === '_lastUpdated') return 't';
  if (key === '_id') return '_id';
  return `k.${sortField(key)}.${descending ? 'high' : 'low'}`;
}

function sortProjection(keys: readonly Sort[]): Record<string, 1> {
  const paths = keys.map(pathOf).filter((path) => path.startsWith('k.'));
  return Object.fromEntries(paths.map((path) => [path, 1]));
}

/** The condition that a document stands after a position. */
function isAfter({ values, id }: Position, keys: readonly Sort[], n = 0): Filter<CurrentDocument> {
  const key = keys[n];
  if (key === undefined) return { _id: { $gt: id } };
  const path = pathOf(key);
  const value = values[n] ?? null;
  const rest = isAfter({ values, id }, keys, n + 1);
  if (path === 't' || path === '_id') {
    const beyond = key.descending ? '$lt' : '$gt';
    // The first bound is implied by the second, and is there for the index.
    const bound: Document = { [path]: { [`${beyond}e`]: value } };
    return { $and: [bound, { $or: [{ [path]: { [beyond]: value } }, rest] }] };
  }
  const same: Filter<CurrentDocument> = { $and: [{ [path]: value }, rest] };
  if (value === null) return key.descending ? same : { $or: [{ [path]: { $ne: null } }, same] };
  return key.descending
    ? { $or: [{ [path]: { $lt: value } }, { [path]: null }, same] }
    : { $or: [{ [path]: { $gt: value } }, same] };
}

function matchOf(type: string, document: CurrentDocument, keys: readonly Sort[]): Match {
  return {
    version: versionOf(type, document._id, document) as Match['version'],
    terms: document.s ?? [],
    position: { values: keys.map((key) => sortValueOf(key, document)), id: document._id },
  };
}

function sortValueOf({ key, descending }: Sort, document: CurrentDocument): string | number | null {
  if (key === '_lastUpdated') return document.t;
  if (key === '_id') return document._id;
  return document.k?.[sortField(key)]?.[descending ? 'high' : 'low'] ?? null;
}
