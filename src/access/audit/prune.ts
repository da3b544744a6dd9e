import type { AuditStore } from './audit-store.ts';
import { headOf } from './batch.ts';
import { type AuditRecord, lineOf, type Pruned } from './record.ts';
import { pruningReference } from './verify.ts';

const day = 86_400_000;

/**
 * Deletes the records that are older than so many days, in whole batches, and never the last batch. Before anything is
 * deleted this is recorded itself, with the last record's number and hash: from there the chain of what is left goes on.
 * Gives what was pruned, or undefined when nothing is that old.
 */
export async function prune(
  store: AuditStore,
  { days, now, by }: { days: number; now: number; by: string },
): Promise<Pruned | undefined> {
  const cutoff = now - days * day;
  const [young] = await store.batches({ descending: false, since: cutoff, limit: 1 });
  const [newest] = await store.batches({ descending: true, limit: 1 });
  const end = (young ?? newest)?.number;
  const [last] = end === undefined ? [] : await store.batches({ descending: true, to: end - 1, limit: 1 });
  if (!last) return undefined;
  const { record, hash } = headOf(last);
  const pruned: Pruned = { last: record, hash: Buffer.from(hash).toString('base64') };
  const told: AuditRecord = {
    at: now,
    request: 'prune',
    did: 'unknown',
    method: 'DELETE',
    status: 200,
    on: pruningReference,
    by: { person: by },
    pruned,
  };
  await store.append([lineOf(told)]);
  await store.deleteUpTo(last.number);
  return pruned;
}
