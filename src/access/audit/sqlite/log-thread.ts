import { parentPort, workerData } from 'node:worker_threads';
import { LogFile } from './log-file.ts';

/** What the thread is sent: lines to append, with line feeds between; a batch to delete; or that it is over. */
export type Task = { lines: string } | { deleteFirst: number } | { close: true };

/** What it answers each task with, in order: an error's text, or whether anything was done. */
export type Outcome = { error: string } | { done: boolean };

/** The thread that writes the log: the disk is waited for here, and not where requests are served. */
const log = new LogFile(workerData as string);

parentPort!.on('message', (task: Task) => {
  if ('close' in task) {
    log.close();
    parentPort!.close();
  } else parentPort!.postMessage(outcomeOf(task));
});

function outcomeOf(task: Exclude<Task, { close: true }>): Outcome {
  try {
    if ('deleteFirst' in task) return { done: log.deleteFirst(task.deleteFirst) };
    log.append(task.lines.split('\n'));
    return { done: true };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
