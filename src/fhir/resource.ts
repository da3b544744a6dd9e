/** A FHIR element or resource as parsed JSON, of which nothing is known yet but that it is an object. */
export interface Element {
  [name: string]: unknown;
}

/** Any FHIR resource as parsed JSON. What a client sent is a `Resource` only once it has been validated. */
export interface Resource extends Element {
  resourceType: string;
  id?: string;
  meta?: Meta;
}

/** `Resource.meta`: the members that the server itself reads and writes. */
export interface Meta extends Element {
  versionId?: string;
  lastUpdated?: string;
  profile?: string[];
  tag?: Coding[];
  security?: Coding[];
}

export interface Coding extends Element {
  system?: string;
  version?: string;
  code?: string;
  display?: string;
}

/** True of a JSON object (not null, not an array). */
export function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True of a JSON object that names its resource type. */
export function isResource(value: unknown): value is Resource {
  return isElement(value) && typeof value.resourceType === 'string';
}
