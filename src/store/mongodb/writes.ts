import { createHash } from 'node:crypto';
import type { AnyBulkWriteOperation, ClientBulkWriteModel, ClientSession, Document } from 'mongodb';
import type { IndexedVersion, Sharing, StoredVersion } from '../store.ts';
import type { Collections } from './collections.ts';
import {
  type CurrentDocument,
  currentDocument,
  entryFields,
  replacedDocument,
  replacedId,
} from './document.ts';

/** A write that waits to be sent with others. */
export interface PendingWrite {
  collection: string;
  operation: Operation;
}

type Operation =
  | { insertOne: { document: Document } }
  | { replaceOne: { filter: Document; replacement: Document; upsert: boolean } }
  | { updateOne: { filter: Document; update: Document; upsert: boolean } };

/** The writes that make `next` the current version, and keep the one that it replaces. */
export function writesOfPut(next: IndexedVersion, replaced?: StoredVersion): PendingWrite[] {
  const document = currentDocument(next);
  if (!replaced) return [{ collection: next.type, operation: { insertOne: { document } } }];
  const filter = { _id: next.id, v: replaced.version };
  // When that version is not the current one any more, the upsert means an insert whose id is taken: it fails.
  const replaceOne = { filter, replacement: document, upsert: true };
  const insertOne = { document: replacedDocument(replaced, next.updated) };
  return [
    { collection: `${next.type}.history`, operation: { insertOne } },
    { collection: next.type, operation: { replaceOne } },
  ];
}

/** The write that replaces the entries of a version, when it still is the current one. */
export function writeOfReindex(
  type: string,
  id: string,
  version: number,
  entries: IndexedVersion['entries'],
): PendingWrite {
  const filter = { _id: id, v: version };
  const updateOne = { filter, update: { $set: entryFields(entries) }, upsert: false };
  return { collection: type, operation: { updateOne } };
}

/** The writes that replace who may read a resource: one field is not both pulled from and added to in one update. */
export function writesOfShare({ type, id, version, access, removed, added }: Sharing): PendingWrite[] {
  const filter = { _id: id, v: version };
  const updates = [
    { $set: { a: access }, ...(removed.length > 0 && { $pullAll: { s: removed } }) },
    ...(added.length > 0 ? [{ $addToSet: { s: { $each: added } } }] : []),
  ];
  return updates.map((update) => ({
    collection: type,
    operation: { updateOne: { filter, update, upsert: false } },
  }));
}

/** The writes that replace the text and entries of a version, wherever it is kept. */
export function writesOfAmend({ type, id, version, text, entries }: IndexedVersion): PendingWrite[] {
  const inCurrent = {
    filter: { _id: id, v: version },
    update: { $set: { text, ...entryFields(entries) } },
    upsert: false,
  };
  const inHistory = { filter: { _id: replacedId(id, version) }, update: { $set: { text } }, upsert: false };
  return [
    { collection: type, operation: { updateOne: inCurrent } },
    { collection: `${type}.history`, operation: { updateOne: inHistory } },
  ];
}

/** The write that a twin of this transaction would make, too, so that one of the two has to wait. */
export function writeOfClaim(key: string): PendingWrite {
  const filter = { _id: createHash('sha256').update(key).digest('hex') };
  const updateOne = { filter, update: { $set: { at: new Date() } }, upsert: true };
  return { collection: 'claims', operation: { updateOne } };
}

/** The document of a write that only creates a resource: one such alone needs no transaction. */
export function createdDocument({ collection, operation }: PendingWrite): CurrentDocument | undefined {
  const isCreate = 'insertOne' in operation && !collection.includes('.');
  return isCreate ? (operation.insertOne.document as CurrentDocument) : undefined;
}

/**
 * Sends writes within a session, in order: in one command where the server knows it (MongoDB 8), else in one for each
 * collection. Throws the driver's errors.
 */
export async function send(
  { client, database }: Collections,
  writes: readonly PendingWrite[],
  session: ClientSession,
  { oneCommand }: { oneCommand: boolean },
): Promise<void> {
  if (oneCommand) {
    await client.bulkWrite(
      writes.map(({ collection, operation }) => modelOf(`${database.databaseName}.${collection}`, operation)),
      { session, ordered: true },
    );
    return;
  }
  // Only the order within a collection matters: all of it becomes visible at once.
  for (const [collection, ofOne] of Map.groupBy(writes, (write) => write.collection)) {
    const operations = ofOne.map(({ operation }) => operation as AnyBulkWriteOperation);
    await database.collection(collection).bulkWrite(operations, { session, ordered: true });
  }
}

function modelOf(namespace: string, operation: Operation): ClientBulkWriteModel<Document> {
  if ('insertOne' in operation) return { namespace, name: 'insertOne', ...operation.insertOne };
  if ('replaceOne' in operation) return { namespace, name: 'replaceOne', ...operation.replaceOne };
  return { namespace, name: 'updateOne', ...operation.updateOne };
}
