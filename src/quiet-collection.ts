import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How often it is looked whether the process is quiet, in milliseconds. */
const interval = 5_000;
/** The process is quiet while its thread is busy for less than this share of the time. */
const quiet = 0.05;
/** A heap is worth collecting when it is larger by this factor than what a collection has left. */
const growth = 1.3;

/**
 * Collects the heap in quiet times. V8 does it when memory is asked for, and so keeps what a storm of requests has left
 * for as long as few come afterwards. A collection takes a tenth of a second: in which, then, hardly anybody asks.
 */
export function collectWhenQuiet(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = () => process.memoryUsage().heapTotal;
  const look = quietCollector(heap, collect);
  let before = performance.eventLoopUtilization();
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    look(performance.eventLoopUtilization(now, before).utilization);
    before = now;
  }, interval).unref();
}

/**
 * What is told, again and again, which share of the time the thread was busy, and collects the heap when that is worth it:
 * once after each busy time where the heap is larger than a collection has ever left it, and whenever it has grown since
 * the last one. What the last one has left alone is no measure: much of it may have been in use just then.
 */
export function quietCollector(heap: () => number, collect: () => void): (utilization: number) => void {
  let left = 0;
  let least = Number.POSITIVE_INFINITY;
  let wasBusy = true;
  return (utilization) => {
    if (utilization > quiet) {
      wasBusy = true;
      return;
    }
    const bound = wasBusy ? Math.min(least, left) : left;
    if (heap() < bound * growth) return;
    wasBusy = false;
    collect();
    left = heap();
    least = Math.min(least, left);
  };
}
