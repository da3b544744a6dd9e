import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { refusals, refuse } from '../../fhir/refusal.ts';
import type { AuditStore } from './audit-store.ts';
import type { Journal } from './journal.ts';

/** How long records wait for others to be committed with, in milliseconds, when nobody waits for them. */
const linger = 20;
/** So many records at most make a batch, and so many may wait for the store before requests wait, too. */
const batchSize = 256;
const mostWaiting = 4_096;
/** Between two attempts at a store that fails, in milliseconds. */
const retryPause = 500;

/** Takes records in, and brings them into the log. */
export interface AuditWriter {
  /** Resolves when there is room for a record; throws `refusals.auditUnavailable` while records cannot be kept. */
  open(): Promise<void>;
  /**
   * Keeps records: resolves once they survive the end of the process, and with `durable` once they survive that of the
   * machine as well. Throws `refusals.auditUnavailable`.
   */
  keep(lines: readonly string[], durable: boolean): Promise<void>;
  /** Resolves once all that was kept until now can be found in the log; throws like `open`. */
  flushed(): Promise<void>;
  /** What is the matter, for people; undefined when nothing is. */
  readonly problem: string | undefined;
  close(): Promise<void>;
}

export interface WriterSettings {
  /** Whether reads, too, are answered only when their record is durable. */
  readsWait: boolean;
  /** Told, once, when records cannot be kept, and when they can again. */
  log(message: string): void;
}

/**
 * A writer in front of a store. An answer that changes something leaves when its record is durable like the change. One
 * that only reads leaves when its record is in the journal: its commit of some 0.2 to 10 ms, by the disk, would be many
 * times the cost of the read. What the end of the machine (not of the process) can lose are so the records of reads of
 * the last `linger` and commit, some hundredths of a second. `readsWait` closes this gap, at that price.
 */
export function createWriter(
  store: AuditStore,
  journal: Journal,
  { readsWait, log }: WriterSettings,
): AuditWriter {
  /** What came in this turn of the event loop, and its end. */
  let arrived: string[] = [];
  let turn: Promise<void> | undefined;
  let queue: string[] = [];
  let committing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let problem: string | undefined;
  let isClosed = false;
  /** How many records were taken in, and how many of them are in the log. */
  let taken = 0;
  let done = 0;
  const waiting: { until: number; resolve(): void; reject(error: unknown): void }[] = [];

  function settle(): void {
    for (let next = waiting[0]; next && next.until <= done; next = waiting[0]) {
      waiting.shift();
      next.resolve();
    }
  }

  function troubled(what: string): void {
    if (!problem) log(`Accesses cannot be recorded, so none are granted: ${what}`);
    problem = what;
    // The records stay in the queue; who waits for them to be durable is not answered as if they were.
    for (const { reject } of waiting.splice(0)) reject(refuse(refusals.auditUnavailable));
  }

  function well(): void {
    if (problem) log('Accesses are recorded again');
    problem = undefined;
  }

  async function commit(): Promise<void> {
    while (queue.length > 0) {
      const lines = queue.slice(0, batchSize);
      try {
        await store.append(lines);
      } catch (error) {
        troubled(`the audit store fails (${(error as Error).name})`);
        if (isClosed) break;
        await sleep(retryPause, undefined, { ref: false });
        continue;
      }
      well();
      queue = queue.slice(lines.length);
      done += lines.length;
      settle();
      // More that came meanwhile, but waits for nothing, may wait for more.
      if (waiting.length === 0 && queue.length < batchSize && !isClosed) break;
    }
    committing = undefined;
    if (queue.length === 0) journal.settled();
    else later();
  }

  function now(): void {
    clearTimeout(timer);
    timer = undefined;
    committing ??= commit();
  }

  function later(): void {
    if (committing || timer) return;
    timer = setTimeout(now, linger);
  }

  /** Resolves when the first so many records are in the log. */
  function inLog(until: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (until <= done) resolve();
      else if (problem) reject(refuse(refusals.auditUnavailable));
      else {
        waiting.push({ until, resolve, reject });
        now();
      }
    });
  }

  /** Writes what has arrived in one turn of the event loop into the journal, at once: it is the call that costs. */
  async function endOfTurn(): Promise<void> {
    await nextTurn();
    const lines = arrived;
    arrived = [];
    turn = undefined;
    for (const line of lines) queue.push(line);
    taken += lines.length;
    if (queue.length >= batchSize) now();
    else later();
    try {
      journal.write(lines);
    } catch (error) {
      // It still goes into the log, whose success says that all is well again.
      troubled(`the audit journal cannot be written (${(error as NodeJS.ErrnoException).code})`);
      throw refuse(refusals.auditUnavailable);
    }
  }

  return {
    open: async () => {
      if (problem) throw refuse(refusals.auditUnavailable);
      if (queue.length >= mostWaiting) await inLog(taken - mostWaiting / 2);
    },
    keep: (lines, durable) => {
      for (const line of lines) arrived.push(line);
      turn ??= endOfTurn();
      return durable || readsWait ? turn.then(() => inLog(taken)) : turn;
    },
    flushed: async () => {
      await turn;
      await inLog(taken);
    },
    get problem() {
      return problem;
    },
    close: async () => {
      await turn?.catch(() => {});
      isClosed = true;
      now();
      await committing;
      if (queue.length === 0) journal.remove();
      else journal.close();
      await store.close();
    },
  };
}
