import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { freePort, mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { ready } from './places.ts';
import { aVersion } from './versions.ts';

/** A door to the database of the tests that can be shut: what a client sees of a database that is not there. */
function doorTo(target: URL, port: number) {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  return {
    async open(): Promise<void> {
      server = createServer((from) => {
        const to = connect(Number(target.port), target.hostname);
        for (const socket of [from, to]) {
          sockets.add(socket);
          socket.on('error', () => {});
          socket.on('close', () => sockets.delete(socket));
        }
        from.pipe(to).pipe(from);
      }).listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async shut(): Promise<void> {
      server?.close();
      for (const socket of sockets) socket.destroy();
      if (server) await once(server, 'close');
    },
  };
}

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
    const behindDoor = new URL(uri);
    behindDoor.host = `127.0.0.1:${await freePort()}`;
    behindDoor.searchParams.set('directConnection', 'true');
    behindDoor.searchParams.set('serverSelectionTimeoutMS', '200');
    const door = doorTo(new URL(uri), Number(behindDoor.port));
    const store = openMongoStore({ uri: behindDoor.href, log });
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

  test('can be closed before it came', async () => {
    const store = openMongoStore({
      uri: `mongodb://127.0.0.1:${await freePort()}/?serverSelectionTimeoutMS=100`,
    });
    await expect(store.close()).resolves.toBeUndefined();
  });
});
