import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { wordsOf } from '../../../src/fhir/search/words.ts';
import { keysOf } from '../../../src/store/sqlite/settled-terms.ts';
import { loadedId } from '../population/bundles.ts';
import { person } from '../population/numbers.ts';
import { type Part, parts, partsLoaded, residentIds } from '../population/referral.ts';
import type { Floor } from './floor.ts';

interface Row extends Record<string, string | number> {
  id: string;
  text: string;
  updated: number;
  terms: string;
  intervals: string;
}

/**
 * The floor of the embedded engine: `node:sqlite` on the file that the server writes, with the same settings. It is
 * synchronous, so writes of several clients at a time are one commit, as in the store.
 */
export function sqliteFloor(folder: string, patients: number, clients: number): Floor {
  const database = new DatabaseSync(join(folder, 'zhuanzhen.sqlite'), { timeout: 5_000 });
  database.exec('PRAGMA cache_size = -65536; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;');
  const one = database.prepare('SELECT text FROM "ServiceRequest" WHERE id = ?');
  const byTerms = database.prepare(`
    SELECT m.text FROM "ServiceRequest.terms" d CROSS JOIN "ServiceRequest" m ON m.row = d.row
    WHERE d.term = ? AND EXISTS (SELECT 1 FROM json_each(m.terms) WHERE value = ?) LIMIT 21`);
  const chained = database.prepare(`
    SELECT m.text FROM "Patient.terms" p CROSS JOIN "Patient" q ON q.row = p.row
    CROSS JOIN "ServiceRequest.terms" d ON d.term = 'patient|>Patient/' || q.id
    CROSS JOIN "ServiceRequest" m ON m.row = d.row WHERE p.term = ? LIMIT 21`);
  const newest = database.prepare(`
    SELECT m.text FROM "Task.terms" d CROSS JOIN "Task" m ON m.row = d.row
    WHERE d.term = ? AND EXISTS (SELECT 1 FROM json_each(m.terms) WHERE value = ?)
    ORDER BY d.updated DESC, m.id LIMIT 21`);
  const byTerm = new Map(
    parts.map((type) => [
      type,
      database.prepare(
        `SELECT m.text FROM "${type}.terms" d CROSS JOIN "${type}" m ON m.row = d.row WHERE d.term = ? LIMIT 21`,
      ),
    ]),
  );
  const find = (type: Part, term: string) => byTerm.get(type)!.all(term).length > 0;
  const update = updaterOf(database, patients);
  const writers = Object.fromEntries(parts.map((type) => [type, writerOf(database, type)]));
  const anyPatient = () => Math.floor(Math.random() * patients);

  let inGroup = 0;
  const grouped = (write: () => void) => async (): Promise<boolean> => {
    if (inGroup === 0) database.exec('BEGIN IMMEDIATE');
    write();
    inGroup += 1;
    if (inGroup === clients) {
      database.exec('COMMIT');
      inGroup = 0;
    }
    return true;
  };

  return {
    works: {
      read: async () => one.get(loadedId('ServiceRequest', anyPatient(), 1)) !== undefined,
      search: async () =>
        byTerms.all(`subject|>Patient/${loadedId('Patient', anyPatient(), 0)}`, 'status|=active').length > 0,
      chained: async () =>
        chained.all(`identifier|${residentIds}|${person(anyPatient()).residentId.toLowerCase()}`).length > 0,
      identifier: async () =>
        find('Patient', `identifier|${residentIds}|${person(anyPatient()).residentId.toLowerCase()}`),
      include: async () => {
        const id = loadedId('ServiceRequest', anyPatient(), 1);
        return one.get(id) !== undefined && find('Task', `focus|>ServiceRequest/${id}`);
      },
      everything: async () => {
        const term = `patient|>Patient/${loadedId('Patient', anyPatient(), 0)}`;
        return parts.filter((type) => find(type, term)).length > 0;
      },
      worklist: async () => newest.all('owner|>Organization/bench-lead', 'status|=requested').length > 0,
      patient: grouped(() => writers.Patient!()),
      update: grouped(update),
      load: grouped(() => {
        for (let n = 0; n < 3; n++) for (const type of partsLoaded) writers[type]!();
      }),
      create: grouped(() => writers.ServiceRequest!()),
      transaction: grouped(() => {
        for (const type of parts) writers[type]!();
      }),
    },
    close: async () => {
      if (database.isTransaction) database.exec('COMMIT');
      database.close();
    },
  };
}

/** Replaces Tasks, each by its own text, and keeps what was replaced. */
function updaterOf(database: DatabaseSync, patients: number): () => void {
  const find = database.prepare('SELECT row, id, version, text, terms FROM "Task" WHERE id = ?');
  const statements = [
    `INSERT OR IGNORE INTO "Task.history" SELECT id, version, updated, :now, method, text FROM "Task" WHERE row = :row`,
    `DELETE FROM "Task.terms" WHERE term IN (SELECT value FROM json_each(:terms)) AND row = :row
       AND updated = (SELECT updated FROM "Task" WHERE row = :row)`,
    `UPDATE "Task" SET updated = :now, version = version + 1 WHERE row = :row`,
    `INSERT INTO "Task.terms" (term, updated, row) SELECT value, :now, :row FROM json_each(:terms)`,
  ].map((text) => {
    const statement = database.prepare(text);
    statement.setAllowUnknownNamedParameters(true);
    return statement;
  });
  return () => {
    const { row, terms } = find.get(
      loadedId('Task', Math.floor(Math.random() * Math.min(64, patients)), 1),
    ) as {
      row: number;
      terms: string;
    };
    const now = Date.now();
    for (const statement of statements) statement.run({ row, terms, now });
  };
}

/** Writes copies of one loaded resource, each under an id and at a time of its own. */
function writerOf(database: DatabaseSync, type: string): () => void {
  const { row: _, ...sample } = database.prepare(`SELECT * FROM "${type}" LIMIT 1`).get() as Row;
  const columns = Object.keys(sample);
  // The index of words keeps no texts that could be copied.
  const words = wordsOf(JSON.parse(sample.text as string)).join(' ');
  const terms = keysOf(sample.terms as string);
  const insert = database.prepare(
    `INSERT INTO "${type}" (${columns.join()}) VALUES (${columns.map(() => '?').join()}) RETURNING row`,
  );
  const entries = [
    `INSERT INTO "${type}.terms" (term, updated, row) SELECT value, :updated, :row FROM json_each(:terms)`,
    `INSERT INTO "${type}.intervals" (name, low, high, row)
     SELECT value ->> 0, value ->> 1, value ->> 2, :row FROM json_each(:intervals)`,
    `INSERT INTO "${type}.words" (rowid, words) VALUES (:row, :words)`,
  ].map((text) => {
    const statement = database.prepare(text);
    statement.setAllowUnknownNamedParameters(true);
    return statement;
  });
  return () => {
    const id = randomUUID();
    const updated = Date.now();
    const copy: Record<string, string | number> = { ...sample, id, updated };
    const { row } = insert.get(...columns.map((name) => copy[name]!)) as { row: number };
    const { intervals } = sample as Row;
    for (const statement of entries) statement.run({ row, updated, terms, intervals, words });
  };
}
