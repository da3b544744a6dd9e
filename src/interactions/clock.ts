import type { Reader } from '../store/store.ts';

/** The present instant, in milliseconds since the epoch, which never goes back. */
export interface Clock {
  now(): number;
  /** Resolves when the clock is not behind what the store holds; to be waited for before each write. */
  caughtUp(): Promise<void>;
  /** Another process has written at this instant: the present is not before it. */
  notBefore(instant: number): void;
}

/**
 * A clock for `meta.lastUpdated`: where the machine's goes back, as after a correction of its time, it stands still until
 * that has caught up, also over a restart; so a history is in the order of its versions, and who follows by `_since`
 * misses nothing. The processes of one server on the embedded engine hand on with the turn to write what time it was.
 * Several servers on one database have clocks of their own: there it holds for each resource, and for the whole store as
 * far as their machines agree.
 */
export function createClock(store: Reader, machine: () => number = Date.now): Clock {
  let latest = Number.NEGATIVE_INFINITY;
  let isCaughtUp = false;
  return {
    now: () => {
      latest = Math.max(latest, machine());
      return latest;
    },
    caughtUp: async () => {
      if (isCaughtUp) return;
      const [newest] = await store.history({ limit: 1 });
      latest = Math.max(latest, newest?.updated ?? latest);
      isCaughtUp = true;
    },
    notBefore: (instant) => {
      latest = Math.max(latest, instant);
    },
  };
}
