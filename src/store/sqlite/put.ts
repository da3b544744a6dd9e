import { refusals, refuse } from '../../fhir/refusal.ts';
import type { Entries } from '../../fhir/search/entries.ts';
import type { IndexedVersion, Sharing, StoredVersion } from '../store.ts';
import type { Connection, Row } from './connection.ts';
import { table } from './schema.ts';
import { sql } from './sql.ts';

/** A row's entries in the form in which they are bound to statements: JSON, but the words as one text. */
interface Columns {
  terms: string;
  intervals: string;
  sort: string;
  words: string;
}

/** Keeps a version as the current one, and the one that it replaces in the history. */
export function put(connection: Connection, next: IndexedVersion, replaced?: StoredVersion): void {
  if (!connection.types.has(next.type)) connection.createType(next.type);
  const columns = columnsOf(next.entries);
  if (replaced) {
    const row = moveToHistory(connection, next, replaced);
    const { terms, intervals, sort } = columns;
    connection.run(sql`UPDATE ${table(next.type)} SET version = ${next.version}, updated = ${next.updated},
      method = ${next.method}, text = ${next.text}, terms = ${terms}, intervals = ${intervals}, sort = ${sort},
      access = ${next.access ?? null}
      WHERE row = ${row}`);
    addEntries(connection, next.type, row, next.updated, columns);
  } else {
    addEntries(connection, next.type, insert(connection, next, columns), next.updated, columns);
  }
}

/** Replaces the entries of a version, when it still is the current one. */
export function reindex(
  connection: Connection,
  type: string,
  id: string,
  version: number,
  entries: Entries,
): void {
  const current = connection.types.has(type) && find(connection, type, id);
  if (!current || current.version !== version) return;
  const row = current.row as number;
  const updated = current.updated as number;
  const columns = columnsOf(entries);
  removeEntries(connection, type, current);
  connection.run(sql`UPDATE ${table(type)} SET terms = ${columns.terms}, intervals = ${columns.intervals},
    sort = ${columns.sort} WHERE row = ${row}`);
  addEntries(connection, type, row, updated, columns);
}

/** Replaces the text and entries of a version, be it the current one or one in the history. */
export function amend(connection: Connection, { type, id, version, text, entries }: IndexedVersion): void {
  reindex(connection, type, id, version, entries);
  for (const versions of [table(type), table(type, 'history')])
    connection.run(sql`UPDATE ${versions} SET text = ${text} WHERE id = ${id} AND version = ${version}`);
}

/** Replaces who may read a resource, when the version is still the current one. */
export function share(connection: Connection, { type, id, version, access, removed, added }: Sharing): void {
  const current = connection.types.has(type) && find(connection, type, id);
  if (!current || current.version !== version) return;
  const row = current.row as number;
  const gone = new Set(removed);
  const kept = (JSON.parse(current.terms as string) as string[]).filter((term) => !gone.has(term));
  connection.run(sql`UPDATE ${table(type)} SET access = ${access}, terms = ${textsToJson([...kept, ...added])}
    WHERE row = ${row}`);
  for (const term of removed)
    connection.run(sql`DELETE FROM ${table(type, 'terms')}
      WHERE term = ${term} AND updated = ${current.updated as number} AND row = ${row}`);
  for (const term of added)
    connection.run(sql`INSERT OR IGNORE INTO ${table(type, 'terms')} (term, updated, row)
      VALUES (${term}, ${current.updated as number}, ${row})`);
}

/** Inserts the first version of a resource and gives its row. */
function insert(connection: Connection, next: IndexedVersion, columns: Columns): number {
  const { type, id, version, updated, method, text } = next;
  const inserted = connection.get(sql`
    INSERT INTO ${table(type)} (id, version, updated, method, text, terms, intervals, sort, access)
    VALUES (${id}, ${version}, ${updated}, ${method}, ${text}, ${columns.terms}, ${columns.intervals}, ${columns.sort},
      ${next.access ?? null})
    ON CONFLICT DO NOTHING RETURNING row`);
  if (inserted === undefined) throw refuse(refusals.writeConflict);
  return inserted.row as number;
}

/** Moves what is current to the history and gives its row, which is free for the next version. */
function moveToHistory(connection: Connection, next: IndexedVersion, replaced: StoredVersion): number {
  const current = find(connection, next.type, next.id);
  if (current?.version !== replaced.version) throw refuse(refusals.writeConflict);
  const row = current.row as number;
  connection.run(sql`
    INSERT INTO ${table(next.type, 'history')} (id, version, updated, replaced, method, text)
    SELECT id, version, updated, ${next.updated}, method, text FROM ${table(next.type)} WHERE row = ${row}`);
  removeEntries(connection, next.type, current);
  return row;
}

function find(connection: Connection, type: string, id: string): Row | undefined {
  return connection.get(sql`
    SELECT row, version, updated, terms, intervals FROM ${table(type)} WHERE id = ${id}`);
}

function addEntries(
  connection: Connection,
  type: string,
  row: number,
  updated: number,
  { terms, intervals, words }: Columns,
): void {
  if (terms !== '[]')
    connection.run(sql`
      INSERT INTO ${table(type, 'terms')} (term, updated, row)
      SELECT value, ${updated}, ${row} FROM json_each(${terms})`);
  if (intervals !== '[]')
    connection.run(sql`
      INSERT OR IGNORE INTO ${table(type, 'intervals')} (name, low, high, row)
      SELECT value ->> 0, value ->> 1, value ->> 2, ${row} FROM json_each(${intervals})`);
  if (words !== '')
    connection.run(sql`INSERT INTO ${table(type, 'words')} (rowid, words) VALUES (${row}, ${words})`);
}

/** Removes the keys of a row's entries, which are known exactly: no table is walked. */
function removeEntries(connection: Connection, type: string, { row, updated, terms, intervals }: Row): void {
  if (terms !== '[]')
    connection.run(sql`
      DELETE FROM ${table(type, 'terms')}
      WHERE term IN (SELECT value FROM json_each(${terms as string}))
        AND updated = ${updated as number} AND row = ${row as number}`);
  if (intervals !== '[]')
    connection.run(sql`
      DELETE FROM ${table(type, 'intervals')} WHERE (name, low, high, row) IN
        (SELECT value ->> 0, value ->> 1, value ->> 2, ${row as number} FROM json_each(${intervals as string}))`);
  connection.run(sql`DELETE FROM ${table(type, 'words')} WHERE rowid = ${row as number}`);
}

function columnsOf({ terms, intervals, sort, words }: Entries): Columns {
  return {
    terms: textsToJson(terms),
    intervals: JSON.stringify(intervals.map(({ name, low, high }) => [name, low, high])),
    sort: JSON.stringify(sort),
    words: words.join(' ').toWellFormed(),
  };
}

/** Half a surrogate pair has no form in UTF-8, in which SQLite keeps texts: it becomes U+FFFD, here as in queries. */
function textsToJson(texts: readonly string[]): string {
  const json = JSON.stringify(texts);
  if (!/\\ud[89a-f]/.test(json)) return json;
  return JSON.stringify([...new Set(texts.map((text) => text.toWellFormed()))]);
}
