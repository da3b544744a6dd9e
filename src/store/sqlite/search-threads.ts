import { Worker } from 'node:worker_threads';
import { Refusal, refusals, refuse } from '../../fhir/refusal.ts';
import type { Allowance } from '../store.ts';
import { takeTurns } from '../turns.ts';
import { isLong } from './estimate.ts';
import type { AnswerTo, Question } from './question.ts';
import type { Outcome, Task, ThreadData } from './search-thread.ts';

/** How many threads answer, and how many questions may wait for one. */
export interface ThreadSettings {
  threads: number;
  queue: number;
}

/** The threads beside the one that serves, and the queue before them. */
export interface SearchThreads {
  ask<Q extends Question>(question: Q, allowance: Allowance): Promise<AnswerTo<Q>>;
  close(): Promise<void>;
}

/**
 * What is not answered in this time, in milliseconds, waits once more and takes no thread that others could need: one
 * is always left for what is short.
 */
const shortTime = 250;
/** A thread that does not end a question in so many milliseconds after its time is over is ended itself. */
const patience = 1_000;
/** After so many milliseconds without a question a thread ends, and what it has held of memory is given back. */
const idleTime = 30_000;
/** The time of a question that brings none, in milliseconds. */
const longest = 60_000;

interface Waiting {
  question: Question;
  owner: unknown;
  signal: AbortSignal | undefined;
  timeout: number;
  deadline: number;
  isLong: boolean;
  resolve(result: unknown): void;
  reject(reason: unknown): void;
}

interface Thread {
  worker: Worker;
  cancelled: Int32Array;
  /** Whether it has answered yet: before, it may still be loading, for as long as a busy machine takes. */
  hasAnswered: boolean;
  idle: NodeJS.Timeout | undefined;
  running: { number: number; waiting: Waiting; watch: NodeJS.Timeout } | undefined;
}

/** Threads that answer questions of a database file. None is started before one is needed. */
export function searchThreads(file: string, { threads: most, queue }: ThreadSettings): SearchThreads {
  const threads = new Set<Thread>();
  const turns = takeTurns<Waiting>(queue);
  const mostLong = Math.max(1, most - 1);
  let number = 0;
  let isClosed = false;

  function enter(waiting: Waiting): void {
    turns.add(waiting.owner, waiting)?.reject(refuse(refusals.storeBusy));
    next();
  }

  /** Gives the threads that are free what waits. */
  function next(): void {
    while (!isClosed) {
      const all = [...threads];
      const long = all.filter(({ running }) => running?.waiting.isLong).length;
      const free = all.find(({ running }) => !running);
      if (!free && threads.size >= most) return;
      const waiting = turns.take(({ isLong }) => !isLong || long < mostLong);
      if (!waiting) return;
      run(free ?? start(), waiting);
    }
  }

  function run(thread: Thread, waiting: Waiting): void {
    const left = waiting.deadline - performance.now();
    if (left <= 0) {
      waiting.reject(refuse(refusals.storeBusy));
      return;
    }
    number = (number + 1) & 0x7fffffff;
    const timeout = waiting.isLong ? left : Math.min(left, shortTime);
    const watch = setTimeout(() => replace(thread), (thread.hasAnswered ? timeout : left) + patience);
    thread.running = { number, waiting, watch };
    clearTimeout(thread.idle);
    thread.worker.ref();
    const { question } = waiting;
    thread.worker.postMessage({ number, question, timeout } satisfies Task);
  }

  function start(): Thread {
    const givenUp = new SharedArrayBuffer(4);
    const workerData: ThreadData = { file, givenUp };
    const worker = new Worker(new URL('./search-thread.ts', import.meta.url), { workerData });
    const thread: Thread = {
      worker,
      cancelled: new Int32Array(givenUp),
      hasAnswered: false,
      running: undefined,
      idle: undefined,
    };
    worker.on('message', (outcome: Outcome) => answered(thread, outcome));
    worker.on('error', (error) => gone(thread, error));
    worker.on('exit', () => gone(thread, new Error('The thread has ended')));
    worker.unref();
    threads.add(thread);
    return thread;
  }

  function answered(thread: Thread, outcome: Outcome): void {
    const { running } = thread;
    if (running?.number !== outcome.number) return;
    clearTimeout(running.watch);
    thread.hasAnswered = true;
    thread.running = undefined;
    thread.worker.unref();
    thread.idle = setTimeout(() => void end(thread), idleTime).unref();
    const { waiting } = running;
    if ('result' in outcome) waiting.resolve(outcome.result);
    else if ('refusal' in outcome)
      waiting.reject(new Refusal(outcome.refusal.status, outcome.refusal.issues));
    else if ('error' in outcome) waiting.reject(new Error(outcome.error));
    else waitOnceMore(waiting);
    next();
  }

  /** What was not answered in the time of a short question is a long one, as long as it has time. */
  function waitOnceMore(waiting: Waiting): void {
    if (waiting.isLong || performance.now() >= waiting.deadline) waiting.reject(tooCostly(waiting));
    else if (!waiting.signal?.aborted) {
      waiting.isLong = true;
      enter(waiting);
    }
  }

  /** Ends a thread that does not come back, and is ready to start another. */
  function replace(thread: Thread): void {
    threads.delete(thread);
    const { running } = thread;
    thread.running = undefined;
    void thread.worker.terminate();
    // A busy machine may not have let it work, and then it is not the question that takes long.
    if (running) waitOnceMore(running.waiting);
    next();
  }

  function gone(thread: Thread, error: unknown): void {
    if (!threads.delete(thread)) return;
    if (thread.running) clearTimeout(thread.running.watch);
    thread.running?.waiting.reject(error);
    next();
  }

  return {
    ask: (question, { timeout = longest, signal, client }) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const giveUp = () => {
          waiting.reject(signal?.reason);
          turns.remove(waiting.owner, waiting);
          for (const { running, cancelled } of threads)
            if (running?.waiting === waiting) Atomics.store(cancelled, 0, running.number);
        };
        const settled = () => signal?.removeEventListener('abort', giveUp);
        const waiting: Waiting = {
          question,
          owner: client ?? signal ?? Symbol('question'),
          signal,
          timeout,
          deadline: performance.now() + timeout,
          isLong: isLong(question),
          resolve: (result) => {
            settled();
            resolve(result as AnswerTo<typeof question>);
          },
          reject: (reason) => {
            settled();
            reject(reason);
          },
        };
        signal?.addEventListener('abort', giveUp, { once: true });
        enter(waiting);
      }),
    close: async () => {
      isClosed = true;
      for (let waiting = turns.take(() => true); waiting; waiting = turns.take(() => true))
        waiting.reject(refuse(refusals.storeUnavailable));
      await Promise.all([...threads].map((thread) => end(thread)));
    },
  };

  /** Ends a thread, and what it still works at. */
  async function end(thread: Thread): Promise<void> {
    threads.delete(thread);
    clearTimeout(thread.idle);
    const { running, worker, cancelled } = thread;
    if (running) {
      clearTimeout(running.watch);
      Atomics.store(cancelled, 0, running.number);
      running.waiting.reject(refuse(refusals.storeUnavailable));
    }
    await worker.terminate();
  }
}

function tooCostly({ timeout }: Waiting): Refusal {
  return refuse(refusals.tooCostly, [`> ${Math.round(timeout)} ms`]);
}
