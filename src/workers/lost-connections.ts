import type { Worker } from 'node:cluster';

/** What stands for a connection that one process gives another; closed here once the other has taken it. */
interface Handle {
  close(...args: unknown[]): void;
}

/**
 * Closes the connections that a process was given and has not taken when it ends: their clients learn at once, and come
 * again. Node's cluster waits for ever for the process to say that it has taken them, so that a client that connects just
 * when a process is killed is never answered, and never cut off.
 */
export function closeLostConnections(worker: Pick<Worker, 'process' | 'once'>): void {
  const given = new Set<Handle>();
  const { process } = worker;
  const send = process.send as (...args: unknown[]) => boolean;
  process.send = (message: unknown, handle?: unknown, ...rest: unknown[]) => {
    if (isHandle(handle)) note(handle);
    return send.call(process, message, handle, ...rest);
  };
  worker.once('exit', () => {
    for (const handle of given) handle.close();
  });

  function note(handle: Handle): void {
    given.add(handle);
    const { close } = handle;
    handle.close = (...args) => {
      given.delete(handle);
      close.apply(handle, args);
    };
  }
}

function isHandle(value: unknown): value is Handle {
  return typeof (value as Partial<Handle> | undefined)?.close === 'function';
}
