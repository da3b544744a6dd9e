import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { allocatorSettings } from './allocator.ts';
import { closeLostConnections } from './lost-connections.ts';
import type { FromWorker } from './messages.ts';
import { createRelay, type MachineCounts } from './relay.ts';

export interface PrimaryOptions {
  /** How many server processes there are to be. */
  count: number;
  /** What is counted for all of them. */
  counts: MachineCounts;
  /** What is said of them when they listen. */
  engine: string;
  log: Logger;
}

/** The process that has started the others. */
export interface Primary {
  /** Gives the base URL when the first process listens; rejects with `NotStarted` when it does not start. */
  readonly started: Promise<string>;
  /** Resolves when all of them have listened once. */
  readonly complete: Promise<void>;
  /** Stops all in order, and resolves when they have ended. */
  stop(): Promise<void>;
}

/** Between the end of a process and its replacement, in milliseconds: more each time while they do not live long. */
const pauses = { first: 50, longest: 5_000, longLife: 10_000 };
/** A process that has not stopped after so many milliseconds is ended. */
const longestStop = 30_000;

/** The first process could not start. It has said why. */
export class NotStarted extends Error {}

/**
 * Starts the processes that serve, which listen on one port, and keeps their number: one that ends is replaced, and no
 * other is disturbed. The first starts alone, since it makes what is not there yet. This process serves nobody and opens no
 * data: it passes on connections, turns and news, and counts.
 */
export function startWorkers({ count, counts, engine, log }: PrimaryOptions): Primary {
  const workers = new Set<Worker>();
  const relay = createRelay({ workers, counts });
  const replacements = new Set<NodeJS.Timeout>();
  let base: string | undefined;
  let isStopping = false;
  let pause = pauses.first;

  /** Starts one; resolves with its base URL when it listens, with undefined when it ends before. */
  function add(): Promise<string | undefined> {
    const worker = cluster.fork(allocatorSettings(process.env));
    closeLostConnections(worker);
    const began = performance.now();
    workers.add(worker);
    return new Promise((resolve) => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'listening') resolve(message.base);
        else relay.take(worker, message);
      });
      worker.once('exit', (code, signal) => {
        workers.delete(worker);
        relay.forget(worker);
        resolve(undefined);
        if (isStopping || base === undefined) return;
        log.warn({ ended: worker.process.pid, code, signal }, 'a server process has ended and is replaced');
        replace(performance.now() - began);
      });
    });
  }

  /** Starts another in place of one that has lived so long, in milliseconds. */
  function replace(lived: number): void {
    if (lived > pauses.longLife) pause = pauses.first;
    const timer = setTimeout(() => {
      replacements.delete(timer);
      void add();
    }, pause);
    replacements.add(timer);
    pause = Math.min(pauses.longest, pause * 2);
  }

  async function stop(): Promise<void> {
    isStopping = true;
    for (const timer of replacements) clearTimeout(timer);
    const ended = [...workers].map((worker) => once(worker, 'exit'));
    const kill = setTimeout(() => {
      for (const worker of workers) worker.process.kill('SIGKILL');
    }, longestStop);
    for (const worker of workers) relay.send(worker, { kind: 'stop' });
    await Promise.all(ended);
    clearTimeout(kill);
  }

  async function startFirst(): Promise<string> {
    base = await add();
    if (base === undefined) throw new NotStarted();
    log.info({ base, engine, workers: count }, 'listening');
    return base;
  }

  async function startOthers(): Promise<void> {
    await started;
    if (!isStopping) await Promise.all(Array.from({ length: count - 1 }, add));
  }

  const started = startFirst();
  const complete = startOthers();
  // Who waits for it is told by `started`.
  complete.catch(() => {});
  return { started, complete, stop };
}
