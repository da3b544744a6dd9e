import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Binary, MongoClient } from 'mongodb';
import type { AuditStore } from '../../src/access/audit/audit-store.ts';
import { openMongoAudit } from '../../src/access/audit/mongodb/store.ts';
import { openSqliteAudit } from '../../src/access/audit/sqlite/store.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';

/** What somebody with the database's password can do to the log. */
export interface Tampering {
  /** Replaces a text within a batch. */
  change(batch: number, from: string, to: string): Promise<void>;
  remove(batch: number): Promise<void>;
  /** Takes away what a batch is found by. */
  hide(batch: number, reference: string): Promise<void>;
}

/** Where an audit log is kept: empty at first. */
export interface AuditPlace {
  open(): AuditStore;
  tamper: Tampering;
  close(): Promise<void>;
}

function newFile(): AuditPlace {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-audit-'));
  const file = join(folder, 'audit.sqlite');
  const run = async (sql: string, ...values: (string | number)[]) => {
    const database = new DatabaseSync(file);
    database.prepare(sql).run(...values);
    database.close();
  };
  return {
    open: () => openSqliteAudit(file),
    tamper: {
      change: (batch, from, to) =>
        run('UPDATE batches SET lines = replace(lines, ?, ?) WHERE number = ?', from, to, batch),
      remove: (batch) => run('DELETE FROM batches WHERE number = ?', batch),
      hide: (batch, reference) =>
        run('DELETE FROM naming WHERE batch = ? AND reference = ?', batch, reference),
    },
    close: async () => rmSync(folder, { recursive: true }),
  };
}

function newCollection(): AuditPlace {
  const uri = newDatabaseUri(mongodbUri()!);
  const client = new MongoClient(uri);
  const log = client
    .db()
    .collection<{ _id: number; lines: string; hashes: Binary; references: string[] }>('audit');
  return {
    open: () => openMongoAudit({ uri, silence: 10_000 }),
    tamper: {
      change: async (batch, from, to) => {
        const { lines } = (await log.findOne({ _id: batch }))!;
        await log.updateOne({ _id: batch }, { $set: { lines: lines.replace(from, to) } });
      },
      remove: async (batch) => void (await log.deleteOne({ _id: batch })),
      hide: async (batch, reference) => {
        const { references } = (await log.findOne({ _id: batch }))!;
        const left = references.filter((each) => each !== reference);
        await log.updateOne({ _id: batch }, { $set: { references: left } });
      },
    },
    close: async () => {
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

export const auditEngines: [name: string, newPlace: () => AuditPlace][] = [
  ['SQLite', newFile],
  ...(mongodbUri() ? ([['MongoDB', newCollection]] as [string, () => AuditPlace][]) : []),
];
