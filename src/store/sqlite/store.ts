import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../store.ts';
import { Connection } from './connection.ts';
import { groupCommit } from './group-commit.ts';
import { lockFolder } from './lock.ts';
import { readerOf } from './reader.ts';
import { searchThreads, type ThreadSettings } from './search-threads.ts';
import { transactionsOn } from './transaction.ts';

/** Settings of the embedded store. */
export interface SqliteSettings extends Partial<ThreadSettings> {
  folder: string;
}

/**
 * Opens the embedded store: one SQLite file in a folder, which is made when it is missing. All that was acknowledged
 * survives the end of the process and of the machine (WAL with `synchronous = FULL`).
 * Reads outside transactions have connections of their own and never see what is not committed; what can take long
 * runs on threads beside the one that serves.
 */
export function openSqliteStore({ folder, threads = 2, queue = 100 }: SqliteSettings): Store {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'zhuanzhen.sqlite');
  const unlock = lockFolder(join(folder, 'zhuanzhen.lock'));
  const writing = new Connection(file, { readOnly: false });
  const reading = new Connection(file, { readOnly: true });
  const beside = searchThreads(file, { threads, queue });
  const transactions = transactionsOn(writing, beside);
  const commits = groupCommit(writing, transactions.begin, () => {
    transactions.committed();
    if (reading.types.size !== writing.types.size) reading.readTypes();
  });
  return {
    ...readerOf(reading, beside),
    write: commits.write,
    types: async () => [...reading.types].sort(),
    // The file was opened and its tables are made with their indexes, so there is nothing to wait for.
    ready: async () => {},
    close: async () => {
      await commits.idle();
      await beside.close();
      // The writing connection goes last: it then moves the log into the file.
      reading.close();
      writing.close();
      unlock();
    },
  };
}
