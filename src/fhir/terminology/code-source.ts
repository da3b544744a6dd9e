import type { Entry } from './concept.ts';

/** A condition of `ValueSet.compose.include.filter` (http://hl7.org/fhir/R4/valueset.html#compositions). */
export interface Filter {
  property: string;
  op: string;
  value: string;
}

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
  find(code: string): Entry | undefined;
  /** The concepts in the order of the system; undefined where a filter is not understood, so that nothing can be said. */
  select(filters: readonly Filter[]): Iterable<Entry> | undefined;
  /** Whether a code passes the filters; undefined where one is not understood. */
  passes(code: string, filters: readonly Filter[]): boolean | undefined;
  /** Whether the first code is below the second one in the hierarchy. */
  isBelow(code: string, above: string): boolean;
  /** Directly above and below in the hierarchy. */
  neighbours(code: string): { parents: readonly string[]; children: readonly string[] };
}
