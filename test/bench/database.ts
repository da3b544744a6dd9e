import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { findMongo, newDatabaseUri } from '../environment/mongodb.ts';
import type { Floor } from './floor/floor.ts';
import { mongodbFloor } from './floor/mongodb.ts';
import { sqliteFloor } from './floor/sqlite.ts';
import type { Engine } from './plan.ts';

/** A database for one run: empty at the start, gone at the end. */
export interface Database {
  /** Name and version of the engine. */
  version: string;
  /** The environment variables with which the server uses it. */
  settings: Record<string, string>;
  /** The bare driver on what the server has written so far. */
  floor(patients: number, clients: number): Promise<Floor>;
  close(): Promise<void>;
}

/** Makes a database, or gives undefined where the engine is not to be had. */
export function openDatabase(engine: Engine): Promise<Database | undefined> {
  return engine === 'embedded' ? openEmbedded() : openMongodb();
}

async function openEmbedded(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-bench-'));
  return {
    version: `SQLite ${process.versions.sqlite}`,
    settings: { DATA_DIR: folder, MONGODB_URI: '' },
    floor: async (patients, clients) => sqliteFloor(folder, patients, clients),
    close: async () => rmSync(folder, { recursive: true }),
  };
}

async function openMongodb(): Promise<Database | undefined> {
  const found = await findMongo();
  if (found === undefined) return undefined;
  const uri = newDatabaseUri(found.uri);
  const client = new MongoClient(uri);
  const { version } = await client.db('admin').command({ buildInfo: 1 });
  return {
    version: `MongoDB ${version} (${found.origin})`,
    settings: { MONGODB_URI: uri },
    floor: async (patients) => mongodbFloor(client, patients),
    close: async () => {
      await client.db().dropDatabase();
      await client.close();
      await found.stop();
    },
  };
}
