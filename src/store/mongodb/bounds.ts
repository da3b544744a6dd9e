import type { Allowance } from '../store.ts';

/**
 * An allowance as the options of a command: the server ends it when its time is over, and the driver gives it up when
 * the signal is aborted.
 */
export function bounds({ timeout, signal }: Allowance): { maxTimeMS?: number; signal?: AbortSignal } {
  return { ...(timeout !== undefined && { maxTimeMS: Math.ceil(timeout) }), ...(signal && { signal }) };
}
