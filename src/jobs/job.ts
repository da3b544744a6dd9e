import type { Position } from '../fhir/search/order.ts';
import type { Server } from '../interactions/server.ts';
import type { Transaction } from '../store/store.ts';

/** Something that must happen by itself when its time has come. */
export interface Job {
  /** Letters and hyphens; the lease of the job is kept as `Basic/job-[name]`. */
  name: string;
  /** A page of what the job has to do at this instant, from a position on. Reads only. */
  find(server: Server, after: Position | undefined): Promise<Due>;
  /**
   * Does one item, in a transaction of its own. What was done meanwhile is left as it is, so an item that is found
   * twice is done once.
   */
  run(server: Server, transaction: Transaction, item: string): Promise<void>;
}

/** What is due: the ids of the resources that the job is about, and where the next page starts. */
export interface Due {
  items: readonly string[];
  next?: Position;
}
