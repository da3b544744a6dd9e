import { parseJson } from '../fhir/json/parse.ts';
import { serialise } from '../fhir/json/serialise.ts';
import type { Resource } from '../fhir/resource.ts';
import { containing } from '../fhir/search/contained.ts';
import { extractEntries } from '../fhir/search/extract.ts';
import { matches } from '../fhir/search/matcher.ts';
import type { SystemSearch } from '../fhir/search/parse.ts';
import { or } from '../fhir/search/query.ts';
import type { Match } from '../store/store.ts';
import type { TypedFilter } from './page.ts';
import { entryOf, type SearchEntry } from './searchset.ts';
import type { ReadingServer } from './server.ts';

/**
 * The searches that `_contained` asks for (http://hl7.org/fhir/R4/search.html#contained): resources of any type that
 * contain a match, and with `both` the matches that stand alone, too.
 */
export function searchesOfContained(
  { definitions }: ReadingServer,
  { searches, contained }: Pick<SystemSearch, 'searches' | 'contained'>,
): readonly TypedFilter[] {
  if (contained === 'false') return searches;
  return definitions.resourceTypes.map((type) => ({
    type,
    filter: or([
      ...searches.map((search) => containing(search.filter, search.type)),
      ...(contained === 'both' ? searches.filter((search) => search.type === type) : []).map(
        ({ filter }) => filter,
      ),
    ]),
  }));
}

/**
 * The entries of a match of such a search: the container, or with `_containedType=contained` those of its contained
 * resources that match, each at the address of its container and its own id behind a `#`.
 */
export function entriesOfContained(
  server: ReadingServer,
  { searches, contained, containedType }: Pick<SystemSearch, 'searches' | 'contained' | 'containedType'>,
  match: Match,
): SearchEntry[] {
  if (contained === 'false' || containedType === 'container') return [entryOf(match, 'match')];
  const { type, id, updated, text } = match.version;
  const container = parseJson(text, Number.POSITIVE_INFINITY) as Resource & { contained?: Resource[] };
  const inner = (container.contained ?? []).filter((resource) =>
    searches.some(
      (search) => search.type === resource.resourceType && isMatch(server, search, resource, updated),
    ),
  );
  const standsAlone =
    contained === 'both' &&
    searches.some((search) => search.type === type && isMatch(server, search, container, updated));
  return [
    ...(standsAlone ? [entryOf(match, 'match')] : []),
    ...inner.map(
      (resource): SearchEntry => ({
        address: `${type}/${id}#${resource.id}`,
        json: serialise(resource),
        mode: 'match',
      }),
    ),
  ];
}

function isMatch(
  server: ReadingServer,
  { type, filter }: TypedFilter,
  resource: Resource,
  updated: number,
): boolean {
  const entries = extractEntries(server.parameters, resource, server.base);
  return matches(filter, { type, id: resource.id ?? '', updated, entries });
}
