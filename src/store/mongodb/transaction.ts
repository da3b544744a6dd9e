import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientSession, TransactionOptions } from 'mongodb';
import { MongoError } from 'mongodb';
import type { Transaction } from '../store.ts';
import type { Collections } from './collections.ts';
import { failureOf, refusalOf } from './failure.ts';
import { history } from './history.ts';
import { count, search } from './search.ts';
import { readCurrent, readVersion } from './versions.ts';
import {
  createdDocument,
  type PendingWrite,
  send,
  writeOfClaim,
  writeOfReindex,
  writesOfAmend,
  writesOfPut,
  writesOfShare,
} from './writes.ts';

/** Attempts of one work before its conflicts count as endless: with the pauses below, about five seconds. */
const attempts = 25;
/** Attempts after an id or a version was found taken: the work reads anew each time, so more would not help. */
const attemptsAfterTaken = 5;
/** Attempts to learn how a commit ended. */
const commitAttempts = 5;

const writeOnly: TransactionOptions = { writeConcern: { w: 'majority' }, readPreference: 'primary' };
const reading: TransactionOptions = { ...writeOnly, readConcern: { level: 'snapshot' } };

/** Thrown when collections were missing: they are made outside, and the work runs again on a newer snapshot. */
class CollectionsMade extends Error {}

/**
 * Runs `work` as one transaction, again from its start after each conflict. Its writes are kept back and sent
 * together, before a read and at its end.
 */
export async function runTransaction<T>(
  collections: Collections,
  oneCommand: boolean,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(collections, oneCommand, work);
    } catch (error) {
      if (error instanceof CollectionsMade) continue;
      const failure = failureOf(error);
      if (failure !== 'conflict' && failure !== 'taken') throw refusalOf(error);
      if (attempt === (failure === 'taken' ? attemptsAfterTaken : attempts)) throw refusalOf(error);
      await pause(attempt);
    }
  }
}

/** A random pause, so that those who met do not meet again. */
async function pause(attempt: number): Promise<void> {
  await sleep(Math.random() * Math.min(2 ** attempt, 400));
}

async function runOnce<T>(
  collections: Collections,
  oneCommand: boolean,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  let session: ClientSession | undefined;
  let pending: PendingWrite[] = [];
  let isOver = false;

  /** The session of this attempt, which begins with the first command that needs one. */
  function begin(options: TransactionOptions): ClientSession {
    if (!session) {
      session = collections.client.startSession();
      session.startTransaction(options);
    }
    return session;
  }

  async function toRead(): Promise<ClientSession> {
    refuseWhenOver();
    // The first command of a transaction carries its read concern, which is no field of `bulkWrite`.
    // https://www.mongodb.com/docs/manual/reference/command/bulkWrite/
    const isFirst = session === undefined;
    const began = begin(reading);
    await flush(began, oneCommand && !isFirst);
    return began;
  }

  async function flush(began: ClientSession, atOnce: boolean): Promise<void> {
    if (pending.length === 0) return;
    const writes = pending;
    pending = [];
    await send(collections, writes, began, { oneCommand: atOnce });
  }

  function refuseWhenOver(): void {
    if (isOver) throw new Error('The transaction is over');
  }

  const transaction: Transaction = {
    read: async (type, id) => readCurrent(collections, type, id, await toRead()),
    readVersion: async (type, id, version) => readVersion(collections, type, id, version, await toRead()),
    history: async (request, allowance) => history(collections, request, allowance, await toRead()),
    search: async (request, allowance) => search(collections, request, allowance, await toRead()),
    count: async (type, filter, allowance) => count(collections, { type, filter }, allowance, await toRead()),
    exclusive: async (key) => {
      refuseWhenOver();
      pending.push(writeOfClaim(key));
    },
    put: async (next, replaced) => {
      refuseWhenOver();
      if (!collections.isPrepared(next.type)) {
        await collections.prepare(next.type);
        // A snapshot older than a collection cannot be written to.
        if (session) throw new CollectionsMade();
      }
      pending.push(...writesOfPut(next, replaced));
    },
    reindex: async (type, id, version, entries) => {
      refuseWhenOver();
      pending.push(writeOfReindex(type, id, version, entries));
    },
    share: async (sharing) => {
      refuseWhenOver();
      pending.push(...writesOfShare(sharing));
    },
    amend: async (version) => {
      refuseWhenOver();
      pending.push(...writesOfAmend(version));
    },
  };

  try {
    const result = await work(transaction);
    isOver = true;
    const created = !session && pending.length === 1 ? createdDocument(pending[0]!) : undefined;
    if (created) {
      const collection = collections.current(pending[0]!.collection);
      await collection.insertOne(created, { writeConcern: { w: 'majority' } });
    } else {
      if (pending.length > 0) await flush(begin(writeOnly), oneCommand);
      if (session) await commit(session);
    }
    return result;
  } catch (error) {
    if (session?.inTransaction()) await session.abortTransaction().catch(() => {});
    throw error;
  } finally {
    isOver = true;
    await session?.endSession();
  }
}

/** Commits; when the answer is lost, asks again: committing twice does no more than committing once. */
async function commit(session: ClientSession): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await session.commitTransaction();
    } catch (error) {
      const isUnknown = error instanceof MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
      if (!isUnknown || attempt === commitAttempts) throw error;
      await pause(attempt);
    }
  }
}
