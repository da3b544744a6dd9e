import { afterAll, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { doorTo } from '../environment/database-door.ts';
import { freePort, mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { ready } from './places.ts';
import { aVersion } from './versions.ts';

const describeMongo = mongodbUri() ? describe : describe.skip;

describeMongo('a store whose MongoDB is not there yet', () => {
  const uri = newDatabaseUri(mongodbUri() ?? 'mongodb://none');
  afterAll(async () => {
    const client = new MongoClient(uri);
    await client.db().dropDatabase();
    await client.close();
  });

  test('refuses for now, goes on when it comes, and again after it was gone', async () => {
    const messages: string[] = [];
    const saidSo = Promise.withResolvers<void>();
    const log = (message: string) => {
      messages.push(message);
      saidSo.resolve();
    };
    const door = await doorTo(uri);
    const store = openMongoStore({ uri: door.uri, log });
    const put = (id: string) => store.write((transaction) => transaction.put(aVersion({ id })));
    const unavailable = { status: 503, issues: [{ code: 'transient' }] };

    await expect(store.ready()).rejects.toMatchObject(unavailable);
    await expect(store.read('Patient', 'early')).rejects.toMatchObject(unavailable);
    await expect(put('early')).rejects.toMatchObject(unavailable);
    await saidSo.promise;

    await door.open();
    await ready(store);
    await put('in-time');
    expect(await store.read('Patient', 'in-time')).toBeDefined();
    expect(messages).toEqual([
      expect.stringContaining('cannot be reached'),
      expect.stringContaining('answers now'),
    ]);

    await door.shut();
    await expect(store.read('Patient', 'in-time')).rejects.toMatchObject(unavailable);
    await expect(put('too-late')).rejects.toMatchObject(unavailable);

    await door.open();
    await ready(store);
    expect(await store.read('Patient', 'in-time')).toBeDefined();
    await store.close();
    await door.shut();
  });

  test('a database that has fallen silent is given up within the bound, and readiness is told at once', async () => {
    const door = await doorTo(uri);
    const store = openMongoStore({ uri: door.uri, silence: 1_500 });
    await door.open();
    await ready(store);
    await store.write((transaction) => transaction.put(aVersion({ id: 'before-silence' })));
    door.hush();
    const unavailable = { status: 503, issues: [{ code: 'transient' }] };
    await expect(store.ready()).rejects.toMatchObject(unavailable);
    await expect(store.read('Patient', 'before-silence')).rejects.toMatchObject(unavailable);
    const put = store.write((transaction) => transaction.put(aVersion({ id: 'in-silence' })));
    await expect(put).rejects.toMatchObject(unavailable);
    await door.shut();
    await store.close();
  });

  test('can be closed before it came', async () => {
    const store = openMongoStore({
      uri: `mongodb://127.0.0.1:${await freePort()}/?serverSelectionTimeoutMS=100`,
    });
    await expect(store.close()).resolves.toBeUndefined();
  });
});
