import type { AuditStore } from './audit-store.ts';
import { type Batch, hashAfter, hashLength, linesOf, referencesIn } from './batch.ts';
import { recordOf } from './record.ts';

/** What a verification found. */
export interface Verdict {
  /** How many records were verified, and the number of the last one with its hash in base64. */
  records: number;
  last: number;
  hash: string;
  /** The first place where the log is not what was written; undefined when all is well. */
  fault?: { record: number; batch: number; what: string };
}

/** A record and its hash as they were told at some time before. */
export interface Witness {
  record: number;
  hash: string;
}

const batchesAtOnce = 32;

/**
 * Follows the chain from the first record on that is there, and finds the first place of tampering: a record that was
 * changed, put in, taken out or moved, and one that is not found by what it names. The log begins with record 1, or
 * behind what the record of a pruning says. That records were cut off at the end, or that the whole chain was made anew,
 * shows by a witness: the number and hash that were told before.
 */
export async function verify(store: AuditStore, witness?: Witness): Promise<Verdict> {
  let records = 0;
  let last = 0;
  let hash: Uint8Array = new Uint8Array(hashLength);
  let number = 0;
  const verdict = (fault?: Verdict['fault']): Verdict => ({
    records,
    last,
    hash: Buffer.from(hash).toString('base64'),
    ...(fault && { fault }),
  });

  for (let from = 0; ; ) {
    const batches = await store.batches({ descending: false, from, limit: batchesAtOnce });
    for (const batch of batches) {
      const fault = (record: number, what: string) => verdict({ record, batch: batch.number, what });
      if (records === 0 && batch.number !== 1) {
        const opening = await openingHash(store, batch);
        if (!opening) return fault(batch.first, 'the records before it are gone, and no pruning says so');
        hash = opening;
        last = batch.first - 1;
        number = batch.number - 1;
      }
      if (batch.number !== number + 1 || batch.first !== last + 1)
        return fault(last + 1, 'records are missing here');
      const lines = linesOf(batch);
      if (batch.hashes.length !== lines.length * hashLength)
        return fault(batch.first, 'there are not as many records as there were');
      for (const [n, line] of lines.entries()) {
        const stated = batch.hashes.subarray(n * hashLength, (n + 1) * hashLength);
        if (Buffer.compare(hashAfter(hash, line), stated) !== 0)
          return fault(last + 1, 'the record is not the one that was written');
        hash = stated;
        last++;
        records++;
        if (witness?.record === last && witness.hash !== Buffer.from(hash).toString('base64'))
          return fault(last, 'the hash is not the one that was told before');
      }
      if (!(await store.isFoundBy(batch.number, referencesIn(batch))))
        return fault(batch.first, 'a record of this batch is not found by what it names');
      number = batch.number;
    }
    const end = batches.at(-1);
    if (!end) break;
    from = end.number + 1;
  }
  if (witness && last < witness.record)
    return verdict({
      record: last + 1,
      batch: number,
      what: 'the records after it that there were are gone',
    });
  return verdict();
}

/**
 * The hash of the record before a batch, as the record of a pruning says, undefined when none does. That record is a link
 * of the chain that begins there, and is verified with it.
 */
async function openingHash(store: AuditStore, { first }: Batch): Promise<Uint8Array | undefined> {
  for (let from = 0; ; ) {
    const batches = await store.batches({
      descending: false,
      from,
      references: [pruningReference],
      limit: batchesAtOnce,
    });
    for (const { pruned } of batches.flatMap(linesOf).map(recordOf))
      if (pruned?.last === first - 1) return Buffer.from(pruned.hash, 'base64');
    const end = batches.at(-1);
    if (!end) return undefined;
    from = end.number + 1;
  }
}

/** What the record of a pruning names, so that it is found at once. */
export const pruningReference = 'AuditEvent/pruned';
