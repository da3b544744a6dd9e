import type { Transaction } from '../store/store.ts';
import type { Repeat } from './guard.ts';
import { atEntry } from './located.ts';
import type { Server } from './server.ts';
import { refuseOverlaps } from './transaction-overlaps.ts';
import { type EntryChange, type Plan, planEntry } from './transaction-plan.ts';
import { linksOf, resolveReferences } from './transaction-references.ts';
import type { WritingEntry } from './writing-entry.ts';

/** What a transaction is to change, with all its conditions and references resolved. */
export interface PlannedTransaction {
  plans: readonly Plan[];
  changes: readonly EntryChange[];
  /** The conditional creates that are not done. */
  repeats: readonly (Repeat & { index: number })[];
}

/**
 * Plans the writing entries of a transaction, which are in the order in which they take effect, against what the store
 * holds. Refuses what contradicts itself, and conditions and references that do not lead to one resource.
 */
export async function planTransaction(
  server: Server,
  tx: Transaction,
  writing: readonly WritingEntry[],
): Promise<PlannedTransaction> {
  const plans = await planEntries(server, tx, writing);
  refuseOverlaps(server, plans);
  const links = linksOf(server, plans);
  const changes = await resolveReferences(server, tx, plans, links);
  const repeats = plans.flatMap(({ repeat, entry }) =>
    repeat ? { ...repeat, sent: links.resolve(repeat.sent, entry) } : [],
  );
  return { plans, changes, repeats };
}

/** Plans the entries, which are in the order in which they take effect. */
async function planEntries(
  server: Server,
  tx: Transaction,
  writing: readonly WritingEntry[],
): Promise<Plan[]> {
  const plans: Plan[] = [];
  const doomed = new Map<string, string[]>();
  const isReferral = writing.some(({ type, method }) => type === 'ServiceRequest' && method === 'POST');
  for (const entry of writing) {
    const plan = await atEntry(entry.index, () =>
      planEntry(server, tx, entry, doomed.get(entry.type) ?? [], isReferral),
    );
    plans.push(plan);
    if (entry.method !== 'DELETE') continue;
    doomed.set(entry.type, [...(doomed.get(entry.type) ?? []), ...plan.changes.map(({ id }) => id)]);
  }
  return plans;
}
