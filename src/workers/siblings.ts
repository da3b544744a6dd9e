import type { Counts } from './counts.ts';

/** What one process at a time does, of all server processes of a machine. */
export type TurnName = 'write' | 'index' | 'audit';

/** A turn that has come. */
export interface Turn {
  /** What the process before has left, if any. */
  readonly note: number | undefined;
  /** Passes the turn on, with a note for the next one. */
  pass(note?: number): void;
}

/** What a process tells the others: something to look at in the store, or something to do. Never the thing itself. */
export type News =
  /** Resources of these types were written. */
  | { kind: 'kept'; types: readonly string[] }
  /** All accesses until now are asked for: what is not in the log yet belongs there. */
  | { kind: 'flush' };

/** Takes note of what another process tells; that one waits for it. */
export type NewsListener = (news: News) => Promise<void>;

/**
 * The server processes of one machine (`WORKERS`), as one of them sees the others. What they know together is in the
 * store; here is only when to look there, whose turn it is, and what is counted for the machine as a whole.
 */
export interface Siblings {
  /** Whether there is only this process. */
  readonly isAlone: boolean;
  /** Whether it is the first that was started: it says what is said once. */
  readonly isFirst: boolean;
  /** Resolves when it is this process's turn; turns come in the order in which they were asked for. */
  turn(name: TurnName): Promise<Turn>;
  /** Tells the others; resolves when they have taken note, or had time enough for it. */
  tell(news: News): Promise<void>;
  hear(listener: NewsListener): void;
  readonly counts: Counts;
}

/** A process that has no siblings. */
export function alone(counts: Counts): Siblings {
  return {
    isAlone: true,
    isFirst: true,
    turn: async () => ({ note: undefined, pass: () => {} }),
    tell: async () => {},
    hear: () => {},
    counts,
  };
}
