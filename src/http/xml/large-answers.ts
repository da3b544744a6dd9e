import { Worker } from 'node:worker_threads';
import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { refusals, refuse } from '../../fhir/refusal.ts';
import { createGate } from '../../store/gate.ts';
import type { Allowance } from '../../store/store.ts';
import type { WritingTask } from './writing-thread.ts';

/** How many may wait for the one that is written. Their JSON is in memory. */
const queue = 50;
/** How long one may wait, and how long be written, in milliseconds. */
const longest = 60_000;

/**
 * Writes the XML of long JSON beside the thread that serves: a megabyte takes some 30 ms, which others should not wait
 * for. One at a time, each client in turn; the thread ends with each. Refuses with 503 when too many wait.
 */
export function createLargeAnswers(
  definitions: Definitions,
): (json: string, allowance: Allowance) => Promise<Uint8Array> {
  const gate = createGate({ atOnce: 1, queue, busy: refusals.answersWaiting });
  return (json, allowance) =>
    gate({ ...allowance, timeout: longest }, async () => {
      const { layoutsOf } = await import('../../fhir/xml/layout.ts');
      return inThread({ json, layouts: layoutsOf(definitions).all() });
    });
}

function inThread(task: WritingTask): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const worker = new Worker(new URL('./writing-thread.ts', import.meta.url), { workerData: task });
  const late = setTimeout(() => void worker.terminate(), longest);
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', () => {
    clearTimeout(late);
    // Where it has answered, nothing.
    reject(refuse(refusals.answersWaiting));
  });
  return promise;
}
