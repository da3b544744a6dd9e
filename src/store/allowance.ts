import type { Allowance, Reader, Store, Transaction } from './store.ts';

/**
 * The same store, whose questions share one allowance: the time of all of them together counts from now, and none is
 * asked once the signal is aborted. For everything that one request asks, in transactions, too. A question that brings
 * an allowance of its own has the narrower of both.
 */
export function withAllowance(store: Store, shared: Allowance): Store {
  const left = timeLeft(shared.timeout);
  const narrow = (own: Allowance = {}): Allowance => narrower({ ...shared, ...left() }, own);
  return {
    ...store,
    ...questions(store, narrow),
    write: (work) =>
      store.write((transaction) =>
        work({ ...transaction, ...questions(transaction, narrow) } satisfies Transaction),
      ),
  };
}

/** For several questions in a row, each time what is left of the milliseconds that they have together. */
export function timeLeft(timeout: number | undefined): () => Pick<Allowance, 'timeout'> {
  const end = timeout === undefined ? undefined : performance.now() + timeout;
  return () => (end === undefined ? {} : { timeout: Math.max(1, Math.ceil(end - performance.now())) });
}

/** What both allow. */
function narrower(a: Allowance, b: Allowance): Allowance {
  const timeout = Math.min(a.timeout ?? Number.POSITIVE_INFINITY, b.timeout ?? Number.POSITIVE_INFINITY);
  const signals = [a.signal, b.signal].filter((signal) => signal !== undefined);
  return {
    ...b,
    ...a,
    ...(timeout !== Number.POSITIVE_INFINITY && { timeout }),
    ...(signals.length > 1 && { signal: AbortSignal.any(signals) }),
  };
}

function questions(
  reader: Reader,
  narrow: (own?: Allowance) => Allowance,
): Pick<Reader, 'search' | 'count' | 'history'> {
  return {
    search: (request, own) => reader.search(request, narrow(own)),
    count: (type, filter, own) => reader.count(type, filter, narrow(own)),
    history: (request, own) => reader.history(request, narrow(own)),
  };
}
