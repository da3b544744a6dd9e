import { randomUUID } from 'node:crypto';
import type { Match } from '../store/store.ts';

/** A link of a Bundle. */
export interface Link {
  relation: 'self' | 'next' | 'first' | 'previous';
  url: string;
}

/** An entry of a searchset; what was made for this answer alone has no address. */
export interface SearchEntry {
  /** `Type/id` */
  address?: string;
  json: string;
  mode: 'match' | 'include' | 'outcome';
}

/** The entry of a match or of an included resource, with its text as it is stored. */
export function entryOf(match: Match, mode: 'match' | 'include'): SearchEntry {
  const { type, id, text } = match.version;
  return { address: `${type}/${id}`, json: text, mode };
}

/**
 * The JSON of a searchset Bundle (http://hl7.org/fhir/R4/bundle.html#searchset). The entries' texts are put together
 * as they are: nothing is parsed and nothing is serialised again.
 */
export function searchset(
  base: string,
  links: readonly Link[],
  entries: readonly SearchEntry[],
  total?: number,
): string {
  const head = `{"resourceType":"Bundle","type":"searchset"${total === undefined ? '' : `,"total":${total}`}`;
  const parts = entries.map(({ address, json, mode }) => {
    // "SHALL have a value except …" (http://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl).
    const url = address ? `${base}/${address}` : mode === 'outcome' ? `urn:uuid:${randomUUID()}` : undefined;
    const fullUrl = url ? `"fullUrl":${JSON.stringify(url)},` : '';
    return `{${fullUrl}"resource":${json},"search":{"mode":"${mode}"}}`;
  });
  // FHIR's JSON has no empty arrays.
  return `${head},"link":${JSON.stringify(links)}${parts.length > 0 ? `,"entry":[${parts.join(',')}]` : ''}}`;
}
