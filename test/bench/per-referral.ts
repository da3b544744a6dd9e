import { parseArgs } from 'node:util';
import { BSON, MongoClient } from 'mongodb';
import { Connection } from './connection.ts';
import { openDatabase } from './database.ts';
import { load } from './load.ts';
import { describeMachine } from './machine.ts';
import { measure } from './measure.ts';
import { isRight, requestsOn } from './requests.ts';
import { startServer } from './server.ts';

/*
 * What one referral with its six resources leaves in MongoDB, by collection: documents, bytes before compression, keys of
 * indexes, and what it takes of a processor. Run with: npx node test/bench/per-referral.ts
 */
const { values } = parseArgs({ options: { referrals: { type: 'string', default: '200' } } });
const referrals = Number(values.referrals);
/** Of a key beside its value: time, id and where the document is, before prefix compression. */
const besideTerm = 8 + 36 + 8;
const nothing = { documents: 0, bytes: 0, keys: 0, keyBytes: 0 };

const database = await openDatabase('mongodb');
if (!database) throw new Error('There is no MongoDB here');
const server = await startServer(database.settings);
const client = new MongoClient(database.settings.MONGODB_URI!);
try {
  await load(server.base, 10);
  const before = await sizes();
  const { transaction } = requestsOn(10);
  const connection = new Connection(server.base);
  const used = await server.usage();
  let sent = 0;
  while (sent < referrals) {
    await measure(
      async () => {
        sent++;
        return isRight(await connection.send(transaction.next()), transaction);
      },
      { clients: 1, seconds: 0.1 },
    );
  }
  const cpu = (((await server.usage()) - used) * 1_000) / sent;
  connection.close();
  const after = await sizes();
  process.stdout.write(`${describeMachine()}\n${sent} referrals\n\n`);
  process.stdout.write(`${'for one referral'.padEnd(28)} documents   bytes    keys   bytes of keys\n`);
  const total = { documents: 0, bytes: 0, keys: 0, keyBytes: 0 };
  for (const [name, now] of after) {
    const was = before.get(name) ?? nothing;
    const each = {
      documents: (now.documents - was.documents) / sent,
      bytes: (now.bytes - was.bytes) / sent,
      keys: (now.keys - was.keys) / sent,
      keyBytes: (now.keyBytes - was.keyBytes) / sent,
    };
    if (each.documents < 0.01) continue;
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += each[key];
    print(name, each);
  }
  print('together', total);
  process.stdout.write(`\nserver: ${cpu.toFixed(2)} ms of one processor for each\n`);
} finally {
  await server.stop();
  await client.close();
  await database.close();
}

async function sizes(): Promise<Map<string, typeof nothing>> {
  const found = new Map<string, typeof nothing>();
  for (const { name } of await client.db().listCollections({}, { nameOnly: true }).toArray()) {
    const sum = { documents: 0, bytes: 0, keys: 0, keyBytes: 0 };
    for await (const document of client.db().collection(name).find()) {
      const texts = [...((document.s as string[]) ?? []), ...((document.w as string[]) ?? [])];
      const intervals = ((document.d as unknown[]) ?? []).length;
      sum.documents++;
      sum.bytes += BSON.calculateObjectSize(document);
      // Beside its entries each document has a key of its id and one of its time.
      sum.keys += texts.length + intervals + 2;
      sum.keyBytes +=
        texts.reduce((bytes, text) => bytes + Buffer.byteLength(text) + besideTerm, 0) +
        intervals * 48 +
        2 * besideTerm;
    }
    found.set(name, sum);
  }
  return found;
}

function print(name: string, { documents, bytes, keys, keyBytes }: typeof nothing): void {
  process.stdout.write(
    `${name.padEnd(28)} ${documents.toFixed(2).padStart(9)} ${bytes.toFixed(0).padStart(7)} ${keys.toFixed(0).padStart(7)} ${keyBytes.toFixed(0).padStart(15)}\n`,
  );
}
