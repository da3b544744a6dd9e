import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, type MongoClientOptions, ReadConcern } from 'mongodb';
import { refusals, refuse } from '../../fhir/refusal.ts';
import type { EngineStore } from '../engine.ts';
import { createGate } from '../gate.ts';
import type { Allowance } from '../store.ts';
import { codeTablesOf } from './code-tables.ts';
import { type Collections, collectionsOf } from './collections.ts';
import { databaseOf } from './database-of.ts';
import { refusalOf } from './failure.ts';
import { history } from './history.ts';
import { ordersOf } from './orders.ts';
import { outboxOf } from './outbox.ts';
import { count, search } from './search.ts';
import { runTransaction } from './transaction.ts';
import { readCurrent, readVersion } from './versions.ts';

/** The wire protocol of MongoDB 8.0, from which on one command can write to many collections. */
const wireVersionOfMongo8 = 25;
/** Between two attempts to reach a database that is not there yet, in milliseconds. */
const retryPause = 500;
/** How long `ready` waits for an answer, in milliseconds: who asks wants to know now. */
const readyTimeout = 1_000;

/** Settings of the MongoDB store. */
export interface MongoSettings {
  uri: string;
  /** Default: the database that the URI names, else `zhuanzhen`. */
  database?: string;
  /** Told when the database cannot be reached, and when it can. */
  log?: (message: string) => void;
  /** How many searches, counts and histories run at once. The connections beyond them are left to reads and writes. */
  searches?: number;
  /** How many of them may wait. */
  queue?: number;
  /** How long the database may be silent, or not be found, in milliseconds. */
  silence?: number;
  /** How long a search may take, in milliseconds: so long, and a silence more, its connection is waited for. */
  searchTime?: number;
}

/**
 * Opens the store on a MongoDB replica set or sharded cluster, version 7 or 8. It does not wait: until the database
 * answers, all operations are refused with `refusals.storeUnavailable`, and it is tried again and again.
 */
export function openMongoStore({
  uri,
  database,
  log = () => {},
  searches = 16,
  queue = 100,
  silence = 5_000,
  searchTime = 30_000,
}: MongoSettings): EngineStore {
  const connect = (socketTimeoutMS: number, more: MongoClientOptions = {}) =>
    new MongoClient(uri, {
      ...(!/[?&]serverSelectionTimeoutMS=/i.test(uri) && { serverSelectionTimeoutMS: silence }),
      connectTimeoutMS: silence,
      socketTimeoutMS,
      writeConcern: { w: 'majority' },
      ignoreUndefined: true,
      ...more,
    });
  const client = connect(silence);
  // What can take long has connections of its own: a search is silent for as long as it may take, and many of them leave
  // the others free.
  const searchClient = connect(searchTime + silence, { maxPoolSize: searches });
  const name = database ?? databaseOf(uri);
  const collections = collectionsOf(client, client.db(name, { readConcern: new ReadConcern('majority') }));
  const searching = collectionsOf(
    searchClient,
    searchClient.db(name, { readConcern: new ReadConcern('majority') }),
  );
  const orders = ordersOf(collections, log);
  const gate = createGate({ atOnce: searches, queue });
  const closing = new AbortController();
  let opened: { oneCommand: boolean } | undefined;
  const opening = open();

  async function open(): Promise<void> {
    for (let attempt = 1; !closing.signal.aborted; attempt++) {
      try {
        opened = await prepare(client, collections);
        if (attempt > 1) log('The database answers now');
        return;
      } catch (error) {
        if (attempt === 1) log(`The database cannot be reached yet: ${(error as Error).message}`);
        await sleep(retryPause, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
  }

  /** Runs an operation on a database that has answered, and lets no error of the driver out. */
  async function ask<T>(
    run: (is: { oneCommand: boolean }) => Promise<T>,
    { timeout, signal }: Allowance = {},
  ): Promise<T> {
    if (!opened) throw refuse(refusals.storeUnavailable);
    signal?.throwIfAborted();
    try {
      return await run(opened);
    } catch (error) {
      signal?.throwIfAborted();
      throw refusalOf(error, timeout);
    }
  }

  /** The same for what can take long, when its turn comes. */
  function askInTurn<T>(run: (allowance: Allowance) => Promise<T>, allowance: Allowance = {}): Promise<T> {
    return gate(allowance, (within) => ask(() => run(within), within));
  }

  const outbox = outboxOf(collections.database, (run) => ask(run));

  return {
    outbox,
    codeTables: codeTablesOf(collections.database, (run) => ask(run)),
    read: (type, id) => ask(() => readCurrent(collections, type, id)),
    readVersion: (type, id, version) => ask(() => readVersion(collections, type, id, version)),
    history: (request, allowance) => askInTurn((within) => history(searching, request, within), allowance),
    search: (request, allowance) =>
      askInTurn((within) => orders.watch(request, () => search(searching, request, within)), allowance),
    count: (type, filter, allowance) =>
      askInTurn((within) => count(searching, { type, filter }, within), allowance),
    write: (work) => ask(({ oneCommand }) => runTransaction(collections, oneCommand, work)),
    types: () => ask(() => collections.types()),
    ready: () =>
      ask(async () => {
        const late = sleep(readyTimeout, undefined, { ref: false }).then(() => {
          throw refuse(refusals.storeUnavailable);
        });
        // Both ways to it: one can be back before the other.
        const pings = [collections, searching].map(({ database }) => database.command({ ping: 1 }));
        await Promise.race([Promise.all(pings), late]);
      }),
    close: async () => {
      closing.abort();
      await opening;
      await orders.made();
      await outbox.close();
      await Promise.all([client.close(), searchClient.close()]);
    },
  };
}

/** Connects, makes the indexes, and learns what the server can do. */
async function prepare(client: MongoClient, collections: Collections): Promise<{ oneCommand: boolean }> {
  await client.connect();
  const { maxWireVersion } = await client.db('admin').command({ hello: 1 });
  await collections.prepareAll();
  return { oneCommand: maxWireVersion >= wireVersionOfMongo8 };
}
