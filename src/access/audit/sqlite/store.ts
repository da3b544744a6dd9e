import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { AuditStore } from '../audit-store.ts';
import { LogFile } from './log-file.ts';
import type { Outcome, Task } from './log-thread.ts';

interface Waiting {
  resolve(): void;
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
    worker.on('message', ({ error }: Outcome) => {
      const { resolve, reject } = waiting.shift()!;
      if (waiting.length === 0) worker.unref();
      if (error === undefined) resolve();
      else reject(new Error(error));
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

  return {
    append: (lines) =>
      new Promise((resolve, reject) => {
        thread ??= start();
        thread.ref();
        waiting.push({ resolve, reject });
        thread.postMessage({ lines: lines.join('\n') } satisfies Task);
      }),
    batches: async (question) => reading.batches(question),
    isFoundBy: async (number, references) => reading.isFoundBy(number, references),
    deleteUpTo: async (number) => {
      const writing = new LogFile(file);
      for (const batch of oldest(writing, number)) writing.delete(batch);
      writing.close();
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

/** The batches up to a number, oldest first; each must be deleted before the next is asked for. */
function* oldest(log: LogFile, number: number) {
  for (;;) {
    const [batch] = log.batches({ descending: false, to: number, limit: 1 });
    if (!batch) return;
    yield batch;
  }
}
