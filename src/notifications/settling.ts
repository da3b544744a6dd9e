import { setTimeout as pause } from 'node:timers/promises';
import type { Outbox, Settlement } from '../store/outbox.ts';

/** Keeps what has become of events, many with one write. */
export interface Settling {
  /** Notes it; resolves once it is kept. */
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** Keeps all that was noted. */
  flush(): Promise<void>;
}

/** So long settlements are gathered, in milliseconds: what is lost by a crash meanwhile is told once more. */
const gathered = 25;
/** Between two attempts while the database does not answer, in milliseconds. */
const retryPause = 500;
const mostAttempts = 20;

/** Gathers the settlements of all subscriptions. */
export function createSettling(outbox: Outbox, report: (error: unknown) => void): Settling {
  let noted: Settlement[] = [];
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    await pause(gathered);
    const settlements = noted;
    noted = [];
    writing = undefined;
    for (let attempt = 1; ; attempt++) {
      try {
        return await outbox.settle(settlements);
      } catch (error) {
        report(error);
        if (attempt === mostAttempts) return;
        await pause(retryPause);
      }
    }
  }

  return {
    settle: (settlements) => {
      for (const each of settlements) noted.push(each);
      writing ??= write();
      return writing;
    },
    flush: async () => {
      while (writing) await writing;
    },
  };
}
