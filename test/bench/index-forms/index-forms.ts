import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { describeMachine } from '../machine.ts';
import { person } from '../population/numbers.ts';
import { parts, residentIds } from '../population/referral.ts';
import { type Form, forms } from './forms.ts';
import { type Row, rowsOf } from './rows.ts';

/*
 * What a whole referral costs the embedded engine in several forms of its index, and what the searches cost that use it:
 * bare SQLite on the rows that the server would write, eight referrals a commit, the last seventh of them measured.
 * Counted are CPU time, pages of the log, and bytes of the file. Run with: npx node test/bench/index-forms/index-forms.ts
 */
const { values } = parseArgs({ options: { patients: { type: 'string', default: '5000' } } });
const patients = Number(values.patients);
const perCommit = 8 * parts.length;
const pageOfLog = 4_096 + 24;
const readers =
  '\nOrganization/bench-lead\nOrganization/bench-township\n{"grants":{"Organization/bench-lead":2}}';

const rows = rowsOf(patients);
const first = Math.floor((rows.length * 6) / 7 / perCommit) * perCommit;
process.stdout.write(`${describeMachine()}\n${patients} referrals of ${parts.length} resources\n\n`);
process.stdout.write(
  `${'form'.padEnd(26)} terms  write µs CPU  pages of log  file MB  identifier µs  newest 20 µs\n`,
);
for (const form of forms) measureForm(form);

function measureForm(form: Form): void {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-forms-'));
  const file = join(folder, 'forms.sqlite');
  const database = new DatabaseSync(file);
  database.exec(
    'PRAGMA cache_size = -16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0',
  );
  const write = writer(database, form);
  write(rows.slice(0, first));
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const measured = (rows.length - first) / parts.length;
  const writing = cpu(() => {
    for (let at = first; at < rows.length; at += perCommit) write(rows.slice(at, at + perCommit));
  });
  const pages = statSync(`${file}-wal`).size / pageOfLog / measured;
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const find = (type: string) => {
    const statement = database.prepare(
      `SELECT m.text FROM "${type}.terms" d CROSS JOIN "${type}" m ON m.row = d.row WHERE d.term = ? LIMIT 20`,
    );
    return (term: string) => statement.all(form.keyOf(term));
  };
  const [patient, task] = [find('Patient'), find('Task')];
  const times = 2_000;
  const byIdentifier = cpu(() => {
    for (let n = 0; n < times; n++)
      patient(`identifier|${residentIds}|${person(n % patients).residentId.toLowerCase()}`);
  });
  const newest = cpu(() => {
    for (let n = 0; n < times; n++) task('owner|>Organization/bench-lead');
  });
  const keys = rows.slice(0, parts.length).map((row) => (JSON.parse(form.keys(row)) as unknown[]).length);
  const cells = [
    form.name.padEnd(26),
    String(keys.reduce((sum, count) => sum + count, 0)).padStart(5),
    (writing / measured).toFixed(0).padStart(13),
    pages.toFixed(1).padStart(13),
    (statSync(file).size / 1e6).toFixed(1).padStart(8),
    (byIdentifier / times).toFixed(1).padStart(14),
    (newest / times).toFixed(1).padStart(13),
  ];
  process.stdout.write(`${cells.join(' ')}\n`);
  database.close();
  rmSync(folder, { recursive: true });
}

/** Writes rows in one commit. */
function writer(database: DatabaseSync, form: Form): (rows: readonly Row[]) => void {
  const statements = new Map(
    parts.map((type) => {
      database.exec(schemaOf(type, form.key));
      const row = database.prepare(
        `INSERT INTO "${type}" (id, updated, text, terms, intervals, sort, access) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING row`,
      );
      const terms = database.prepare(
        `INSERT OR IGNORE INTO "${type}.terms" SELECT value, ?, ?, 1 FROM json_each(?)`,
      );
      const intervals = database.prepare(
        `INSERT OR IGNORE INTO "${type}.intervals" SELECT value ->> 0, value ->> 1, value ->> 2, ? FROM json_each(?)`,
      );
      return [type as string, { row, terms, intervals }];
    }),
  );
  return (rows) => {
    database.exec('BEGIN IMMEDIATE');
    for (const each of rows) {
      const { id, updated, text } = each;
      const into = statements.get(each.type)!;
      const inserted = into.row.get(id, updated, text, each.terms, each.intervals, form.sort(each), readers);
      const row = inserted!.row as number;
      into.terms.run(updated, row, form.keys(each));
      into.intervals.run(row, each.intervals);
    }
    database.exec('COMMIT');
  };
}

function schemaOf(type: string, key: Form['key']): string {
  return `
    CREATE TABLE "${type}" (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, updated INTEGER NOT NULL, text TEXT,
      terms TEXT NOT NULL, intervals TEXT NOT NULL, sort TEXT NOT NULL, access TEXT) STRICT;
    CREATE INDEX "${type}.updated" ON "${type}" (updated DESC, id);
    CREATE TABLE "${type}.terms" (term ${key} NOT NULL, updated INTEGER NOT NULL, row INTEGER NOT NULL, audience INTEGER,
      PRIMARY KEY (term, updated DESC, row)) STRICT, WITHOUT ROWID;
    CREATE TABLE "${type}.intervals" (name TEXT NOT NULL, low REAL NOT NULL, high REAL NOT NULL, row INTEGER NOT NULL,
      PRIMARY KEY (name, low, high, row)) STRICT, WITHOUT ROWID;`;
}

/** User and system time of some work, in microseconds. */
function cpu(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
