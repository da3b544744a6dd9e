import type { Batch } from './batch.ts';

/** Which batches are asked for. */
export interface BatchQuestion {
  /** Newest first; otherwise oldest first. */
  descending: boolean;
  /** Batches whose number is at least, or at most, this. */
  from?: number;
  to?: number;
  /** Batches with a record at or after, or at or before, these instants, in milliseconds. */
  since?: number;
  until?: number;
  /** Batches of which a record names one of these. */
  references?: readonly string[];
  limit: number;
}

/**
 * The store of the audit: an append-only log in batches. It has no versions and no words; it is looked up by time, and by
 * what its records name. Errors of a database are thrown as they are, or as Refusals.
 */
export interface AuditStore {
  /** Appends records; resolves when they are as durable as the data are. Several processes may do so at once. */
  append(lines: readonly string[]): Promise<void>;
  batches(question: BatchQuestion): Promise<Batch[]>;
  /** Whether a batch is found by all of these. */
  isFoundBy(number: number, references: readonly string[]): Promise<boolean>;
  /** Deletes all batches up to this number. */
  deleteUpTo(number: number): Promise<void>;
  /** Resolves when the database answers. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
