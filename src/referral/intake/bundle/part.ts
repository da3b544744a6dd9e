import { createHash } from 'node:crypto';
import type { Coding, Element, Resource } from '../../../fhir/resource.ts';
import type { FlatRow } from '../row.ts';
import { numberSystems } from '../vocabulary.ts';

/** One resource that a row becomes, and the fields that it was made from. */
export interface Part {
  /** Tells it apart from the others of its row, e.g. `diagnosis-1`. */
  key: string;
  resource: Resource;
  fields: readonly string[];
  /** Where it is found when it is there already; by its record number unless stated. */
  condition?: string;
}

/** What the parts of a row have in common. */
export interface PartContext {
  row: FlatRow;
  /** The number of the referral. */
  number: string;
  /** When the referral was written, as FHIR writes it. */
  authored: string;
  parties: Parties;
  /** The reference to another part of the row. */
  refer(key: string): Element;
}

/** Who takes part, as References. */
export interface Parties {
  /** The sending organization. */
  sender?: Element;
  /** The PractitionerRole that signs. */
  doctor: Element;
  receiver: Element;
  /** The specialty that is asked for, as a CodeableConcept. */
  specialty?: Element;
}

/** The text of a field; undefined where the row does not have it. */
export function textIn({ values }: FlatRow, field: string): string | undefined {
  const value = values.get(field);
  return value === undefined || typeof value === 'object' ? undefined : String(value);
}

export function numberIn({ values }: FlatRow, field: string): number | undefined {
  const value = values.get(field);
  return typeof value === 'number' ? value : undefined;
}

export function isYes({ values }: FlatRow, field: string): boolean {
  return values.get(field) === true;
}

export function codingsIn({ values }: FlatRow, field: string): readonly Coding[] {
  const value = values.get(field);
  return Array.isArray(value) ? value : [];
}

export function codingIn(row: FlatRow, field: string): Coding | undefined {
  return codingsIn(row, field)[0];
}

/** Of some fields those that the row has. */
export function present({ values }: FlatRow, fields: readonly string[]): string[] {
  return fields.filter((field) => values.has(field));
}

/** A name for the entry of a part that is the same whenever the row is sent. */
export function fullUrlOf(number: string, key: string): string {
  const hash = createHash('sha256').update(`${number} ${key}`).digest('hex');
  const variant = ((Number.parseInt(hash[16]!, 16) & 3) | 8).toString(16);
  return `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/**
 * Who wrote something is left out of what its number says: the referral names them, and where nothing is looked up they
 * are named otherwise.
 */
const writers = new Set([
  'recorder',
  'requester',
  'performer',
  'author',
  'custodian',
  'organization',
  'serviceProvider',
]);

/**
 * The record number of a part. It has in it what the part says: so the same row is recognised as what is there, and what
 * says something else is not taken for it.
 */
export function recordNumber(number: string, key: string, resource: Resource): Element {
  const said = JSON.stringify(resource, (name, value) => (writers.has(name) ? undefined : value));
  const digest = createHash('sha256').update(said).digest('hex').slice(0, 12);
  return { system: numberSystems.record, value: `${number}-${key}-${digest}` };
}

export function concept(system: string, code: string, display?: string, text?: string): Element {
  return { coding: [{ system, code, ...(display && { display }) }], ...(text && { text }) };
}
