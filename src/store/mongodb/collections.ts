import type { Collection, Db, IndexDescription, MongoClient } from 'mongodb';
import type { CurrentDocument, ReplacedDocument } from './document.ts';

/** A claim on a key that one transaction at a time may hold. */
export interface ClaimDocument {
  _id: string;
  at: Date;
}

/** The collections of the database: of each type its current versions, and those that were replaced. */
export interface Collections {
  readonly client: MongoClient;
  readonly database: Db;
  current(type: string): Collection<CurrentDocument>;
  history(type: string): Collection<ReplacedDocument>;
  readonly claims: Collection<ClaimDocument>;
  /** The types that have a collection. */
  types(): Promise<string[]>;
  /** True when the type's collections and indexes are known to be there. */
  isPrepared(type: string): boolean;
  /** Makes the type's collections and indexes, when they are not there yet. */
  prepare(type: string): Promise<void>;
  /** Makes the indexes of the types that are there. */
  prepareAll(): Promise<void>;
}

const currentIndexes: IndexDescription[] = [
  // Serves nearly every search: equality or range of a term, newest first.
  { name: 'terms', key: { s: 1, t: -1, _id: 1 } },
  { name: 'newest', key: { t: -1, _id: 1 } },
  { name: 'intervals', key: { 'd.n': 1, 'd.l': 1, 'd.h': 1 } },
  { name: 'words', key: { w: 1 } },
];
const historyIndexes: IndexDescription[] = [{ name: 'newest', key: { t: -1, id: 1, v: -1 } }];
/** A claim only matters while its transaction runs, which is a minute at most. */
const claimIndexes: IndexDescription[] = [{ name: 'old', key: { at: 1 }, expireAfterSeconds: 3600 }];

/** The collections of a database; nothing is asked of it yet. */
export function collectionsOf(client: MongoClient, database: Db): Collections {
  const prepared = new Map<string, Promise<void>>();
  const done = new Set<string>();
  const current = (type: string) => database.collection<CurrentDocument>(type);
  const history = (type: string) => database.collection<ReplacedDocument>(`${type}.history`);
  const claims = database.collection<ClaimDocument>('claims');

  async function types(): Promise<string[]> {
    const names = await database.listCollections({}, { nameOnly: true }).toArray();
    return names
      .map(({ name }) => name)
      .filter((name) => /^[A-Z][A-Za-z]*$/.test(name))
      .sort();
  }

  async function createIndexes(type: string): Promise<void> {
    await Promise.all([
      current(type).createIndexes(currentIndexes),
      history(type).createIndexes(historyIndexes),
    ]);
    done.add(type);
  }

  function prepare(type: string): Promise<void> {
    let preparing = prepared.get(type);
    if (!preparing) {
      preparing = createIndexes(type).catch((error) => {
        prepared.delete(type);
        throw error;
      });
      prepared.set(type, preparing);
    }
    return preparing;
  }

  return {
    client,
    database,
    current,
    history,
    claims,
    types,
    isPrepared: (type) => done.has(type),
    prepare,
    prepareAll: async () => {
      await claims.createIndexes(claimIndexes);
      for (const type of await types()) await prepare(type);
    },
  };
}
