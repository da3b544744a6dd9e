import { type RefusalKind, refusals, refuse } from '../fhir/refusal.ts';
import type { Allowance } from './store.ts';
import { takeTurns } from './turns.ts';

/** Lets work through when its turn comes, with what is then left of its allowance. */
export type Gate = <T>(allowance: Allowance, run: (allowance: Allowance) => Promise<T>) => Promise<T>;

/**
 * A gate through which `atOnce` works pass at once, each asker in turn. Refuses as `busy` beyond `queue` that
 * wait, and those whose time is over before their turn comes.
 */
export function createGate({
  atOnce,
  queue,
  busy = refusals.storeBusy,
}: {
  atOnce: number;
  queue: number;
  busy?: RefusalKind;
}): Gate {
  const turns = takeTurns<{ enter(): void; reject(reason: unknown): void }>(queue);
  let inside = 0;

  function next(): void {
    if (inside >= atOnce) return;
    const waiting = turns.take(() => true);
    if (!waiting) return;
    inside++;
    waiting.enter();
  }

  /** Resolves when it is the turn of this asker. */
  async function turn({ timeout, signal, client }: Allowance): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const owner = client ?? signal ?? Symbol('question');
    const waiting = { enter: resolve, reject };
    const giveUp = (reason: unknown) => {
      turns.remove(owner, waiting);
      reject(reason);
    };
    const onAbort = () => giveUp(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const late = timeout === undefined ? undefined : setTimeout(() => giveUp(refuse(busy)), timeout);
    turns.add(owner, waiting)?.reject(refuse(busy));
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      clearTimeout(late);
    }
  }

  return async (allowance, run) => {
    const began = performance.now();
    if (inside < atOnce && turns.size === 0) inside++;
    else await turn(allowance);
    try {
      const { timeout } = allowance;
      const left =
        timeout === undefined ? {} : { timeout: Math.max(1, timeout - (performance.now() - began)) };
      return await run({ ...allowance, ...left });
    } finally {
      inside--;
      next();
    }
  };
}
