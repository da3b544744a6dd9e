import { type Element, isElement, type Resource } from '../../../src/fhir/resource.ts';

/** A member of a resource: what holds it, and the names on the way. */
export interface Place {
  holder: Element | unknown[];
  key: string | number;
  value: unknown;
  path: string;
  /** The name of the member, also of one in a list. */
  name: string;
}

/** All members of a resource but `resourceType`, outer ones first. */
export function placesIn(resource: Resource): Place[] {
  const places: Place[] = [];
  const visit = (holder: Element | unknown[], path: string, name: string): void => {
    for (const [key, value] of Object.entries(holder)) {
      const own = Array.isArray(holder) ? name : key;
      if (own === 'resourceType') continue;
      const at = Array.isArray(holder) ? Number(key) : key;
      const place = Array.isArray(holder) ? `${path}[${key}]` : `${path}.${key}`;
      places.push({ holder, key: at, value, path: place, name: own });
      if (isElement(value) || Array.isArray(value)) visit(value, place, own);
    }
  };
  visit(resource, resource.resourceType, resource.resourceType);
  return places;
}

/** Puts another value where one stands. */
export function put({ holder, key }: Place, value: unknown): void {
  (holder as Record<string | number, unknown>)[key] = value;
}

/** Takes a member away. */
export function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key as string];
}
