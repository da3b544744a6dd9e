import type { Measure } from '../plan.ts';

/**
 * What the database can do at best: the same documents, written and read by its bare driver in the shape in which the
 * store keeps them, without HTTP, validation, rules or search grammar.
 */
export interface Floor {
  /** Does what a measure does, once; gives whether it found what it should. */
  works: Record<Measure, (client: number) => Promise<boolean>>;
  close(): Promise<void>;
}
