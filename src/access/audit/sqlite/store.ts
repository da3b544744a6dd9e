import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { AuditStore } from '../audit-store.ts';
import { LogFile } from './log-file.ts';
import type { Outcome, Task } from './log-thread.ts';

interface Waiting {
  resolve(done: boolean): void;
  reject(error: Error): void;
}

/**
 * Opens the log in a SQLite file of its own, made when it is missing. What is appended is durable like the data (WAL with
 * `synchronous = FULL`), and is written by a thread beside the one that serves.
 */
export function openSqliteAudit(file: string): AuditStore {
  // Made here, so that a file that cannot be is told at the start.
  new LogFile(file).close();
  const reading = new LogFile(file, { readOnly: true });
  const waiting: Waiting[] = [];
  let thread: Worker | undefined;

  function start(): Worker {
    const worker = new Worker(new URL('./log-thread.ts', import.meta.url), { workerData: file });
    worker.on('message', (outcome: Outcome) => {
      const { resolve, reject } = waiting.shift()!;
      if (waiting.length === 0) worker.unref();
      if ('error' in outcome) reject(new Error(outcome.error));
      else resolve(outcome.done);
    });
    // A thread that ends by itself is a fault: whoever waits learns of it, and the next one starts another.
    const gone = () => {
      if (thread === worker) thread = undefined;
      for (const { reject } of waiting.splice(0)) reject(new Error('the thread of the audit log has ended'));
    };
    worker.on('error', gone);
    worker.on('exit', gone);
    return worker;
  }

  function ask(task: Task): Promise<boolean> {
    return new Promise((resolve, reject) => {
      thread ??= start();
      thread.ref();
      waiting.push({ resolve, reject });
      thread.postMessage(task);
    });
  }

  return {
    append: async (lines) => void (await ask({ lines: lines.join('\n') })),
    batches: async (question) => reading.batches(question),
    isFoundBy: async (number, references) => reading.isFoundBy(number, references),
    deleteUpTo: async (number) => {
      // One by one: what is to be appended meanwhile does not wait for all.
      while (await ask({ deleteFirst: number }));
    },
    ready: async () => {},
    close: async () => {
      if (thread) {
        const ended = once(thread, 'exit');
        thread.ref();
        thread.postMessage({ close: true } satisfies Task);
        await ended;
      }
      reading.close();
    },
  };
}
