import { randomUUID } from 'node:crypto';
import {
  type ClientBulkWriteModel,
  type Collection,
  type MongoClient,
  ReadConcern,
  type WithoutId,
} from 'mongodb';
import { loadedId } from '../population/bundles.ts';
import { person } from '../population/numbers.ts';
import { type Part, parts, residentIds } from '../population/referral.ts';
import type { Floor } from './floor.ts';

/** What the floor reads of the store's documents: id, time, and the terms that they are found by. */
interface Kept {
  _id: string;
  t: number;
  s: string[];
}

const majority = { writeConcern: { w: 'majority' }, readConcern: new ReadConcern('majority') } as const;
const newestFirst = { projection: { text: 1 }, sort: { t: -1, _id: 1 }, limit: 21 } as const;

/** The floor on MongoDB: its driver on the collections of the server, and on their indexes. */
export async function mongodbFloor(client: MongoClient, patients: number): Promise<Floor> {
  const database = client.db(undefined, majority);
  const requests = database.collection<Kept>('ServiceRequest');
  const samples = new Map<Part, WithoutId<Kept>>();
  for (const part of parts) samples.set(part, await sampleOf(database.collection<Kept>(part)));

  const anyPatient = () => Math.floor(Math.random() * patients);
  const copyOf = (part: Part) => ({ ...samples.get(part)!, _id: randomUUID(), t: Date.now() });
  const found = async (collection: Collection<Kept>, ...terms: string[]) => {
    const conditions = terms.map((term) => ({ s: term }));
    return (await collection.find({ $and: conditions }, newestFirst).toArray()).length > 0;
  };

  return {
    works: {
      read: async () => {
        const id = loadedId('ServiceRequest', anyPatient(), 1);
        return (await requests.findOne({ _id: id }, { projection: { text: 1 } })) !== null;
      },
      search: () =>
        found(requests, `subject|>Patient/${loadedId('Patient', anyPatient(), 0)}`, 'status|=active'),
      chained: async () => {
        const identifier = `identifier|${residentIds}|${person(anyPatient()).residentId.toLowerCase()}`;
        const patient = await database
          .collection<Kept>('Patient')
          .findOne({ s: identifier }, { projection: { _id: 1 } });
        return patient !== null && found(requests, `patient|>Patient/${patient._id}`);
      },
      worklist: () =>
        found(database.collection('Task'), 'owner|>Organization/bench-lead', 'status|=requested'),
      create: async () => (await requests.insertOne(copyOf('ServiceRequest'))).acknowledged,
      transaction: async () => {
        const models = parts.map(
          (part): ClientBulkWriteModel<Record<string, Kept>> => ({
            namespace: `${database.databaseName}.${part}`,
            name: 'insertOne',
            document: copyOf(part),
          }),
        );
        const result = await client.withSession((session) =>
          session.withTransaction(() => client.bulkWrite<Record<string, Kept>>(models, { session }), {
            writeConcern: { w: 'majority' },
          }),
        );
        return result.insertedCount === parts.length;
      },
    },
    close: async () => {},
  };
}

async function sampleOf(collection: Collection<Kept>): Promise<WithoutId<Kept>> {
  const { _id, ...sample } = (await collection.findOne())!;
  return sample;
}
