import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { ready } from './places.ts';
import { aVersion, putAfterCurrent } from './versions.ts';

/**
 * The process that the crash test kills: `node crash-writer.ts <folder or MongoDB URI> <name>`. Writes transactions
 * of a whole referral without end, eight at a time, and prints the number of each once it is acknowledged.
 */
const [place, name] = process.argv.slice(2) as [string, string];
const store = place.startsWith('mongodb')
  ? openMongoStore({ uri: place })
  : openSqliteStore({ folder: place });
await ready(store);
let next = 0;

async function writeWithoutEnd(worker: number): Promise<never> {
  for (let version = 1; ; version++) {
    const id = `${name}-${next++}`;
    const terms = [`identifier|=${id}`];
    await store.write(async (transaction) => {
      await transaction.put(aVersion({ id }, { terms }));
      await transaction.put(aVersion({ type: 'ServiceRequest', id }, { terms }));
      // One resource of each worker gets a new version in every transaction.
      await putAfterCurrent(
        transaction,
        aVersion({ type: 'Task', id: `${name}-worker-${worker}`, version, text: id }),
      );
    });
    process.stdout.write(`${id}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, (_, worker) => writeWithoutEnd(worker)));
