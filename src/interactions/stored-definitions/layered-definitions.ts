import type { Definitions } from '../../fhir/definitions/definitions.ts';
import type { Resource } from '../../fhir/resource.ts';

/** A stored definition: what it is found by, and its JSON. */
export interface StoredDefinition {
  type: string;
  id: string;
  /** The number of the stored version. */
  stored: number;
  updated: number;
  url: string;
  /** Its own version, which `url|version` asks for. */
  version: string | undefined;
  text: string;
}

/** Definitions in front of which others can be put, and taken away again. */
export interface LayeredDefinitions extends Definitions {
  put(definition: StoredDefinition): void;
  remove(definition: StoredDefinition): void;
}

/**
 * What is stored in front of what came with the server. R4's own definitions under http://hl7.org/fhir/ stay what they are:
 * the specification is not for clients to change. Of several with one URL that counts which has the version that is asked
 * for, else the one that was stored last. Each is parsed when it is first asked for.
 */
export function layerDefinitions(shipped: Definitions): LayeredDefinitions {
  const byType = new Map<string, Map<string, StoredDefinition[]>>();
  const parsed = new WeakMap<StoredDefinition, Resource>();

  function resourceOf(definition: StoredDefinition): Resource {
    let resource = parsed.get(definition);
    if (!resource) {
      resource = JSON.parse(definition.text) as Resource;
      parsed.set(definition, resource);
    }
    return resource;
  }

  function remove(definition: StoredDefinition): void {
    const byUrl = byType.get(definition.type);
    const others = byUrl?.get(definition.url)?.filter((each) => each !== definition) ?? [];
    if (others.length > 0) byUrl?.set(definition.url, others);
    else byUrl?.delete(definition.url);
  }

  return {
    resourceTypes: shipped.resourceTypes,
    put: (definition) => {
      const { type, url } = definition;
      if (url.startsWith('http://hl7.org/fhir/') && shipped.find(type, url)) return;
      const byUrl = byType.get(type) ?? new Map<string, StoredDefinition[]>();
      byType.set(type, byUrl);
      const several = [...(byUrl.get(url) ?? []), definition];
      byUrl.set(
        url,
        several.sort((a, b) => b.updated - a.updated),
      );
    },
    remove,
    find: <T extends Resource>(type: string, reference: string) => {
      const [url, version] = reference.split('|', 2) as [string, string | undefined];
      const several = byType.get(type)?.get(url);
      if (!several) return shipped.find<T>(type, reference);
      return resourceOf(several.find((each) => each.version === version) ?? several[0]!) as T;
    },
    editions: <T extends Resource>(type: string, url: string) =>
      (byType.get(type)?.get(url) ?? []).map((each) => resourceOf(each) as T),
    all: <T extends Resource>(type: string) => {
      const own = byType.get(type);
      if (!own || own.size === 0) return shipped.all<T>(type);
      return [
        ...[...own.values()].map(([first]) => resourceOf(first!) as T),
        ...shipped.all<T>(type).filter(({ url }) => !own.has(String(url))),
      ];
    },
  };
}
