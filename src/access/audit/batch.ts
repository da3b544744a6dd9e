import { createHash } from 'node:crypto';
import { type AuditRecord, recordOf, referencesOf } from './record.ts';

/**
 * Some records that were made durable together: the unit in which the log is stored. Records are numbered 1, 2, 3, … over
 * the whole log, and each has the hash of the one before and of its own line.
 */
export interface Batch {
  /** 1, 2, 3, … without gaps. */
  number: number;
  /** The number of its first record. */
  first: number;
  /** Instants of its oldest and newest record, in milliseconds. */
  low: number;
  high: number;
  /** The records' lines, with line feeds between. */
  lines: string;
  /** The records' hashes, 32 bytes each. */
  hashes: Uint8Array;
}

/** A batch with what it is looked up by, which is no part of the chain. */
export interface SealedBatch extends Batch {
  /** What its records name, each once. */
  references: readonly string[];
}

/** Where the log ends: what the next batch goes on from. */
export interface Head {
  /** Number of the last batch and of the last record; 0 when there is none. */
  batch: number;
  record: number;
  /** The last record's hash. */
  hash: Uint8Array;
}

export const hashLength = 32;

/** Before the first record. */
export const beginning: Head = { batch: 0, record: 0, hash: new Uint8Array(hashLength) };

/** Makes a batch of lines, of which there is at least one, that goes on from where the log ends. */
export function seal(head: Head, lines: readonly string[]): SealedBatch {
  const hashes = Buffer.alloc(lines.length * hashLength);
  const records = lines.map(recordOf);
  let [low, high, hash] = [Number.POSITIVE_INFINITY, 0, head.hash];
  for (const [n, line] of lines.entries()) {
    hash = hashAfter(hash, line);
    hashes.set(hash, n * hashLength);
    const { at } = records[n]!;
    if (at < low) low = at;
    if (at > high) high = at;
  }
  return {
    number: head.batch + 1,
    first: head.record + 1,
    low,
    high,
    lines: lines.join('\n'),
    hashes,
    references: namedIn(records),
  };
}

/** What records name, each once. */
function namedIn(records: readonly AuditRecord[]): string[] {
  return [...new Set(records.flatMap(referencesOf))];
}

/** The lines of a batch. */
export function linesOf({ lines }: Pick<Batch, 'lines'>): string[] {
  return lines.split('\n');
}

/** What the records of a batch name, each once: what it must be found by. */
export function referencesIn(batch: Pick<Batch, 'lines'>): string[] {
  return namedIn(linesOf(batch).map(recordOf));
}

/** The hash of a line that follows the record with this hash. */
export function hashAfter(previous: Uint8Array, line: string): Uint8Array {
  return createHash('sha256').update(previous).update(line).digest();
}

/** Where the log ends with this batch. */
export function headOf({ number, first, hashes }: Pick<Batch, 'number' | 'first' | 'hashes'>): Head {
  const count = hashes.length / hashLength;
  return { batch: number, record: first + count - 1, hash: hashes.subarray(-hashLength) };
}
