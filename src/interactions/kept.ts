import type { IndexedVersion, Store } from '../store/store.ts';

/** What is known of something that was kept, also by whoever was told of it from elsewhere. */
export type Kept = Pick<IndexedVersion, 'type'>;

/** Told of what one transaction has kept, once it is durable. What it does is waited for before the client is answered. */
export type KeptListener = (versions: readonly IndexedVersion[]) => Promise<void>;

/** The same store, of whose writes a listener is told. */
export function announceKept(store: Store, listener: KeptListener): Store {
  return {
    ...store,
    async write(work) {
      let kept: IndexedVersion[] = [];
      const result = await store.write((transaction) => {
        // The work may run again from its start.
        kept = [];
        return work({
          ...transaction,
          put: async (next, replaced) => {
            await transaction.put(next, replaced);
            kept.push(next);
          },
        });
      });
      if (kept.length > 0) await listener(kept);
      return result;
    },
  };
}
