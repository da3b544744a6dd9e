import type { Entries } from '../fhir/search/entries.ts';
import type { Position } from '../fhir/search/order.ts';
import type { Query, Sort } from '../fhir/search/query.ts';
import type { PackedEntries } from './packed-entries.ts';

/** One version of a resource as it is kept. */
export interface StoredVersion {
  type: string;
  id: string;
  /** 1, 2, 3, … without gaps. */
  version: number;
  /** `meta.lastUpdated`, in milliseconds since the epoch. */
  updated: number;
  /** The interaction that made it, for `Bundle.entry.request.method` of a history. */
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The resource's JSON exactly as it is served; null when this version is a deletion. */
  text: string | null;
  /**
   * Who may read the resource, as `src/access` wrote it beside the current version, of which every version of the
   * resource has it; absent where nobody has. First the labels of its readers, each in a line of its own behind an empty
   * one: they are what a query of `readers` asks for, and a term each. What follows the last line feed is not looked into.
   */
  access?: string;
}

/** A version together with what searches find it by, be it packed. A deletion has no entries. */
export interface IndexedVersion extends StoredVersion {
  entries: Entries | PackedEntries;
  /** For which organization it is written, `Organization/[id]`; absent where nobody is known. */
  author?: string;
}

/** A change of who may read a resource: the text beside it, and the terms that searches ask for. */
export interface Sharing {
  type: string;
  id: string;
  /** The current version; where it no longer is, nothing happens. */
  version: number;
  access: string;
  removed: readonly string[];
  added: readonly string[];
}

export interface SearchRequest {
  type: string;
  filter: Query;
  /** Empty means newest first: `_lastUpdated` descending. Ties are broken by id, ascending. */
  sort: readonly Sort[];
  /** Rows strictly after this position. */
  after?: Position;
  limit: number;
  /** Ends with the match by which the texts are together more than so many bytes, which is at least the second. */
  bytes?: number;
  /** False where the terms of what is found are not wanted: they weigh as much as the resources. It then has none. */
  terms?: boolean;
}

/**
 * What a question to the store may cost, and for whom it is asked. `withAllowance` gives it to all questions of one
 * request together.
 */
export interface Allowance {
  /**
   * So many milliseconds at most, from when the question is put, the time that it waits for its turn included. Beyond
   * them it is refused with `refusals.tooCostly`, or `refusals.storeBusy` when its turn did not come. Default: no bound.
   */
  timeout?: number;
  /** Once it is aborted, the work is given up wherever it stands, and the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
  /** Who asks: of several that wait, each has its turn. Default: the signal, so each request for itself. */
  client?: string;
}

/** A resource that a search found. `terms` are those of its entries, from which includes are followed. */
export interface Match {
  version: StoredVersion & { text: string };
  terms: readonly string[];
  position: Position;
}

/** Where a version stands in a history, newest first. */
export interface HistoryPosition {
  updated: number;
  type: string;
  id: string;
  version: number;
}

export interface HistoryRequest {
  /** Undefined: all types. */
  types?: readonly string[];
  /** Only with exactly one type. */
  id?: string;
  /** Versions made at or after this instant (milliseconds). */
  since?: number;
  /** Versions that were current at some instant of this span (milliseconds, both ends included). */
  at?: { low: number; high: number };
  after?: HistoryPosition;
  limit: number;
  /** Ends with the version by which the texts are together more than so many bytes, which is at least the second. */
  bytes?: number;
}

/** What can be asked of a store, inside a transaction or outside. */
export interface Reader {
  /** The current version (which may be a deletion), or undefined when the id was never used. */
  read(type: string, id: string): Promise<StoredVersion | undefined>;
  readVersion(type: string, id: string, version: number): Promise<StoredVersion | undefined>;
  /** Versions newest first: by `updated` descending, then type, id ascending and version descending. */
  history(request: HistoryRequest, allowance?: Allowance): Promise<StoredVersion[]>;
  /** Current, not deleted resources that match, in the order asked for. */
  search(request: SearchRequest, allowance?: Allowance): Promise<Match[]>;
  /** How many current resources match. */
  count(type: string, filter: Query, allowance?: Allowance): Promise<number>;
  /**
   * All that is stored, behind a reader that shows only what one actor may see: for what the server itself must know to
   * judge, and never to show. Absent where all is shown.
   */
  readonly entire?: Reader;
}

/**
 * A unit of work: all of it is kept, durably, or none. Its reads see its own writes and otherwise one
 * consistent state of the store.
 */
export interface Transaction extends Reader {
  /**
   * No other transaction that names the same key runs at the same time as this one; call it before any read.
   * Guards "search, then create if there is none" against its twin.
   */
  exclusive(key: string): Promise<void>;
  /**
   * Makes `next` the current version and moves `replaced`, which this transaction has read as the current one,
   * to the history. Without `replaced` the id must never have been used.
   */
  put(next: IndexedVersion, replaced?: StoredVersion): Promise<void>;
  /** Replaces the entries of a current version, when it still is the current one. */
  reindex(type: string, id: string, version: number, entries: IndexedVersion['entries']): Promise<void>;
  /**
   * Who writes has shown to know this resource, `Type/[id]`, by its identifier: what they write passes on the leave to
   * read it, as if they might read it already. Absent where nothing is kept of who may read.
   */
  recognise?(path: string): void;
  /** Replaces who may read a resource, without making a version. */
  share(sharing: Sharing): Promise<void>;
  /**
   * Replaces the text and the entries of a version that this transaction has read, be it the current one or one that was
   * replaced, without making another: for labels, whose change makes no new version of a resource.
   */
  amend(version: IndexedVersion): Promise<void>;
}

/** Keeps resources, their versions and their search entries. Knows nothing of HTTP or of referrals. */
export interface Store extends Reader {
  /**
   * Runs `work` as one transaction and gives its result once everything is durable. When `work` throws, nothing
   * is kept and the error is passed on. On a conflict with another transaction `work` runs again from the start,
   * so all its state must live inside it. Throws `refusals.writeConflict` when conflicts do not end and
   * `refusals.storeUnavailable` when the database cannot be reached.
   */
  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** The types that have or had at least one resource. */
  types(): Promise<string[]>;
  /** Resolves when the database answers and all indexes are there; throws `refusals.storeUnavailable` otherwise. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
