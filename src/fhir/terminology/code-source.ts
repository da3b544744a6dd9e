import type { Entry } from './concept.ts';
import type { TypedText } from './typed-text.ts';

/** A condition of `ValueSet.compose.include.filter` (http://hl7.org/fhir/R4/valueset.html#compositions). */
export interface Filter {
  property: string;
  op: string;
  value: string;
}

/** What is in memory is answered at once, what is in a table of the store later. */
type Eventual<T> = T | Promise<T>;

/** The codes of one code system. */
export interface CodeSource {
  url: string;
  version?: string;
  /** The language of the displays, where it is said. */
  language?: string;
  /** For people: title, or name. */
  title: string;
  /** False where only some of the codes are here: of others nothing can be said. */
  isComplete: boolean;
  find(code: string): Eventual<Entry | undefined>;
  /**
   * The concepts in the order of the system, those alone that are found by a typed text if there is one; undefined where a
   * filter is not understood, so that nothing can be said.
   */
  select(filters: readonly Filter[], typed?: TypedText): AsyncIterable<Entry> | undefined;
  /** Of a table, which can be long: how many concepts it has, and those from one on, so that pages need not read all before. */
  readonly whole?: { count: number; from(offset: number): AsyncIterable<Entry> };
  /** Whether a code passes the filters; undefined where one is not understood. */
  passes(code: string, filters: readonly Filter[]): Eventual<boolean | undefined>;
  /** Whether the first code is below the second one in the hierarchy. */
  isBelow(code: string, above: string): Eventual<boolean>;
  /** Directly above and below in the hierarchy. */
  neighbours(code: string): Eventual<{ parents: readonly string[]; children: readonly string[] }>;
}
