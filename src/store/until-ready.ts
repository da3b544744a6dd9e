import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from './store.ts';

/** How long to wait before the database is asked again, in milliseconds. */
const pauseBetween = 50;

/** Resolves once the store is ready. `waiting` is called once when it is not at once. */
export async function untilReady(store: Store, waiting: () => void = () => {}): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.ready();
    } catch {
      if (attempt === 1) waiting();
      await pause(pauseBetween);
    }
  }
}
