import type { CodeRow, CodeTables, Selecting, Selection, WordTest } from '../code-tables.ts';
import { takeSlices } from '../slices.ts';
import type { Connection, Row } from './connection.ts';
import type { GroupCommit } from './group-commit.ts';
import { literal, type Sql, sql } from './sql.ts';

/**
 * The tables of codes: their names, the codes of all of them, and one full-text index, whose row numbers are those of the
 * codes, so that what it finds comes in their order. They are made when the first code comes: most stores have none.
 */
const schema = [
  `CREATE TABLE IF NOT EXISTS code_tables (
    number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, begun INTEGER NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS codes (
    row INTEGER PRIMARY KEY, number INTEGER NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL) STRICT`,
  'CREATE UNIQUE INDEX IF NOT EXISTS "codes.key" ON codes (number, key)',
  `CREATE VIRTUAL TABLE IF NOT EXISTS code_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, prefix = '2 3', tokenize = 'ascii')`,
].map(literal);

/** So many rows a table may have: the number of a row is that of its table times this, and its position. */
const mostRows = 2 ** 26;
/** Deleted by one write. */
const deletedAtOnce = 500;

/** The tables of codes of the embedded engine. Each question is short, and asked on the thread that serves. */
export function codeTablesOf(reading: Connection, writing: Connection, commits: GroupCommit): CodeTables {
  const numbers = new Map<string, number>();
  let areThere = false;

  /** Whether the first code has come, by whichever process. */
  function exist(): boolean {
    areThere ||= reading.get(sql`SELECT 1 FROM sqlite_schema WHERE name = 'code_words'`) !== undefined;
    return areThere;
  }

  /** A number is never given twice, so what is remembered stays right. */
  function numberOf(table: string, connection = reading): number | undefined {
    const known = numbers.get(table);
    if (known !== undefined) return known;
    if (connection === reading && !exist()) return undefined;
    const number = connection.get(sql`SELECT number FROM code_tables WHERE name = ${table}`)?.number;
    if (connection === reading && number !== undefined) {
      if (numbers.size >= 100) numbers.clear();
      numbers.set(table, number as number);
    }
    return number as number | undefined;
  }

  return {
    add: (table, rows, now) =>
      commits.write(async () => {
        const giveWay = takeSlices();
        for (const statement of schema) writing.run(statement);
        writing.run(
          sql`INSERT INTO code_tables (name, begun) VALUES (${table}, ${now}) ON CONFLICT DO NOTHING`,
        );
        const number = numberOf(table, writing)!;
        for (const row of rows) {
          insert(writing, number, row);
          await giveWay();
        }
      }),
    find: async (table, keys) => {
      const number = numberOf(table);
      if (number === undefined) return [];
      return reading
        .all(sql`SELECT codes.row, codes.key AS key, text FROM json_each(${JSON.stringify(keys)}) AS wanted
          CROSS JOIN codes ON number = ${number} AND codes.key = wanted.value`)
        .map(rowOf);
    },
    select: async (table, selecting) => {
      const number = numberOf(table);
      return number === undefined ? [] : reading.all(selection(number, selecting)).map(rowOf);
    },
    count: async (table, where) => {
      const number = numberOf(table);
      if (number === undefined) return 0;
      const { first, last } = rangeOf(number);
      return reading.get(
        where
          ? sql`SELECT count(*) AS count FROM code_words
              WHERE code_words MATCH ${expression(where)} AND rowid >= ${first} AND rowid <= ${last}`
          : sql`SELECT count(*) AS count FROM codes WHERE number = ${number}`,
      )!.count as number;
    },
    tables: async () =>
      exist()
        ? reading
            .all(literal('SELECT name, begun FROM code_tables'))
            .map(({ name, begun }) => ({ table: name as string, begun: begun as number }))
        : [],
    drop: async (table) => {
      const number = numberOf(table);
      if (number === undefined) return;
      for (let left = true; left; ) left = await commits.write(async () => deleteSome(writing, number));
      await commits.write(async () => {
        writing.run(sql`DELETE FROM code_tables WHERE number = ${number}`);
      });
      numbers.delete(table);
    },
  };
}

function rangeOf(number: number): { first: number; last: number } {
  return { first: number * mostRows, last: (number + 1) * mostRows - 1 };
}

function insert(writing: Connection, number: number, { key, position, text, words }: CodeRow): void {
  const { first, last } = rangeOf(number);
  const row = first + position;
  if (row > last) throw new RangeError(`A table of codes has ${mostRows} rows at most`);
  const there = writing.get(
    sql`SELECT row FROM codes WHERE row = ${row} OR (number = ${number} AND key = ${key})`,
  );
  if (there) remove(writing, there.row as number);
  writing.run(sql`INSERT INTO codes (row, number, key, text) VALUES (${row}, ${number}, ${key}, ${text})`);
  writing.run(sql`INSERT INTO code_words (rowid, words) VALUES (${row}, ${words.join(' ')})`);
}

function remove(writing: Connection, row: number): void {
  writing.run(sql`DELETE FROM codes WHERE row = ${row}`);
  writing.run(sql`DELETE FROM code_words WHERE rowid = ${row}`);
}

/** Deletes some rows of a table; false where there were none. */
function deleteSome(writing: Connection, number: number): boolean {
  const { first, last } = rangeOf(number);
  const rows = writing.all(
    sql`SELECT row FROM codes WHERE row >= ${first} AND row <= ${last} LIMIT ${deletedAtOnce}`,
  );
  for (const { row } of rows) remove(writing, row as number);
  return rows.length > 0;
}

function selection(number: number, { where, after = -1, limit }: Selecting): Sql {
  const { first, last } = rangeOf(number);
  const behind = first + after;
  return where
    ? sql`SELECT codes.row, key, text FROM code_words CROSS JOIN codes ON codes.row = code_words.rowid
        WHERE code_words MATCH ${expression(where)} AND code_words.rowid > ${behind} AND code_words.rowid <= ${last}
        ORDER BY code_words.rowid LIMIT ${limit}`
    : sql`SELECT row, key, text FROM codes WHERE row > ${behind} AND row <= ${last} ORDER BY row LIMIT ${limit}`;
}

/** A selection in the words of the full-text index (https://sqlite.org/fts5.html#full_text_query_syntax). */
function expression(where: Selection): string {
  return where.map((tests) => `(${tests.map(phrase).join(' AND ')})`).join(' OR ');
}

function phrase({ word, isPrefix }: WordTest): string {
  return `"${word.replaceAll('"', '""')}"${isPrefix ? '*' : ''}`;
}

function rowOf({ row, key, text }: Row): CodeRow {
  return { key: key as string, position: (row as number) % mostRows, text: text as string, words: [] };
}
