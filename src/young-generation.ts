import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** The size of each half of the young generation, in bytes. Half of it makes a read cost a tenth more. */
const size = 8 * 1_048_576;
/** The least that V8 makes it, of which it counts one half until that is used for the first time. */
const leastSize = 1_048_576;
/** So many objects at most are made for it to grow: far more than it takes. */
const mostObjects = 3_000_000;

/**
 * Bounds the young generation of the heap. V8 lets it grow to 64 MB a half where there is memory enough, which is best for
 * how much is done, and bad for who waits: what has to be copied out of it at once then holds the thread for up to a
 * tenth of a second. The flag for it is heeded only when the process starts, so its growth is kept back instead; threads
 * that are started from here on begin with that size. Collections are done by the thread that needs them, for one that
 * waits for helpers waits for a processor that others have.
 */
export function boundYoungGeneration(): void {
  setFlagsFromString(`--min-semi-space-size=${size / 1_048_576}`);
  setFlagsFromString('--no-parallel-scavenge');
  grow();
  // A collection of all of the heap makes it smaller, and what is kept back does not grow by itself.
  new PerformanceObserver(grow).observe({ entryTypes: ['gc'] });
}

/** Lets it grow to its size, by objects that live on until it has. */
function grow(): void {
  const now = halfSize();
  if (now >= size) return;
  setFlagsFromString(`--semi-space-growth-factor=${Math.ceil(size / Math.max(now, leastSize))}`);
  const living: object[] = [];
  while (halfSize() < size && living.length < mostObjects) for (let n = 0; n < 1_000; n++) living.push({ n });
  setFlagsFromString('--semi-space-growth-factor=1');
}

function halfSize(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')!.space_size / 2;
}
