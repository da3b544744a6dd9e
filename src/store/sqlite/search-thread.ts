import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { Refusal } from '../../fhir/refusal.ts';
import { Connection } from './connection.ts';
import { answer, type Question } from './question.ts';

/** What the thread is started with. */
export interface ThreadData {
  file: string;
  /** Holds the number of the task that nobody waits for any more. */
  givenUp: SharedArrayBuffer;
}

/** A question that the thread is sent, the next only after the answer. */
export interface Task {
  number: number;
  question: Question;
  timeout: number;
}

/** What the thread sends back. */
export type Outcome =
  | { number: number; result: unknown }
  | { number: number; isOver: true }
  | { number: number; refusal: Pick<Refusal, 'status' | 'issues'> }
  | { number: number; error: string };

/** The thread beside the one that serves: it answers questions on a connection of its own that only reads. */
const { file, givenUp } = workerData as ThreadData;
const cancelled = new Int32Array(givenUp);
// Who serves goes first. On Linux this is the priority of this thread alone; elsewhere it would be that of all.
if (process.platform === 'linux') setPriority(0, 10);
const connection = new Connection(file, { readOnly: true });

parentPort!.on('message', (task: Task) => parentPort!.postMessage(outcomeOf(task)));

function outcomeOf({ number, question, timeout }: Task): Outcome {
  try {
    const isGivenUp = () => Atomics.load(cancelled, 0) === number;
    const attempt = connection.attempt({ timeout, isGivenUp }, () => answer(connection, question));
    return attempt ? { number, result: attempt.result } : { number, isOver: true };
  } catch (error) {
    if (error instanceof Refusal) return { number, refusal: { status: error.status, issues: error.issues } };
    return { number, error: (error as Error).stack ?? String(error) };
  }
}
