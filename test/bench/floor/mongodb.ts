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
import { type Part, parts, partsLoaded, residentIds } from '../population/referral.ts';
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

  const write = async (written: readonly Part[]) => {
    const models = written.map(
      (part): ClientBulkWriteModel<Record<string, Kept>> => ({
        namespace: `${database.databaseName}.${part}`,
        name: 'insertOne',
        document: copyOf(part),
      }),
    );
    return (await together(models)).insertedCount === written.length;
  };
  const together = (models: ClientBulkWriteModel<Record<string, Kept>>[]) =>
    client.withSession((session) =>
      session.withTransaction(() => client.bulkWrite<Record<string, Kept>>(models, { session }), {
        writeConcern: { w: 'majority' },
      }),
    );
  const tasks = database.collection<Kept>('Task');

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
      identifier: () =>
        found(
          database.collection('Patient'),
          `identifier|${residentIds}|${person(anyPatient()).residentId.toLowerCase()}`,
        ),
      include: async () => {
        const id = loadedId('ServiceRequest', anyPatient(), 1);
        const [request, isFound] = await Promise.all([
          requests.findOne({ _id: id }, { projection: { text: 1 } }),
          found(tasks, `focus|>ServiceRequest/${id}`),
        ]);
        return request !== null && isFound;
      },
      everything: async () => {
        const term = `patient|>Patient/${loadedId('Patient', anyPatient(), 0)}`;
        const all = await Promise.all(parts.map((part) => found(database.collection<Kept>(part), term)));
        return all.some((isFound) => isFound);
      },
      worklist: () =>
        found(database.collection('Task'), 'owner|>Organization/bench-lead', 'status|=requested'),
      patient: async () =>
        (await database.collection<Kept>('Patient').insertOne(copyOf('Patient'))).acknowledged,
      // Each client has a Task of its own: two at one would only wait for each other.
      update: async (client) => {
        const _id = loadedId('Task', client % patients, 1);
        const replaced = await tasks.findOne({ _id });
        const { matchedCount } = await together([
          {
            namespace: `${database.databaseName}.Task`,
            name: 'replaceOne',
            filter: { _id },
            replacement: { ...replaced!, t: Date.now() },
          },
          {
            namespace: `${database.databaseName}.Task.history`,
            name: 'insertOne',
            document: { ...replaced!, _id: randomUUID() },
          },
        ]);
        return matchedCount === 1;
      },
      load: () => write(Array.from({ length: 3 }, () => partsLoaded).flat()),
      create: async () => (await requests.insertOne(copyOf('ServiceRequest'))).acknowledged,
      transaction: () => write(parts),
    },
    close: async () => {},
  };
}

async function sampleOf(collection: Collection<Kept>): Promise<WithoutId<Kept>> {
  const { _id, ...sample } = (await collection.findOne())!;
  return sample;
}
