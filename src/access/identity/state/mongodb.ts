import { MongoClient, MongoError, MongoServerError } from 'mongodb';
import { refusals, refuse } from '../../../fhir/refusal.ts';
import type { Remembered, State } from './state.ts';

interface RememberedDocument {
  _id: string;
  kind: string;
  id: string;
  alias?: string;
  group?: string;
  value: string;
  expires?: Date;
  consumed?: number;
}

/** What MongoDB says of a second document with the same key. */
const duplicateKey = 11_000;

/**
 * A memory in a collection of its own, which all processes share. It does not wait for the database: while that does not
 * answer, all is refused with `refusals.storeUnavailable`.
 */
export function openMongoState(
  uri: string,
  silence: number,
  { name = 'identity', now = Date.now }: { name?: string; now?: () => number } = {},
): State {
  const client = new MongoClient(uri, {
    ...(!/[?&]serverSelectionTimeoutMS=/i.test(uri) && { serverSelectionTimeoutMS: silence }),
    connectTimeoutMS: silence,
    socketTimeoutMS: silence,
    maxPoolSize: 8,
    writeConcern: { w: 'majority' },
    readConcern: { level: 'majority' },
    ignoreUndefined: true,
  });
  const database = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1] ?? 'zhuanzhen';
  const remembered = client.db(database).collection<RememberedDocument>(name);
  let prepared: Promise<unknown> | undefined;

  async function ask<T>(run: () => Promise<T>): Promise<T> {
    try {
      prepared ??= remembered.createIndexes([
        { key: { kind: 1, alias: 1 }, sparse: true },
        { key: { group: 1 }, sparse: true },
        { key: { expires: 1 }, expireAfterSeconds: 0 },
      ]);
      await prepared;
      return await run();
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      prepared = undefined;
      throw refuse(refusals.storeUnavailable);
    }
  }

  // MongoDB sweeps what has expired once a minute.
  const live = () => ({ $or: [{ expires: { $exists: false } }, { expires: { $gt: new Date(now()) } }] });
  const keyOf = (kind: string, id: string) => `${kind}/${id}`;
  const documentOf = (
    kind: string,
    { id, alias, group, value, expires }: Remembered,
  ): RememberedDocument => ({
    _id: keyOf(kind, id),
    kind,
    id,
    ...(alias !== undefined && { alias }),
    ...(group !== undefined && { group }),
    value: JSON.stringify(value),
    ...(expires !== undefined && { expires: new Date(expires) }),
  });

  return {
    find: (kind, id) => ask(async () => from(await remembered.findOne({ _id: keyOf(kind, id), ...live() }))),
    findByAlias: (kind, alias) => ask(async () => from(await remembered.findOne({ kind, alias, ...live() }))),
    all: (kind) =>
      ask(async () => {
        const found = await remembered
          .find({ kind, ...live() })
          .sort({ _id: 1 })
          .toArray();
        return found.map((each) => from(each)!);
      }),
    put: (kind, each) =>
      ask(async () => {
        const document = documentOf(kind, each);
        await remembered.replaceOne({ _id: document._id }, document, { upsert: true });
      }),
    claim: (kind, each) =>
      ask(async () => {
        try {
          await remembered.insertOne(documentOf(kind, each));
          return true;
        } catch (error) {
          if (error instanceof MongoServerError && error.code === duplicateKey) return false;
          throw error;
        }
      }),
    consume: (kind, id) =>
      ask(async () => {
        const unused = { _id: keyOf(kind, id), consumed: { $exists: false } };
        const { modifiedCount } = await remembered.updateOne(unused, {
          $set: { consumed: Math.floor(now() / 1000) },
        });
        return modifiedCount === 1;
      }),
    remove: (kind, id) => ask(async () => void (await remembered.deleteOne({ _id: keyOf(kind, id) }))),
    removeGroup: (group) => ask(async () => void (await remembered.deleteMany({ group }))),
    close: () => client.close(),
  };
}

function from(document: RememberedDocument | null): Remembered | undefined {
  if (!document) return undefined;
  const { id, alias, group, value, expires, consumed } = document;
  const parsed = JSON.parse(value) as Record<string, unknown>;
  return {
    id,
    value: consumed === undefined ? parsed : { ...parsed, consumed },
    alias,
    group,
    expires: expires?.getTime(),
  };
}
