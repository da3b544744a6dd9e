import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How often it is looked whether the process is quiet, in milliseconds. */
const interval = 5_000;
/** The process is quiet while its thread is busy for less than this share of the time. */
const quiet = 0.05;
/** A heap is worth collecting when it is larger by this factor than what the last collection has left. */
const growth = 1.3;

/**
 * Collects the heap in quiet times. V8 does it when memory is asked for, and so keeps what a storm of requests has left
 * for as long as few come afterwards. A collection takes a tenth of a second: in which, then, hardly anybody asks.
 */
export function collectWhenQuiet(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let left = 0;
  let before = performance.eventLoopUtilization();
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > quiet || process.memoryUsage().heapTotal < left * growth) return;
    collect();
    left = process.memoryUsage().heapTotal;
  }, interval).unref();
}
