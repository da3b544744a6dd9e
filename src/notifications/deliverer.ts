import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Server } from '../interactions/server.ts';
import { hold } from '../jobs/lease.ts';
import type { Outbox } from '../store/outbox.ts';
import type { LineParts } from './line.ts';
import { beginningOf, pump } from './pump.ts';
import { createRecentEntries, type RecentEntries } from './recent-entries.ts';
import { Registry } from './registry.ts';
import type { Services } from './services.ts';
import { keepStatus } from './status.ts';

/** How long the lease of the deliverer holds, and how often it is renewed, in milliseconds. */
export interface LeaseTimes {
  duration: number;
  renewal: number;
}

/** So long a round of upkeep is apart from the next, in milliseconds. */
const upkeepEvery = 1_000;
/** Events are kept so long for those who ask for them again, or whose receiver is down, in milliseconds. */
const keptFor = 30 * 86_400_000;
const forgetEvery = 3_600_000;
/** Between two attempts to deliver after an error, in milliseconds. */
const retryPause = 500;

/** What delivers notifications in a process: one among those that share a database. */
export interface Deliverer {
  readonly recent: RecentEntries;
  /** What of subscriptions is in force here; undefined while another process delivers. */
  readonly registry: Registry | undefined;
  stop(): Promise<void>;
}

/** Begins to deliver, as soon as no other process does. */
export function startDeliverer(services: Services, lease: LeaseTimes | undefined): Deliverer {
  const { outbox, report } = services;
  const stopping = new AbortController();
  let registry: Registry | undefined;
  const recent = createRecentEntries(
    (type) =>
      registry?.writesOf(type) !== undefined ||
      (type === 'Task' && registry?.eventsOf('overdue', type) !== undefined),
  );

  /** Delivers until it is stopped or the lease is lost. */
  async function deliver(signal: AbortSignal): Promise<void> {
    const present = new Registry({
      store: services.server().store,
      outbox,
      watching: services.watching,
      line: lineParts(services),
      report,
    });
    registry = present;
    const rounds = upkeep(present, services, signal);
    try {
      const beginning = await beginningOf({ outbox, server: services.server() });
      await present.load();
      await pump(
        {
          outbox,
          registry: present,
          recent,
          report,
          store: services.server().store,
          server: services.server(),
          seenBy: async (id) => {
            const subscription = present.find(id);
            return subscription && (await services.seenBy(subscription))?.store;
          },
          queued: (events) => {
            for (const [id, own] of Map.groupBy(events, ({ subscription }) => subscription))
              present.lineOf(id)?.push(own);
            services.queued(new Set(events.map(({ subscription }) => subscription)));
          },
        },
        beginning,
        signal,
      );
    } finally {
      registry = undefined;
      await present.stop();
      await rounds;
      await services.settling.flush();
    }
  }

  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        if (lease) await whileHeld(services.server(), lease, stopping.signal, deliver, report);
        else await deliverUntilStopped(stopping.signal, deliver);
      } catch (error) {
        report(error);
      }
      await pause(retryPause, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    }
  })();

  return {
    recent,
    get registry() {
      return registry;
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function deliverUntilStopped(
  stopping: AbortSignal,
  deliver: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  const end = () => ending.abort();
  stopping.addEventListener('abort', end, { once: true });
  try {
    await deliver(ending.signal);
  } finally {
    ending.abort();
    stopping.removeEventListener('abort', end);
  }
}

/** Runs work while this process has the lease, and renews that meanwhile; gives it up afterwards. */
async function whileHeld(
  server: Server,
  { duration, renewal }: LeaseTimes,
  stopping: AbortSignal,
  run: (signal: AbortSignal) => Promise<void>,
  report: (error: unknown) => void,
): Promise<void> {
  const holder = randomUUID();
  const take = (time: number) =>
    server.store.write((transaction) =>
      hold(server, transaction, { job: 'notifications', holder, duration: time }),
    );
  if (!(await take(duration))) {
    await pause(renewal, undefined, { signal: stopping, ref: false }).catch(() => {});
    return;
  }
  const ending = new AbortController();
  const signal = AbortSignal.any([stopping, ending.signal]);
  let until = Date.now() + duration;
  const renewing = (async () => {
    while (!signal.aborted) {
      await pause(renewal, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      const began = Date.now();
      try {
        if (await take(duration)) until = began + duration;
        else until = 0;
      } catch (error) {
        report(error);
      }
      if (Date.now() >= until) ending.abort();
    }
  })();
  try {
    await run(signal);
  } finally {
    ending.abort();
    await renewing;
    if (Date.now() < until) await take(0).catch(report);
  }
}

/** Heartbeats, ends, and what is forgotten. */
async function upkeep(registry: Registry, services: Services, signal: AbortSignal): Promise<void> {
  let forgotten = 0;
  while (!signal.aborted) {
    await pause(upkeepEvery, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    try {
      const now = services.server().now();
      for (const line of registry.lines()) line.beat();
      for (const subscription of registry.subscriptions())
        if (subscription.end !== undefined && subscription.end <= now)
          await keepStatus(services.server(), subscription, 'off');
      if (now - forgotten >= forgetEvery) {
        await services.outbox.forget({ before: now - keptFor });
        forgotten = now;
      }
    } catch (error) {
      services.report(error);
    }
  }
}

function lineParts(services: Services): LineParts {
  const { outbox, settling, patience, report } = services;
  return {
    outbox,
    settling,
    patience,
    prepare: services.prepare,
    send: services.send,
    setStatus: (subscription, status, problem) =>
      keepStatus(services.server(), subscription, status, problem),
    now: Date.now,
    report,
  };
}

/** The outbox alone, for who only asks. */
export type { Outbox };
