import type { Held } from './record/shelf.ts';
import type { Sheet } from './sheet/sheet.ts';

/** A paper in all that it can be asked for as; each is made only when it is. */
export interface Paper {
  /** What its file is called; it names nobody. */
  name: string;
  /** The JSON of the document Bundle. */
  document(): Promise<string>;
  sheet(): Promise<Sheet>;
  /** What it tells of. */
  held(): Promise<Held[]>;
}
