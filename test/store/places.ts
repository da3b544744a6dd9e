import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { EngineStore } from '../../src/store/engine.ts';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';

/** Where a store keeps its data: empty at first, and there until it is removed. */
export interface Place {
  /** Opens a store on it, ready to be used. */
  open(): Promise<EngineStore>;
  remove(): Promise<void>;
}

/** A new folder for the embedded engine. */
export function newFolder(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-store-'));
  return {
    open: async () => openSqliteStore({ folder }),
    remove: async () => rmSync(folder, { recursive: true }),
  };
}

/** A new database on the MongoDB of this test run. */
export function newDatabase(server: string): Place {
  const uri = newDatabaseUri(server);
  return {
    open: async () => {
      const store = openMongoStore({ uri });
      await ready(store);
      return store;
    },
    remove: async () => {
      const client = new MongoClient(uri);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

/** The engines that this test run has, each with the way to a new place. */
export const engines: [name: string, newPlace: () => Place][] = [
  ['the embedded engine', newFolder],
  ...(mongodbUri() ? ([['MongoDB', () => newDatabase(mongodbUri()!)]] as [string, () => Place][]) : []),
];

/** Waits until a store answers: opening one does not wait for its database. */
export async function ready(store: Store): Promise<void> {
  const end = Date.now() + 15_000;
  for (;;) {
    try {
      return await store.ready();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
