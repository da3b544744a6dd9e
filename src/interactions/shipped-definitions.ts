import { createHash } from 'node:crypto';
import type { Definitions } from '../fhir/definitions/definitions.ts';
import type { Resource } from '../fhir/resource.ts';
import { extractEntries } from '../fhir/search/extract.ts';
import { matches, type Others, type Searchable } from '../fhir/search/matcher.ts';
import { comparePositions, positionOf } from '../fhir/search/order.ts';
import type { SearchParameters } from '../fhir/search/parameters.ts';
import type { Query } from '../fhir/search/query.ts';
import { takeSlices } from '../store/slices.ts';
import type { Match, SearchRequest, Store, StoredVersion } from '../store/store.ts';

/** What comes with the server and can be asked for by its canonical URL. */
const shippedTypes = [
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'ConceptMap',
  'SearchParameter',
  'OperationDefinition',
  'MessageDefinition',
  'CompartmentDefinition',
  'PlanDefinition',
  'ObservationDefinition',
  'Questionnaire',
  'Measure',
  // Topics that can be subscribed to.
  'Basic',
] as const;

/** When R4 was published: the time of definitions that state none. */
const publication = Date.parse('2019-11-01T00:00:00Z');

/** A store that also shows the definitions that came with the server. */
export interface ShowingStore extends Store {
  /** The same without them: for what is about what clients have stored. */
  readonly stored: Store;
}

type Version = StoredVersion & { text: string };

/**
 * Shows the definitions that came with the server (R4's, the project's, a county's own in `profiles/` and
 * `terminology/`) in front of what is stored, without keeping copies that an upgrade would leave stale. They can be read
 * and searched like all else; what is stored under the same type and id hides them, and shows them again once it is
 * deleted. Writes, and what happens inside transactions, are the store's alone. The version of a definition is a number
 * made of its content, so that an entity tag changes with it.
 *
 * Costs other types nothing. The index of a type is built when it is first searched, in slices, and again when a search
 * parameter is added.
 */
export function showDefinitions(
  store: Store,
  definitions: Definitions,
  server: { readonly parameters: SearchParameters; readonly base: string },
): ShowingStore {
  const types: ReadonlySet<string> = new Set(shippedTypes);
  const byId = new Map<string, Map<string, Resource>>();
  // All texts together are some 80 MB: they last until the next collection of the heap, and are made again when wanted.
  const versions = new WeakMap<Resource, WeakRef<Version>>();
  let indexes = new Map<string, Promise<Map<string, Searchable>>>();
  let indexedBy: SearchParameters | undefined;

  function resourcesOf(type: string): Map<string, Resource> {
    let resources = byId.get(type);
    if (!resources) {
      const all = definitions.all(type).filter(({ id }) => typeof id === 'string');
      resources = new Map(all.map((resource) => [resource.id!, resource]));
      byId.set(type, resources);
    }
    return resources;
  }

  function versionOf(type: string, id: string): Version | undefined {
    const resource = types.has(type) ? resourcesOf(type).get(id) : undefined;
    if (!resource) return undefined;
    let version = versions.get(resource)?.deref();
    if (!version) {
      version = versionOfDefinition(resource);
      versions.set(resource, new WeakRef(version));
    }
    return version;
  }

  /** The definitions of a type as searches see them. */
  function indexOf(type: string): Promise<Map<string, Searchable>> {
    if (indexedBy !== server.parameters) {
      indexes = new Map();
      indexedBy = server.parameters;
    }
    let index = indexes.get(type);
    if (!index) {
      index = buildIndex(type, server.parameters);
      indexes.set(type, index);
    }
    return index;
  }

  async function buildIndex(type: string, parameters: SearchParameters): Promise<Map<string, Searchable>> {
    const index = new Map<string, Searchable>();
    const giveWay = takeSlices();
    for (const [id, resource] of resourcesOf(type)) {
      const entries = extractEntries(parameters, resource, server.base);
      index.set(id, { type, id, updated: statedTime(resource), entries });
      await giveWay();
    }
    return index;
  }

  /** The definitions of a type that match and that nothing stored hides. */
  async function matching(type: string, filter: Query): Promise<Searchable[]> {
    const index = await indexOf(type);
    const others: Others = {
      find: (other, id) => (other === type ? index.get(id) : undefined),
      all: (other) => (other === type ? index.values() : []),
    };
    const found = [...index.values()].filter((each) => matches(filter, each, others));
    if (found.length === 0) return found;
    const ids = found.map(({ id }) => id);
    const hiding = await store.search({ type, filter: { kind: 'id', ids }, sort: [], limit: ids.length });
    const hidden = new Set(hiding.map(({ version }) => version.id));
    return hidden.size === 0 ? found : found.filter(({ id }) => !hidden.has(id));
  }

  async function search(request: SearchRequest, stored: Promise<Match[]>): Promise<Match[]> {
    const { type, filter, sort, after, limit } = request;
    const shipped = (await matching(type, filter))
      .map((each) => ({ ...each, position: positionOf(each, sort) }))
      .filter(({ position }) => !after || comparePositions(position, after, sort) > 0);
    return [...(await stored), ...shipped]
      .sort((a, b) => comparePositions(a.position, b.position, sort))
      .slice(0, limit)
      .map((found) => ('version' in found ? found : matchOf(found)));
  }

  function matchOf({ type, id, entries, position }: Searchable & Pick<Match, 'position'>): Match {
    return { version: versionOf(type, id)!, terms: entries.terms, position };
  }

  return {
    ...store,
    stored: store,
    read: async (type, id) => {
      const stored = await store.read(type, id);
      return stored?.text ? stored : (versionOf(type, id) ?? stored);
    },
    readVersion: async (type, id, version) => {
      const stored = await store.readVersion(type, id, version);
      if (stored) return stored;
      const shipped = versionOf(type, id);
      return shipped?.version === version ? shipped : undefined;
    },
    history: async (request, allowance) => {
      const stored = await store.history(request, allowance);
      const [type] = request.types ?? [];
      if (stored.length > 0 || request.after || request.id === undefined || type === undefined) return stored;
      const shipped = versionOf(type, request.id);
      return shipped ? [shipped] : stored;
    },
    search: (request, allowance) => {
      const stored = store.search(request, allowance);
      return types.has(request.type) ? search(request, stored) : stored;
    },
    count: async (type, filter, allowance) => {
      const stored = await store.count(type, filter, allowance);
      return types.has(type) ? stored + (await matching(type, filter)).length : stored;
    },
  };
}

/** When a definition says that it was made. */
function statedTime({ meta, date }: Resource): number {
  const stated = [meta?.lastUpdated, date].map((each) => Date.parse(String(each)));
  return stated.find((each) => !Number.isNaN(each)) ?? publication;
}

function versionOfDefinition(resource: Resource): Version {
  const { resourceType: type, id, meta, ...members } = resource;
  const updated = statedTime(resource);
  const digest = createHash('sha256').update(JSON.stringify(resource)).digest();
  const version = digest.readUIntBE(0, 3) + 1;
  const text = JSON.stringify({
    resourceType: type,
    id,
    meta: { ...meta, versionId: String(version), lastUpdated: new Date(updated).toISOString() },
    ...members,
  });
  return { type, id: id!, version, updated, method: 'PUT', text };
}
