import { afterAll, beforeAll, describe } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import type { Store } from '../../src/store/store.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { ready } from './places.ts';

/** Runs examples on a store of MongoDB that was filled before, where there is a MongoDB; `client` is on its database. */
export function onFilledMongo(
  title: string,
  fill: (store: Store) => Promise<void>,
  examples: (mongo: { readonly store: Store; readonly client: MongoClient }) => void,
): void {
  const server = mongodbUri();
  (server ? describe : describe.skip)(title, () => {
    const uri = newDatabaseUri(server ?? 'mongodb://none');
    const client = new MongoClient(uri);
    let store: Store;
    beforeAll(async () => {
      store = openMongoStore({ uri });
      await ready(store);
      await fill(store);
    });
    afterAll(async () => {
      await store.close();
      await client.db().dropDatabase();
      await client.close();
    });
    examples({
      client,
      get store() {
        return store;
      },
    });
  });
}
