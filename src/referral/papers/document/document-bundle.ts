import { createHash } from 'node:crypto';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { pathOf } from '../../reference.ts';
import type { Held } from '../record/shelf.ts';

/** A Composition without what makes it part of a document, and what it is made from. */
export interface DocumentParts {
  /** Its references lead to what is below `base`. */
  composition: Resource;
  /** What stays the same when the paper is made again: what it is a paper of. */
  of: string;
  /** All that the Composition names, and what that names in turn as far as the paper tells of it. */
  held: readonly Held[];
  base: string;
}

/**
 * A document (http://hl7.org/fhir/R4/documents.html): a Bundle whose first entry is the Composition, and behind it what
 * it names, each text as it is kept. Made from the same versions it is the same to the last byte, with the same
 * identifier: its time is that of the latest of them.
 */
export function documentBundle({ composition, of, held, base }: DocumentParts): string {
  const resources = [...new Map(held.map((each) => [pathOf(each.version), each])).values()];
  const latest = Math.max(0, ...resources.map(({ version }) => version.updated));
  const made = new Date(latest).toISOString();
  const uuid = uuidOf(`${base} ${of}`);
  const first = {
    ...composition,
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${uuid}` },
    date: made,
  };
  const entries = [
    `{"fullUrl":"urn:uuid:${uuid}","resource":${JSON.stringify(first)}}`,
    ...resources.map(
      ({ version }) =>
        `{"fullUrl":${JSON.stringify(`${base}/${pathOf(version)}`)},"resource":${version.text}}`,
    ),
  ].join(',');
  const identifier = { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${uuidOf(entries)}` };
  return `{"resourceType":"Bundle","identifier":${JSON.stringify(identifier)},"type":"document","timestamp":"${made}","entry":[${entries}]}`;
}

/** A UUID that a text gives (RFC 9562, version 8): of the same text the same. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = (8 + (Number.parseInt(hex[16]!, 16) % 4)).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** A Reference to what is on record, by its address. */
export function referenceTo({ version }: Held, base: string, display?: string): Element {
  return { reference: `${base}/${pathOf(version)}`, ...(display !== undefined && { display }) };
}
