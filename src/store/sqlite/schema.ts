import { literal, type Sql } from './sql.ts';

/**
 * The tables of one resource type `T`:
 *
 *     T            current versions; a deletion is one without text and entries
 *     T.history    versions that were replaced, and when: a create writes nothing here
 *     T.terms      newest first within a term, so that a worklist is one walk along this index; exact strings are not in it
 *                  where the row can settle them (`settled-terms.ts`)
 *     T.intervals
 *     T.words      a full-text index: a resource has a hundred words and more, far too many for keys of their own
 *
 * Beside a row stands who may read its resource, which is about all of its versions; they are an audience
 * (`audiences.ts`), whose number stands in the index of terms, too, so that counting needs no more than that.
 * The terms and intervals of a row are kept beside it as JSON, too: by them its old keys are known when it is replaced, and a
 * candidate is tested without another index by row.
 */
export function schemaOf(type: string): string {
  if (!/^[A-Za-z]+$/.test(type)) throw new TypeError(`${type} is no name of a resource type`);
  return `
    CREATE TABLE "${type}" (
      row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, updated INTEGER NOT NULL,
      method TEXT NOT NULL, text TEXT, terms TEXT NOT NULL, intervals TEXT NOT NULL,
      sort TEXT NOT NULL, access TEXT, audience INTEGER) STRICT;
    CREATE INDEX "${type}.updated" ON "${type}" (updated DESC, id);
    CREATE INDEX "${type}.deleted" ON "${type}" (updated) WHERE text IS NULL;
    CREATE TABLE "${type}.history" (
      id TEXT NOT NULL, version INTEGER NOT NULL, updated INTEGER NOT NULL, replaced INTEGER NOT NULL,
      method TEXT NOT NULL, text TEXT) STRICT;
    CREATE UNIQUE INDEX "${type}.history.id" ON "${type}.history" (id, version);
    CREATE INDEX "${type}.history.updated" ON "${type}.history" (updated DESC, id, version DESC);
    CREATE TABLE "${type}.terms" (
      term TEXT NOT NULL, updated INTEGER NOT NULL, row INTEGER NOT NULL, audience INTEGER,
      PRIMARY KEY (term, updated DESC, row)) STRICT, WITHOUT ROWID;
    CREATE TABLE "${type}.intervals" (
      name TEXT NOT NULL, low REAL NOT NULL, high REAL NOT NULL, row INTEGER NOT NULL,
      PRIMARY KEY (name, low, high, row)) STRICT, WITHOUT ROWID;
    CREATE VIRTUAL TABLE "${type}.words" USING fts5 (
      words, content = '', contentless_delete = 1, detail = none,
      tokenize = "ascii tokenchars '|'");
  `;
}

/** The types that a database has tables of. */
export const typesQuery = `
  SELECT substr(name, 1, length(name) - length('.history')) AS type
  FROM sqlite_schema WHERE type = 'table' AND name LIKE '%.history'`;

/** The name of a type's table, or of the one that belongs to it. Only for types that have tables. */
export function table(type: string, part?: 'history' | 'terms' | 'intervals' | 'words'): Sql {
  return literal(part === undefined ? `"${type}"` : `"${type}.${part}"`);
}
