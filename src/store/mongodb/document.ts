import type { Entries } from '../../fhir/search/entries.ts';
import { unpack } from '../packed-entries.ts';
import type { IndexedVersion, StoredVersion } from '../store.ts';

/** The current version of a resource, with its entries. A deletion has no text and no entries. */
export interface CurrentDocument {
  /** The resource's id. */
  _id: string;
  /** Version. */
  v: number;
  /** `updated`: the time of this version. */
  t: number;
  /** Method. */
  m: StoredVersion['method'];
  text: string | null;
  /** Terms, as strings. */
  s: string[];
  /** Intervals: name, low, high. */
  d: { n: string; l: number; h: number }[];
  /** Sort keys. */
  k: Entries['sort'];
  /** Words. */
  w: string[];
  /** Who may read the resource. */
  a?: string;
}

/** A version that was replaced, and when. */
export interface ReplacedDocument {
  /** `id/version`, so that no version can be kept twice. */
  _id: string;
  id: string;
  v: number;
  t: number;
  /** The time of the version that replaced it. */
  r: number;
  m: StoredVersion['method'];
  text: string | null;
}

/** The fields that make a StoredVersion. */
export const versionFields = { v: 1, t: 1, m: 1, text: 1, a: 1 } as const;

/** The document of a current version. */
export function currentDocument({
  id,
  version,
  updated,
  method,
  text,
  entries,
  access,
}: IndexedVersion): CurrentDocument {
  return {
    _id: id,
    v: version,
    t: updated,
    m: method,
    text,
    ...entryFields(entries),
    ...(access !== undefined && { a: access }),
  };
}

/** The document of a version that another one replaces at an instant. */
export function replacedDocument(
  { id, version, updated, method, text }: StoredVersion,
  replaced: number,
): ReplacedDocument {
  return { _id: replacedId(id, version), id, v: version, t: updated, r: replaced, m: method, text };
}

export function replacedId(id: string, version: number): string {
  return `${id}/${version}`;
}

/** The fields of a current document that hold its entries. */
export function entryFields(given: IndexedVersion['entries']): Pick<CurrentDocument, 's' | 'd' | 'k' | 'w'> {
  const entries = unpack(given);
  return {
    s: entries.terms,
    d: entries.intervals.map(({ name, low, high }) => ({ n: name, l: low, h: high })),
    k: Object.fromEntries(Object.entries(entries.sort).map(([name, value]) => [sortField(name), value])),
    w: entries.words,
  };
}

/** The field name of a sort key: dots and dollars have a meaning of their own in MongoDB's paths. */
export function sortField(name: string): string {
  return name.replace(/[.$]/g, '_');
}

/** The version that the fields of a document are. */
export function versionOf(
  type: string,
  id: string,
  { v, t, m, text, a }: Pick<CurrentDocument, 'v' | 't' | 'm' | 'text' | 'a'>,
): StoredVersion {
  return { type, id, version: v, updated: t, method: m, text, ...(a !== undefined && { access: a }) };
}
