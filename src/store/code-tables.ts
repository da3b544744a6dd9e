/** A code of a table, as it is kept: what else there is to say of it is a text of whoever keeps it. */
export interface CodeRow {
  /** What the code is found by: unique in its table. */
  key: string;
  /** Its place in the order of the table: unique, too. */
  position: number;
  text: string;
  /** What it is selected by: lower-case letters, digits and characters beyond ASCII, in any order. */
  words: readonly string[];
}

/** A word that a row has, or the beginning of one. */
export interface WordTest {
  word: string;
  isPrefix?: boolean;
}

/** Rows that pass all tests of one of these sets; without any set, all rows. */
export type Selection = readonly (readonly WordTest[])[];

export interface Selecting {
  where?: Selection | undefined;
  /** Only behind this position. */
  after?: number | undefined;
  limit: number;
}

/**
 * Tables of codes that are too long for a resource, as ICD-10 is. A table is written once, found by a name that nobody else
 * gives, and never changes afterwards: what takes its place has another name. It is no part of the FHIR data; which
 * tables count is said there. All of it throws `refusals.storeUnavailable` while the database does not answer.
 */
export interface CodeTables {
  /** Adds rows to a table, which begins with its first ones; a key that is there gives way. `now` in milliseconds. */
  add(table: string, rows: readonly CodeRow[], now: number): Promise<void>;
  /** The rows with these keys, in any order. */
  find(table: string, keys: readonly string[]): Promise<CodeRow[]>;
  /** The first rows that pass, in their order. */
  select(table: string, selecting: Selecting): Promise<CodeRow[]>;
  count(table: string, where?: Selection): Promise<number>;
  /** All tables, and when each was begun, in milliseconds. */
  tables(): Promise<{ table: string; begun: number }[]>;
  drop(table: string): Promise<void>;
}
