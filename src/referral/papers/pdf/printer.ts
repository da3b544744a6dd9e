import { Worker } from 'node:worker_threads';
import { refuse } from '../../../fhir/refusal.ts';
import { paperRefusals } from '../refusals.ts';
import type { Sheet } from '../sheet/sheet.ts';
import type { PdfOutcome, PdfTask } from './pdf-thread.ts';

/** Makes PDFs beside the thread that serves: a page takes some 50 ms, which nobody else should wait for. */
export interface Printer {
  /** The PDF of a paper. Refuses with 503 when too many wait, or when one takes too long. */
  print(sheet: Sheet): Promise<Buffer>;
  /** Ends the thread; what still waits is refused. */
  stop(): Promise<void>;
}

/** So many papers may wait for their turn. */
const mostWaiting = 50;
/** What is not printed in so many milliseconds is given up, and the thread ended. */
const longest = 10_000;

interface Waiting {
  sheet: Sheet;
  resolve(pdf: Buffer): void;
  reject(reason: unknown): void;
}

/** A printer with one thread, which is started, and reads its font, when the first paper is printed. */
export function createPrinter(): Printer {
  const queue: Waiting[] = [];
  let worker: Worker | undefined;
  let printing: { number: number; waiting: Waiting; watch: NodeJS.Timeout } | undefined;
  let number = 0;

  function next(): void {
    const waiting = printing ? undefined : queue.shift();
    if (!waiting) return;
    worker ??= start();
    number++;
    const watch = setTimeout(() => end(refuse(paperRefusals.printerBusy)), longest);
    printing = { number, waiting, watch };
    worker.ref();
    worker.postMessage({ number, sheet: waiting.sheet } satisfies PdfTask);
  }

  function start(): Worker {
    const started = new Worker(new URL('./pdf-thread.ts', import.meta.url));
    const gone = (error: unknown) => {
      if (worker === started) end(error);
    };
    started.on('message', (outcome: PdfOutcome) => {
      if (printing?.number !== outcome.number) return;
      const { waiting } = settled()!;
      started.unref();
      if ('bytes' in outcome) waiting.resolve(Buffer.from(outcome.bytes));
      else waiting.reject(errorOf(outcome.error));
      next();
    });
    started.on('error', gone);
    started.on('exit', () => gone(new Error('The thread has ended')));
    started.unref();
    return started;
  }

  function settled(): typeof printing {
    const was = printing;
    if (was) clearTimeout(was.watch);
    printing = undefined;
    return was;
  }

  /** Ends the thread and what it prints; what waits has another. */
  function end(reason: unknown): void {
    const ended = worker;
    worker = undefined;
    settled()?.waiting.reject(reason);
    void ended?.terminate();
    next();
  }

  return {
    print: (sheet) =>
      new Promise((resolve, reject) => {
        if (queue.length >= mostWaiting) throw refuse(paperRefusals.printerBusy);
        queue.push({ sheet, resolve, reject });
        next();
      }),
    stop: async () => {
      const ended = worker;
      worker = undefined;
      const current = settled()?.waiting;
      for (const { reject } of [...(current ? [current] : []), ...queue.splice(0)])
        reject(refuse(paperRefusals.printerBusy));
      await ended?.terminate();
    },
  };
}

/** The thread's error, with where it arose there. */
function errorOf(report: string): Error {
  const [name = 'Error'] = report.split('\n', 1);
  const error = new Error('A paper could not be printed');
  error.name = name;
  error.stack = report;
  return error;
}
