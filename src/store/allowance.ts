import type { Allowance, Reader, Store, Transaction } from './store.ts';

/**
 * The same store, whose questions share one allowance: what each takes is taken from the time of all, and none is asked
 * once the signal is aborted. For everything that one request asks, in transactions, too. A question that brings an
 * allowance of its own has the narrower of both.
 */
export function withAllowance(store: Store, shared: Allowance): Store {
  let left = shared.timeout;
  const ask = async <T>(
    own: Allowance | undefined,
    run: (allowance: Allowance) => Promise<T>,
  ): Promise<T> => {
    const began = performance.now();
    try {
      return await run(narrower({ ...shared, ...(left !== undefined && { timeout: left }) }, own));
    } finally {
      if (left !== undefined) left = Math.max(0, left - (performance.now() - began));
    }
  };
  return {
    ...store,
    ...questions(store, ask),
    write: async (work) => {
      shared.signal?.throwIfAborted();
      return store.write((transaction) =>
        work({ ...transaction, ...questions(transaction, ask) } satisfies Transaction),
      );
    },
  };
}

/** For several questions in a row, each time what is left of the milliseconds that they have together. */
export function timeLeft(timeout: number | undefined): () => Pick<Allowance, 'timeout'> {
  const end = timeout === undefined ? undefined : performance.now() + timeout;
  return () => (end === undefined ? {} : { timeout: Math.max(1, Math.ceil(end - performance.now())) });
}

/** What both allow. */
function narrower(shared: Allowance, own: Allowance = {}): Allowance {
  const timeouts = [shared.timeout, own.timeout].filter((timeout) => timeout !== undefined);
  const signals = [shared.signal, own.signal].filter((signal) => signal !== undefined);
  return {
    ...own,
    ...shared,
    ...(timeouts.length > 0 && { timeout: Math.min(...timeouts) }),
    ...(signals.length > 1 && { signal: AbortSignal.any(signals) }),
  };
}

function questions(
  reader: Reader,
  ask: <T>(own: Allowance | undefined, run: (allowance: Allowance) => Promise<T>) => Promise<T>,
): Pick<Reader, 'search' | 'count' | 'history'> {
  return {
    search: (request, own) => ask(own, (allowance) => reader.search(request, allowance)),
    count: (type, filter, own) => ask(own, (allowance) => reader.count(type, filter, allowance)),
    history: (request, own) => ask(own, (allowance) => reader.history(request, allowance)),
  };
}
