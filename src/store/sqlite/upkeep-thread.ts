import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread is started with. */
export interface ThreadData {
  file: string;
}

/** What the thread sends back to each statement that it is sent. */
export type Done = { rows: Record<string, unknown>[] } | { error: string };

/** The thread that runs the statements of upkeep, on a connection of its own. It waits for no lock. */
const database = new DatabaseSync((workerData as ThreadData).file, { timeout: 0 });

parentPort!.on('message', (statement: string) => parentPort!.postMessage(run(statement)));

function run(statement: string): Done {
  try {
    return { rows: database.prepare(statement).all() };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
