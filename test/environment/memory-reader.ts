import { serialise } from '../../src/fhir/json/serialise.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { extractEntries } from '../../src/fhir/search/extract.ts';
import { matches, type Searchable } from '../../src/fhir/search/matcher.ts';
import { comparePositions, positionOf } from '../../src/fhir/search/order.ts';
import type { SearchParameters } from '../../src/fhir/search/parameters.ts';
import type { Reader, StoredVersion } from '../../src/store/store.ts';

type Kept = Searchable & { version: StoredVersion & { text: string } };

/** What a store would answer that holds these resources; `asked` lists what it was asked for. */
export interface MemoryReader extends Reader {
  asked: string[];
}

/** A reader over resources in memory, which answers as the matcher says. */
export function memoryReader(
  resources: readonly Resource[],
  parameters: SearchParameters,
  base = 'http://localhost/fhir',
): MemoryReader {
  const kept = new Map<string, Kept>();
  for (const resource of resources) {
    const { resourceType: type, id } = resource as Resource & { id: string };
    const version = {
      type,
      id,
      version: 1,
      updated: 0,
      method: 'PUT',
      text: serialise(resource),
    } as const;
    kept.set(`${type}/${id}`, {
      type,
      id,
      updated: 0,
      entries: extractEntries(parameters, resource, base),
      version,
    });
  }
  const all = (type: string) => [...kept.values()].filter((each) => each.type === type);
  const others = { find: (type: string, id: string) => kept.get(`${type}/${id}`), all };
  const asked: string[] = [];

  return {
    asked,
    read: async (type, id) => {
      asked.push(`${type}/${id}`);
      return kept.get(`${type}/${id}`)?.version;
    },
    readVersion: async (type, id) => kept.get(`${type}/${id}`)?.version,
    history: async () => [],
    search: async ({ type, filter, sort, after, limit }) => {
      asked.push(type);
      return all(type)
        .filter((resource) => matches(filter, resource, others))
        .map((resource) => ({ resource, position: positionOf(resource, sort) }))
        .sort((a, b) => comparePositions(a.position, b.position, sort))
        .filter(({ position }) => !after || comparePositions(position, after, sort) > 0)
        .slice(0, limit)
        .map(({ resource, position }) => ({
          version: resource.version,
          terms: resource.entries.terms,
          position,
        }));
    },
    count: async (type, filter) => all(type).filter((resource) => matches(filter, resource, others)).length,
  };
}
