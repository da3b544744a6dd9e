import type { AuditStore } from './audit-store.ts';
import { headOf } from './batch.ts';
import type { Witness } from './verify.ts';

/** The last record's number and its hash in base64: told somewhere else, it is a witness of the log. */
export async function witnessOf(store: AuditStore): Promise<Witness | undefined> {
  const [last] = await store.batches({ descending: true, limit: 1 });
  if (!last) return undefined;
  const { record, hash } = headOf(last);
  return { record, hash: Buffer.from(hash).toString('base64') };
}
