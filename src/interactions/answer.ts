import type { Issue } from '../fhir/outcome.ts';
import type { StoredVersion } from '../store/store.ts';
import type { EntryOutcome } from './audited.ts';

/** What an interaction gives: turned into an HTTP response or into an entry of a bundle. */
export interface Answer {
  status: number;
  /** The body's JSON, where the answer is not one stored version. */
  json?: string;
  /** The same, where it is so long that putting it together would keep others waiting: its pieces, in order. */
  pieces?: readonly Piece[];
  /** The stored version that the answer is, or that was made. */
  version?: StoredVersion;
  /** Whether that version is new, so that the answer says where it is. */
  created?: boolean;
  /** What is to be said about an interaction that succeeded: warnings and hints. */
  issues?: readonly Issue[];
  /** Where the answer to an asynchronous request will be found. */
  contentLocation?: string;
  /** The media type of `json`, where it is not what the client has asked for. */
  contentType?: string;
  /** Texts of stored resources that the answer is about and does not show whole, for the record of it. */
  about?: readonly string[];
  /** Of a transaction: what became of each entry, for the record of it. */
  entries?: readonly EntryOutcome[];
  /** The answer where it is no JSON at all, in the media type that the client wants. */
  content?: Content;
  /** The answer where it is sent as it is made, in a media type of its own. */
  stream?: Streamed;
  /** Further HTTP headers. */
  headers?: Readonly<Record<string, string>>;
}

/** A part of a long text. One that is long itself is in UTF-8: bytes take half the memory, and none of the heap. */
export type Piece = string | Uint8Array;

/** What is not FHIR, as itself: a picture, a page, a PDF. */
export interface Content {
  /** The media type. */
  type: string;
  bytes: Buffer;
}

/** What is no FHIR and too long to be held: each piece is made when the one before has left. */
export interface Streamed {
  /** The media type. */
  type: string;
  pieces: AsyncIterable<StreamedPiece>;
}

export interface StreamedPiece {
  bytes: string | Uint8Array;
  /** As `Answer.about`, of this piece. */
  about?: readonly string[];
}

/** The JSON of an answer that has one of its own, as one text. */
export function jsonOf({ json, pieces }: Answer): string | undefined {
  return json ?? pieces?.map(textOf).join('');
}

export function textOf(piece: Piece): string {
  if (typeof piece === 'string') return piece;
  return Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString();
}

/** What an OperationOutcome says when there is nothing to say. */
export const done: Issue = {
  severity: 'information',
  code: 'informational',
  text: { zh: '已完成', en: 'Done' },
};

/** `Type/id/_history/version`. */
export function versionedPath(version: StoredVersion): string {
  return `${version.type}/${version.id}/_history/${version.version}`;
}

/** Whether a list of entity tags, as of `If-Match` and `If-None-Match`, names a version, or `*` for any. */
export function namesVersion(tags: string, { version }: StoredVersion): boolean {
  return tags.split(',').some((each) => {
    const tag = each.trim();
    return tag === '*' || /^(?:W\/)?"?(\d+)"?$/.exec(tag)?.[1] === String(version);
  });
}

/** The weak entity tag of a version (http://hl7.org/fhir/R4/http.html#versioning). */
export function entityTag(version: StoredVersion): string {
  return `W/"${version.version}"`;
}
