import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { noEntries } from '../../src/fhir/search/entries.ts';
import { collectionsOf } from '../../src/store/mongodb/collections.ts';
import {
  type PendingWrite,
  send,
  writeOfClaim,
  writeOfReindex,
  writesOfPut,
} from '../../src/store/mongodb/writes.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { asStored, aVersion } from './versions.ts';

const describeMongo = mongodbUri() ? describe : describe.skip;

/** MongoDB 8 takes all writes of a transaction in one command, MongoDB 7 takes one for each collection. */
describeMongo.each([
  ['in one command', true],
  ['in one for each collection', false],
])('writes sent to MongoDB %s', (_, oneCommand) => {
  const client = new MongoClient(newDatabaseUri(mongodbUri() ?? 'mongodb://none'));
  const collections = collectionsOf(client, client.db());
  beforeAll(() => Promise.all(['Patient', 'Task'].map((type) => collections.prepare(type))));
  afterAll(async () => {
    await client.db().dropDatabase();
    await client.close();
  });

  const sendAll = (writes: readonly PendingWrite[]) =>
    client.withSession((session) =>
      session.withTransaction(() => send(collections, writes, session, { oneCommand })),
    );
  const [first, second] = [1, 2].map((version) => aVersion({ id: 'zhang-san', version, updated: version }));

  test('come in together, those of one resource in their order', async () => {
    await sendAll([
      writeOfClaim('Patient?identifier=1'),
      ...writesOfPut(first!),
      ...writesOfPut(aVersion({ type: 'Task', id: 'task' })),
      ...writesOfPut(second!, asStored(first!)),
      writeOfReindex('Patient', 'zhang-san', 2, { ...noEntries, terms: ['gender|=male'] }),
    ]);
    expect(await collections.current('Patient').find().toArray()).toEqual([
      expect.objectContaining({ _id: 'zhang-san', v: 2, s: ['gender|=male'] }),
    ]);
    expect(await collections.history('Patient').find().toArray()).toEqual([
      expect.objectContaining({ _id: 'zhang-san/1', v: 1, r: 2 }),
    ]);
    expect(await collections.current('Task').countDocuments()).toBe(1);
    expect(await collections.claims.countDocuments()).toBe(1);
  });

  test('fail together when one replaces a version that is not the current one', async () => {
    const late = sendAll([
      ...writesOfPut(aVersion({ type: 'Task', id: 'other' })),
      ...writesOfPut(aVersion({ id: 'zhang-san', version: 2, text: '{}' }), asStored(first!)),
    ]);
    await expect(late).rejects.toThrow();
    expect(await collections.current('Task').countDocuments({ _id: 'other' })).toBe(0);
    expect((await collections.current('Patient').findOne())?.v).toBe(2);
  });
});
