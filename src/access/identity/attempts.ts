/** Bounds on wrong passwords. */
export interface AttemptBounds {
  /** So many in the window; then the next is not looked at before the window ends. */
  most: number;
  /** In milliseconds. */
  window: number;
  now: () => number;
}

/** Counts what failed, by keys such as a name or an address. */
export interface Attempts {
  /** How long the key has to wait, in milliseconds; 0: not at all. */
  wait(key: string): number;
  failed(key: string): void;
  /** Takes one failure back: the attempt was no wrong one. */
  succeeded(key: string): void;
}

/** How many keys are counted at once: beyond them the one that began longest ago is forgotten. */
const mostKeys = 50_000;

/** Counts in memory, of this process alone. */
export function createAttempts({ most, window, now }: AttemptBounds): Attempts {
  const counts = new Map<string, { failures: number; since: number }>();
  function current(key: string) {
    const count = counts.get(key);
    if (!count || now() - count.since < window) return count;
    counts.delete(key);
    return undefined;
  }
  return {
    wait: (key) => {
      const count = current(key);
      return count && count.failures >= most ? count.since + window - now() : 0;
    },
    failed: (key) => {
      const count = current(key);
      if (count) count.failures++;
      else {
        if (counts.size >= mostKeys) counts.delete(counts.keys().next().value!);
        counts.set(key, { failures: 1, since: now() });
      }
    },
    succeeded: (key) => {
      const count = current(key);
      if (count) count.failures--;
    },
  };
}
