import { createHash } from 'node:crypto';
import { isElement } from '../../fhir/resource.ts';

/** The digest of a JSON value, whatever the order of its members: XML and JSON of one message have the same. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, inOrder)).digest('hex');
}

function inOrder(_: string, value: unknown): unknown {
  if (!isElement(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
