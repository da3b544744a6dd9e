import type { Entry } from './concept.ts';

/** A condition of `ValueSet.compose.include.filter` (http://hl7.org/fhir/R4/valueset.html#compositions). */
export interface Filter {
  property: string;
  op: string;
  value: string;
}

/** What is asked of the codes of a code system. */
export interface Selection {
  filters: readonly Filter[];
  /** As a person typed it; see `text-filter.ts`. */
  text?: string;
}

/** The codes of one code system, wherever they are kept. */
export interface CodeSource {
  url: string;
  version?: string;
  /** The language of the displays, where it is said. */
  language?: string;
  /** For people: title, or name. */
  title: string;
  /** False where only some of the codes are here: of others nothing can be said. */
  isComplete: boolean;
  find(code: string): Promise<Entry | undefined>;
  /** The concepts in the order of the system; undefined where a filter is not understood, so that nothing can be said. */
  select(selection: Selection): AsyncIterable<Entry> | undefined;
  /** Whether a code passes the filters; undefined where one is not understood. */
  passes(code: string, filters: readonly Filter[]): Promise<boolean> | undefined;
  /** Whether the first code is below the second one in the hierarchy. */
  isBelow(code: string, above: string): Promise<boolean>;
  /** Directly above and below in the hierarchy. */
  neighbours(code: string): Promise<{ parents: readonly string[]; children: readonly string[] }>;
}
