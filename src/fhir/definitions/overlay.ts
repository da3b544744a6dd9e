import type { Resource } from '../resource.ts';
import type { Definitions } from './definitions.ts';

/** The definitions with some resources over them: each hides what has its type and canonical URL, or its id. */
export function overlay(definitions: Definitions, resources: readonly Resource[]): Definitions {
  if (resources.length === 0) return definitions;
  const over = (type: string) => resources.filter(({ resourceType }) => resourceType === type);
  const isHidden = (resource: Resource) =>
    over(resource.resourceType).some(({ id, url }) => id === resource.id || (url && url === resource.url));
  return {
    resourceTypes: definitions.resourceTypes,
    find: <T extends Resource>(type: string, reference: string) => {
      const [url] = reference.split('|', 1);
      const found = over(type).find((resource) => resource.url === url);
      if (found) return found as T;
      const below = definitions.find<T>(type, reference);
      return below && !isHidden(below) ? below : undefined;
    },
    all: <T extends Resource>(type: string) => [
      ...(over(type) as T[]),
      ...definitions.all<T>(type).filter((resource) => !isHidden(resource)),
    ],
  };
}
