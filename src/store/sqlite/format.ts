import type { DatabaseSync } from 'node:sqlite';
import { audiencesSchema } from './audiences.ts';
import { typesQuery } from './schema.ts';
import { compactSort } from './sort-values.ts';

/** "ZhZh": marks a database file as this program's (https://sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x5a685a68;

/** The version of the tables. */
const formatVersion = 4;

/** The file is no database of this program, or one of a format that this version does not read. */
export class WrongFormat extends Error {}

/**
 * Holds a database file to its mark, and marks it. A file without a mark that has tables is taken when they are those
 * of the time before there were marks. Throws `WrongFormat` with what to do.
 */
export function checkFormat(database: DatabaseSync): void {
  const { application_id: id } = database.prepare('PRAGMA application_id').get() as {
    application_id: number;
  };
  if (id !== applicationId) refuseOthersTables(database, id);
  if (id !== applicationId || isOlder(database)) {
    database.exec('BEGIN IMMEDIATE');
    keepAccess(database);
    keepAudiences(database);
    shortenSort(database);
    database.exec('COMMIT');
  }
  // Also where the mark is there: the log begins with it, and from here on belongs to the file.
  database.exec(
    `BEGIN IMMEDIATE; PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${formatVersion}; COMMIT`,
  );
}

/** Whether the tables are to be brought up to date. Throws `WrongFormat` where they are of a format that is not known. */
function isOlder(database: DatabaseSync): boolean {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version < 1 || version > formatVersion)
    throw new WrongFormat(
      `the data are of format ${version}, this version reads ${formatVersion}; use the version that wrote them`,
    );
  return version < formatVersion;
}

/** Format 2 keeps beside each resource who may read it; what is there is labelled later (`src/access/relabelling.ts`). */
function keepAccess(database: DatabaseSync): void {
  for (const type of typesWithout(database, 'access'))
    database.exec(`ALTER TABLE "${type}" ADD COLUMN access TEXT`);
}

/** Format 3 keeps the readers of a resource as a number, beside it and beside its terms. */
function keepAudiences(database: DatabaseSync): void {
  database.exec(audiencesSchema.text);
  for (const type of typesWithout(database, 'audience'))
    database.exec(`
      ALTER TABLE "${type}" ADD COLUMN audience INTEGER;
      ALTER TABLE "${type}.terms" ADD COLUMN audience INTEGER;
      INSERT OR IGNORE INTO audiences (readers)
        SELECT ${readersIn} FROM "${type}" WHERE access IS NOT NULL;
      UPDATE "${type}" SET audience = (SELECT number FROM audiences WHERE readers = ${readersIn})
        WHERE access IS NOT NULL;
      UPDATE "${type}.terms" SET audience = (SELECT audience FROM "${type}" AS m WHERE m.row = "${type}.terms".row);`);
}

/** Format 4 keeps sort values short (`sort-values.ts`). Orders are made anew when they are next wanted: theirs were others. */
function shortenSort(database: DatabaseSync): void {
  database.function('compact_sort', { deterministic: true }, (sort) => compactSort(sort as string));
  const orders = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE '%.order.%'")
    .all() as { name: string }[];
  for (const { name } of orders) database.exec(`DROP INDEX "${name}"`);
  for (const { type } of database.prepare(typesQuery).all() as { type: string }[])
    database.exec(`UPDATE "${type}" SET sort = compact_sort(sort)`);
}

/** The lines that name the readers, of the text of which they are the first ones. */
const readersIn = "substr(access, 1, instr(access, char(10) || '{'))";

/** The types whose table does not have that column. */
function typesWithout(database: DatabaseSync, column: string): string[] {
  const found = database
    .prepare(`${typesQuery} AND substr(name, 1, length(name) - length('.history')) NOT IN
      (SELECT schema.name FROM sqlite_schema AS schema, pragma_table_info(schema.name) AS member
       WHERE member.name = ?)`)
    .all(column) as { type: string }[];
  return found.map(({ type }) => type);
}

function refuseOthersTables(database: DatabaseSync, id: number): void {
  const tables = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").all() as {
    name: string;
    sql: string;
  }[];
  const isOurs = ({ name }: { name: string }) => {
    const current = tables.find((each) => `${each.name}.history` === name);
    return current?.sql.includes('intervals TEXT NOT NULL') && current.sql.includes('sort TEXT NOT NULL');
  };
  const histories = tables.filter(({ name }) => name.endsWith('.history'));
  if (id !== 0 || (tables.length > 0 && (histories.length === 0 || !histories.every(isOurs))))
    throw new WrongFormat(
      'zhuanzhen.sqlite there is of another program, or of an older format; move it away, or choose another DATA_DIR',
    );
}
