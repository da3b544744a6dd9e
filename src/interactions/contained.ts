import { readJson } from '../fhir/json/parse.ts';
import { serialise } from '../fhir/json/serialise.ts';
import { isResource, type Resource } from '../fhir/resource.ts';
import { containing } from '../fhir/search/contained.ts';
import { extractEntries } from '../fhir/search/extract.ts';
import { matches } from '../fhir/search/matcher.ts';
import type { SystemSearch } from '../fhir/search/parse.ts';
import { all, none, not, or, type Query } from '../fhir/search/query.ts';
import type { Match } from '../store/store.ts';
import { type Page, positionOf, type TypedFilter } from './page.ts';
import { entryOf, type SearchEntry } from './searchset.ts';
import type { ReadingServer } from './server.ts';

/** What of a search is about contained resources. */
type Asked = Pick<SystemSearch, 'searches' | 'contained' | 'containedType'>;

/**
 * The searches by which the resources are found that a search with `_contained` is about: those that contain what is
 * asked for, "both contained and non-contained (normal) resources", or the latter alone
 * (http://hl7.org/fhir/R4/search.html#contained).
 */
export function searchesFor(
  { parameters }: ReadingServer,
  { searches, contained }: Asked,
): readonly TypedFilter[] {
  if (contained === 'false') return searches;
  const holding = or(searches.map(({ type, filter }) => containing(filter, type)));
  const own = new Map(
    contained === 'both' ? searches.map(({ type, filter }) => [type, filter] as const) : [],
  );
  return parameters.resourceTypes
    .map((type) => ({ type, filter: or([own.get(type) ?? none, holding]) }))
    .filter(({ filter }) => filter.kind !== 'none');
}

/** True when the contained resources themselves are to be returned instead of those that contain them. */
export function returnsContained({ contained, containedType }: Asked): boolean {
  return contained !== 'false' && containedType === 'contained';
}

/**
 * The page with the contained resources that match in place of those that contain them. One resource may contain
 * several, so that the page ends earlier where it would be longer than `size`.
 */
export function unpacked(
  server: ReadingServer,
  page: Page,
  asked: Asked,
  size: number,
): { page: Page; entries: SearchEntry[] } {
  const entries: SearchEntry[] = [];
  for (const [index, match] of page.matches.entries()) {
    const found = matchesIn(server, match, asked);
    if (entries.length > 0 && entries.length + found.length > size) {
      const kept = page.matches.slice(0, index);
      return { page: { matches: kept, next: positionOf(kept.at(-1)!) }, entries };
    }
    entries.push(...found);
  }
  return { page, entries };
}

/** What matches of a resource that was found: itself, and what it contains. */
export function matchesIn(
  server: ReadingServer,
  match: Match,
  { searches, contained }: Asked,
): SearchEntry[] {
  const { type, id, text, updated } = match.version;
  const resource = readJson(text) as Resource;
  const filters = new Map(searches.map((search) => [search.type, withoutReferences(search.filter)]));
  const isMatch = (candidate: Resource, candidateId: string) => {
    const filter = filters.get(candidate.resourceType);
    if (!filter) return false;
    const entries = extractEntries(server.parameters, candidate, server.base);
    return matches(filter, { type: candidate.resourceType, id: candidateId, updated, entries });
  };
  const inside = Array.isArray(resource.contained) ? resource.contained.filter(isResource) : [];
  const found = inside
    .filter((each) => isMatch(each, each.id ?? ''))
    .map(
      (each): SearchEntry => ({ address: `${type}/${id}#${each.id}`, json: serialise(each), mode: 'match' }),
    );
  return contained === 'both' && isMatch(resource, id) ? [entryOf(match, 'match'), ...found] : found;
}

/** What can be told from a resource alone: where its references lead, the store has seen to. */
function withoutReferences(query: Query, otherwise: Query = all): Query {
  switch (query.kind) {
    case 'and':
    case 'or':
      return { kind: query.kind, of: query.of.map((part) => withoutReferences(part, otherwise)) };
    case 'not':
      return not(withoutReferences(query.of, otherwise === all ? none : all));
    case 'chain':
    case 'has':
      return otherwise;
    default:
      return query;
  }
}
