import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import { Refusal } from '../../src/fhir/refusal.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { extractEntries } from '../../src/fhir/search/extract.ts';
import { matches, type Others, type Searchable } from '../../src/fhir/search/matcher.ts';
import { createSearchParameters } from '../../src/fhir/search/parameters.ts';
import { parseSearch, type Search, type SearchServer } from '../../src/fhir/search/parse.ts';

const definitions = loadDefinitions();

/** What searches are read with in tests: the official definitions, at an instant that never changes. */
export const searchServer: SearchServer & { base: string } = {
  definitions,
  parameters: createSearchParameters(definitions),
  base: 'http://example.org/fhir',
  now: () => Date.parse('2026-06-01T00:00:00Z'),
};

/** A search as tests write it, `Patient?name=eve&active=true`: nothing in it is percent-encoded. */
export function read(search: string, server: SearchServer = searchServer, lenient = false): Search {
  const [, type = '', query = ''] = /^(\w+)\?(.*)$/s.exec(search) ?? [];
  return parseSearch(server, type, pairs(query), lenient ? { handling: 'lenient' } : {});
}

function pairs(query: string): [name: string, value: string][] {
  return query.split('&').map((pair) => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
}

/** The ids of those among the resources that a search finds, in their order. */
export function found(
  search: string,
  resources: readonly Resource[],
  server: SearchServer = searchServer,
): string[] {
  const type = search.slice(0, search.indexOf('?'));
  const { filter } = read(search, server);
  const all = resources.map((resource) => searchable(resource, server));
  const others: Others = {
    find: (target, id) => all.find((each) => each.type === target && each.id === id),
    all: (source) => all.filter((each) => each.type === source),
  };
  return all.filter((each) => each.type === type && matches(filter, each, others)).map(({ id }) => id);
}

/** A resource as searches see it. */
export function searchable(resource: Resource, server: SearchServer = searchServer): Searchable {
  return {
    type: resource.resourceType,
    id: resource.id ?? '',
    updated: Date.parse(resource.meta?.lastUpdated ?? '2026-01-01T00:00:00Z'),
    entries: extractEntries(server.parameters, resource, server.base),
  };
}

/** What a refused search is answered with: the status and the English text. Throws when it is not refused. */
export function refusalOf(search: string, server: SearchServer = searchServer): string {
  try {
    read(search, server);
  } catch (error) {
    if (error instanceof Refusal) return `${error.status} ${error.message}`;
    throw error;
  }
  throw new Error(`${search} is not refused`);
}
