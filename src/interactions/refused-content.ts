import { Refusal } from '../fhir/refusal.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Store } from '../store/store.ts';

/** The refusal of a request for what it was to write. */
export class RefusedContent extends Refusal {
  /** What was to be kept, as it was sent. */
  readonly content: readonly Resource[];

  constructor(status: number, issues: Refusal['issues'], content: readonly Resource[]) {
    super(status, issues);
    this.content = content;
  }
}

/** Told of what was refused, once nothing of it is kept. What it does is waited for before the client is answered. */
export type RefusedListener = (refused: RefusedContent) => Promise<void>;

/** The same store; a listener is told of transactions that were refused for their content. */
export function announceRefused(store: Store, listener: RefusedListener): Store {
  return {
    ...store,
    async write(work) {
      try {
        return await store.write(work);
      } catch (error) {
        if (error instanceof RefusedContent) await listener(error);
        throw error;
      }
    },
  };
}
