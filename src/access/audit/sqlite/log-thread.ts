import { parentPort, workerData } from 'node:worker_threads';
import { LogFile } from './log-file.ts';

/** What the thread is sent: lines to append, with line feeds between, or that it is over. */
export type Task = { lines: string } | { close: true };

/** What it answers each task with, in order: an error's text, or nothing. */
export interface Outcome {
  error?: string;
}

/** The thread that appends to the log: the disk is waited for here, and not where requests are served. */
const log = new LogFile(workerData as string);

parentPort!.on('message', (task: Task) => {
  if ('close' in task) {
    log.close();
    parentPort!.close();
    return;
  }
  try {
    log.append(task.lines.split('\n'));
    parentPort!.postMessage({} satisfies Outcome);
  } catch (error) {
    parentPort!.postMessage({ error: (error as Error).message } satisfies Outcome);
  }
});
