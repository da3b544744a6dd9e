import type { Resource } from '../../src/fhir/resource.ts';

/**
 * Examples of searches that follow one clause of the specification. In resources and searches `{base}` stands for the
 * URL of the server. Searches are written as people write them, nothing is percent-encoded.
 */
export interface Table {
  /** The clause, quoted, or what it says. */
  clause: string;
  given: readonly Resource[];
  /** A search and the ids that it finds, in any order, separated by spaces. */
  finds?: readonly (readonly [search: string, ids: string])[];
  /** A search that is refused with 400, and the name that the refusal tells. */
  refuses?: readonly (readonly [search: string, named: string])[];
}

/** The resources or the search with the URL of a server in them. */
export function at<T>(base: string, template: T): T {
  return JSON.parse(JSON.stringify(template).replaceAll('{base}', base)) as T;
}

/** The parameters of a search, `Patient?name=eve&active=true`. */
export function parametersOf(search: string): [name: string, value: string][] {
  return search
    .slice(search.indexOf('?') + 1)
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    });
}

/** A search as a URL below the base. */
export function urlOf(search: string): string {
  const encoded = parametersOf(search).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `/${search.slice(0, search.indexOf('?'))}?${encoded.join('&')}`;
}
