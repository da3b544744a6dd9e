import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Position } from '../fhir/search/order.ts';
import type { Server } from '../interactions/server.ts';
import type { Transaction } from '../store/store.ts';
import type { Job } from './job.ts';
import { hold, type Lease } from './lease.ts';

export interface JobsOptions {
  jobs: readonly Job[];
  /** From the end of one round to the next, in milliseconds. */
  interval: number;
  /** Told of errors: an item that fails is tried again in the next round, and keeps no other from being done. */
  report(error: unknown): void;
}

/** How long a lease holds after an item, in milliseconds: another process takes over from one that died amid its work. */
const leaseTime = 60_000;

/** The jobs of a server process. */
export interface Jobs {
  /** Does what is due now; resolves when all jobs have done theirs. */
  round(): Promise<void>;
  /** Does no more, and resolves when what was begun has ended. */
  stop(): Promise<void>;
}

/**
 * Does jobs by the clock, at once and from then on, once even where several server processes share a database. What a
 * job has to do is asked of the store each time, so a restart loses nothing: what became due meanwhile is found then.
 */
export function startJobs(server: Server, { jobs, interval, report }: JobsOptions): Jobs {
  const holder = randomUUID();
  const stopping = new AbortController();

  const round = async () => {
    for (const job of jobs) {
      try {
        await doDue(server, job, { job: job.name, holder, duration: leaseTime }, stopping.signal, report);
      } catch (error) {
        report(error);
      }
    }
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await round();
      await pause(interval, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    }
  })();
  return {
    round,
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/**
 * Does what a job finds, each item in a transaction with the lease, and gives that up afterwards; ends early when
 * another process has it.
 */
async function doDue(
  server: Server,
  job: Job,
  lease: Lease,
  signal: AbortSignal,
  report: (error: unknown) => void,
): Promise<void> {
  const holding = (transaction: Transaction, duration = lease.duration) =>
    hold(server, transaction, { ...lease, duration });
  let position: Position | undefined;
  let isHolder = false;
  do {
    const { items, next } = await job.find(server, position);
    for (const item of items) {
      if (signal.aborted) break;
      try {
        isHolder = await server.store.write(async (transaction) => {
          if (!(await holding(transaction))) return false;
          await job.run(server, transaction, item);
          return true;
        });
        if (!isHolder) return;
      } catch (error) {
        report(error);
      }
    }
    position = next;
  } while (position && !signal.aborted);
  if (isHolder) await server.store.write((transaction) => holding(transaction, 0));
}
