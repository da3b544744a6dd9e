import { Worker } from 'node:worker_threads';

/**
 * What a thread makes, which posts it and ends: made when first asked for, beside the thread that serves, and kept as
 * long as the server runs. Where that failed, it is tried again when next asked for.
 */
export function madeOnce<T>(thread: URL, workerData: unknown): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make<T>(thread, workerData).catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

function make<T>(thread: URL, workerData: unknown): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const worker = new Worker(thread, { workerData });
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error('The guide could not be made')));
  worker.unref();
  return promise;
}
