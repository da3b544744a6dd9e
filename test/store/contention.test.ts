import { afterAll, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { Refusal } from '../../src/fhir/refusal.ts';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { ready } from './places.ts';
import { aVersion } from './versions.ts';

const describeMongo = mongodbUri() ? describe : describe.skip;

describeMongo('two servers on one MongoDB', () => {
  const uri = newDatabaseUri(mongodbUri() ?? 'mongodb://none');
  afterAll(async () => {
    const client = new MongoClient(uri);
    await client.db().dropDatabase();
    await client.close();
  });

  test('with eight writers on one resource: hardly any of them is told to try again, and no version is lost', async () => {
    const stores = [openMongoStore({ uri }), openMongoStore({ uri })];
    for (const store of stores) await ready(store);
    await stores[0]!.write((transaction) => transaction.put(aVersion({ id: 'wanted' })));
    const rounds = 5;
    let refused = 0;
    const writer = async (n: number) => {
      for (let round = 0; round < rounds; round++) {
        try {
          await stores[n % 2]!.write(async (transaction) => {
            const replaced = (await transaction.read('Patient', 'wanted'))!;
            await transaction.put(aVersion({ id: 'wanted', version: replaced.version + 1 }), replaced);
          });
        } catch (error) {
          if (!(error instanceof Refusal) || error.status !== 409) throw error;
          refused++;
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, n) => writer(n)));
    expect(refused / (8 * rounds)).toBeLessThan(0.05);
    const current = await stores[0]!.read('Patient', 'wanted');
    expect(current!.version).toBe(1 + 8 * rounds - refused);
    for (const store of stores) await store.close();
  });
});
