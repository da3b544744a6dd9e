import { Binary, type Collection, type Filter, MongoClient, ReadConcern } from 'mongodb';
import { databaseOf } from '../../../store/mongodb/database-of.ts';
import { failureOf } from '../../../store/mongodb/failure.ts';
import type { AuditStore, BatchQuestion } from '../audit-store.ts';
import { type Batch, beginning, type Head, headOf, seal } from '../batch.ts';

/** A batch as it is kept: one document, so that it is there as a whole or not at all. */
interface BatchDocument {
  /** Its number: of two processes that go on from the same end of the log, the second is refused. */
  _id: number;
  first: number;
  low: number;
  high: number;
  lines: string;
  hashes: Binary;
  references: readonly string[];
}

/** How often another process may have been faster before appending is given up. */
const mostAttempts = 50;

/**
 * Opens the log in the collection `audit` of a MongoDB. All processes that write there share one chain: the number of the
 * next batch is taken by whoever inserts it first, the others go on from that one.
 */
export function openMongoAudit({
  uri,
  silence,
}: {
  uri: string;
  /** How long the database may be silent, or not be found, in milliseconds. */
  silence: number;
}): AuditStore {
  const database = databaseOf(uri);
  const client = new MongoClient(uri, {
    ...(!/[?&]serverSelectionTimeoutMS=/i.test(uri) && { serverSelectionTimeoutMS: silence }),
    connectTimeoutMS: silence,
    socketTimeoutMS: silence,
    maxPoolSize: 4,
  });
  const log = client
    .db(database, { readConcern: new ReadConcern('majority') })
    .collection<BatchDocument>('audit', { writeConcern: { w: 'majority', journal: true } });
  let end: Head | undefined;
  let indexing: Promise<unknown> | undefined;

  function indexed(): Promise<unknown> {
    indexing ??= log
      .createIndexes([
        { name: 'references', key: { references: 1, _id: -1 } },
        { name: 'high', key: { high: 1 } },
      ])
      .catch((error) => {
        indexing = undefined;
        throw error;
      });
    return indexing;
  }

  return {
    append: async (lines) => {
      await indexed();
      for (let attempt = 1; ; attempt++) {
        end ??= await headOfLog(log);
        const batch = seal(end, lines);
        try {
          await log.insertOne(documentOf(batch));
          end = headOf(batch);
          return;
        } catch (error) {
          // Whether it was kept, when the answer was lost, shows where the log ends now.
          end = undefined;
          if (failureOf(error) === 'taken' && attempt < mostAttempts) {
            if (await isKept(log, batch)) return;
            continue;
          }
          throw error;
        }
      }
    },
    batches: async (question) => {
      const found = await log
        .find(filterOf(question), { projection: { references: 0 } })
        .sort({ _id: question.descending ? -1 : 1 })
        .limit(question.limit)
        .toArray();
      return found.map(batchOf);
    },
    isFoundBy: async (number, references) =>
      (await log.countDocuments({
        _id: number,
        ...(references.length > 0 && { references: { $all: [...references] } }),
      })) === 1,
    deleteUpTo: async (number) => void (await log.deleteMany({ _id: { $lte: number } })),
    ready: async () => {
      await indexed();
      await client.db(database).command({ ping: 1 });
    },
    close: () => client.close(),
  };
}

async function headOfLog(log: Collection<BatchDocument>): Promise<Head> {
  const [last] = await log.find({}).sort({ _id: -1 }).limit(1).project({ first: 1, hashes: 1 }).toArray();
  return last ? headOf({ number: last._id, first: last.first, hashes: bytesOf(last.hashes) }) : beginning;
}

/** Whether the batch that bears this number is this one: its insertion was tried twice by the driver. */
async function isKept(log: Collection<BatchDocument>, { number, hashes }: Batch): Promise<boolean> {
  const there = await log.findOne({ _id: number }, { projection: { hashes: 1 } });
  return there !== null && Buffer.compare(bytesOf(there.hashes), hashes) === 0;
}

function documentOf({ number, hashes, ...batch }: ReturnType<typeof seal>): BatchDocument {
  return { _id: number, ...batch, hashes: new Binary(hashes) };
}

function batchOf({ _id, first, low, high, lines, hashes }: BatchDocument): Batch {
  return { number: _id, first, low, high, lines, hashes: bytesOf(hashes) };
}

function bytesOf(hashes: Binary): Uint8Array {
  return Uint8Array.from(hashes.value());
}

function filterOf({ from, to, since, until, references }: BatchQuestion): Filter<BatchDocument> {
  return {
    ...((from !== undefined || to !== undefined) && {
      _id: { ...(from !== undefined && { $gte: from }), ...(to !== undefined && { $lte: to }) },
    }),
    ...(since !== undefined && { high: { $gte: since } }),
    ...(until !== undefined && { low: { $lte: until } }),
    ...(references && { references: { $in: [...references] } }),
  };
}
