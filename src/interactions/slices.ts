import { setImmediate as nextTurn } from 'node:timers/promises';

/** So long at most one request goes on without giving way to others, in milliseconds. */
const slice = 8;

/** Gives what is awaited between the parts of long work: it lets others have their turn when this work has had its own. */
export function takeSlices(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < slice) return;
    await nextTurn();
    since = performance.now();
  };
}
