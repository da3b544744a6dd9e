import { Worker } from 'node:worker_threads';
import type { Row } from './connection.ts';
import type { Done, ThreadData } from './upkeep-thread.ts';

/** A thread that runs statements on a database file, one after the other. */
export interface StatementThread {
  /** The rows that a statement gives. */
  run(statement: string): Promise<Row[]>;
  /** Ends the thread, after the statement that it runs. */
  close(): Promise<void>;
}

/** After so many milliseconds without a statement the thread ends, and what it has held of memory is given back. */
const idleTime = 30_000;

/** The thread is started when it is needed. */
export function statementThread(file: string): StatementThread {
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let isClosed = false;
  /** What comes after all that was asked for so far. */
  let last: Promise<unknown> = Promise.resolve();

  function start(): Worker {
    const workerData: ThreadData = { file };
    const started = new Worker(new URL('./upkeep-thread.ts', import.meta.url), { workerData });
    started.on('error', () => forget(started));
    started.on('exit', () => forget(started));
    worker = started;
    return started;
  }

  function forget(ended: Worker): void {
    if (worker === ended) worker = undefined;
  }

  async function ask(statement: string): Promise<Row[]> {
    if (isClosed) throw new Error('The store is closed');
    clearTimeout(idle);
    const asked = worker ?? start();
    asked.ref();
    try {
      return await answerTo(asked, statement);
    } finally {
      asked.unref();
      idle = setTimeout(() => void end(), idleTime).unref();
    }
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    const ended = worker;
    worker = undefined;
    await ended?.terminate();
  }

  return {
    run: (statement) => {
      const run = last.then(() => ask(statement));
      last = run.catch(() => {});
      return run;
    },
    close: async () => {
      await last;
      isClosed = true;
      await end();
    },
  };
}

function answerTo(worker: Worker, statement: string): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const settle = (done: Done) => {
      worker.off('message', settle).off('error', fail).off('exit', fail);
      if ('rows' in done) resolve(done.rows);
      else reject(new Error(done.error));
    };
    const fail = (reason: unknown) => settle({ error: `the thread has ended: ${reason}` });
    worker.on('message', settle).on('error', fail).on('exit', fail);
    worker.postMessage(statement);
  });
}
