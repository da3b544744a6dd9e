import type { Trail } from '../interactions/audited.ts';
import type { CodeTables } from '../store/code-tables.ts';
import type { Reader, Store, Transaction } from '../store/store.ts';
import { type FromThread, outcomeOf, type ToThread, type WorkEnd } from './messages.ts';

/** Does on the store what a thread asks for. */
export interface StoreService {
  /** Takes a message of the thread. */
  take(message: Extract<FromThread, { call: number }>): void;
  /** The thread is gone: what it had begun to write is taken back. */
  abandon(): void;
}

/** Thrown into a write whose work has failed in the thread, which keeps the reason. */
const failed = new Error('The work has failed');

/** A transaction that is open: what its calls have thrown, which tells the engine whether to begin again, and its end. */
interface Open {
  transaction: Transaction;
  thrown: Map<number, unknown>;
  worked(end: WorkEnd): void;
}

/**
 * Serves one request that runs in a thread: the store stays with the thread that serves everybody, and so do its queues,
 * its allowance for this request, and whoever is told of what was kept.
 */
export function serveStore(
  {
    store,
    stored,
    codeTables,
    trail,
    now,
  }: { store: Store; stored: Reader; codeTables?: CodeTables; trail?: Trail; now(): number },
  send: (message: ToThread) => void,
): StoreService {
  /** By the call that began each. */
  const open = new Map<number, Open>();
  let isAbandoned = false;
  const named = { store, stored, codeTables, trail };

  async function reply(call: number, promise: Promise<unknown>): Promise<void> {
    send({ kind: 'result', call, outcome: await outcomeOf(promise) });
  }

  async function write(call: number): Promise<void> {
    try {
      await store.write(async (transaction) => {
        if (isAbandoned) throw failed;
        const { promise, resolve: worked } = Promise.withResolvers<WorkEnd>();
        const thrown = new Map<number, unknown>();
        open.set(call, { transaction, thrown, worked });
        send({ kind: 'begin', call, now: now() });
        const end = await promise;
        open.delete(call);
        if (end !== 'done') throw (end !== 'failed' && thrown.get(end.failedCall)) || failed;
      });
    } catch (error) {
      if (error !== failed) throw error;
    }
  }

  return {
    take: (message) => {
      switch (message.kind) {
        case 'call': {
          const { call, within, isEntire, method, parameters } = message;
          const transaction = typeof within === 'number' ? open.get(within) : undefined;
          const shown = transaction?.transaction ?? named[within as keyof typeof named];
          const target = (isEntire && (shown as Reader).entire) || shown;
          const asked = target as unknown as Record<string, ((...given: unknown[]) => unknown) | undefined>;
          const asking = Promise.try(() => asked[method]?.(...parameters));
          if (transaction) asking.catch((error) => transaction.thrown.set(call, error));
          void reply(call, asking);
          return;
        }
        case 'write':
          void reply(message.call, write(message.call));
          return;
        case 'worked':
          open.get(message.call)?.worked(message.end);
          return;
        default:
          throw new TypeError(`Unknown message ${message satisfies never}`);
      }
    },
    abandon: () => {
      isAbandoned = true;
      for (const { worked } of open.values()) worked('failed');
    },
  };
}
