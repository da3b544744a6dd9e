import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../fhir/refusal.ts';
import type { Position } from '../fhir/search/order.ts';
import { type Trail, textsOf } from '../interactions/audited.ts';
import type { Server } from '../interactions/server.ts';
import type { IndexedVersion, Transaction } from '../store/store.ts';
import type { Job } from './job.ts';
import { hold, type Lease } from './lease.ts';

export interface JobsOptions {
  jobs: readonly Job[];
  /** From the end of one round to the next, in milliseconds. */
  interval: number;
  /** Where what a job does is recorded, when accesses are. */
  trail?: (() => Trail) | undefined;
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
export function startJobs(server: Server, { jobs, interval, trail, report }: JobsOptions): Jobs {
  const holder = randomUUID();
  const stopping = new AbortController();

  const round = async () => {
    for (const job of jobs) {
      try {
        const lease = { job: job.name, holder, duration: leaseTime };
        await doDue(server, job, lease, { signal: stopping.signal, trail, report });
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
  { signal, trail, report }: Pick<JobsOptions, 'trail' | 'report'> & { signal: AbortSignal },
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
        isHolder = await recorded(trail?.(), job, (written) =>
          server.store.write(async (transaction) => {
            if (!(await holding(transaction))) return false;
            await job.run(server, noting(transaction, written()), item);
            return true;
          }),
        );
        if (!isHolder) return;
      } catch (error) {
        report(error);
      }
    }
    position = next;
  } while (position && !signal.aborted);
  if (isHolder) await server.store.write((transaction) => holding(transaction, 0));
}

/**
 * Does one item and records what it has written, about whom, and whether it failed; what wrote nothing was done before.
 * `written` begins the list anew: a transaction can run more than once.
 */
async function recorded(
  trail: Trail | undefined,
  { name }: Job,
  work: (written: () => IndexedVersion[]) => Promise<boolean>,
): Promise<boolean> {
  let versions: IndexedVersion[] = [];
  const asked = { method: 'PUT', interaction: 'job', operation: name, query: [] } as const;
  await trail?.open();
  try {
    const isDone = await work(() => {
      versions = [];
      return versions;
    });
    const [first] = versions;
    if (first)
      await trail?.answered(
        { ...asked, type: first.type, id: first.id },
        { status: 200, about: textsOf(versions) },
      );
    return isDone;
  } catch (error) {
    await trail?.refused(asked, error instanceof Refusal ? error.status : 500);
    throw error;
  }
}

/** The transaction, which notes what is written in it. */
function noting(transaction: Transaction, written: IndexedVersion[]): Transaction {
  return {
    ...transaction,
    put: async (next, replaced) => {
      written.push(next);
      await transaction.put(next, replaced);
    },
  };
}
