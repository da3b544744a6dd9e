import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { refusals, refuse } from '../../fhir/refusal.ts';
import type { Store } from '../store.ts';
import { Connection } from './connection.ts';
import { groupCommit } from './group-commit.ts';
import { lockFolder } from './lock.ts';
import { readerOf } from './reader.ts';
import { searchThreads, type ThreadSettings } from './search-threads.ts';
import { transactionsOn } from './transaction.ts';
import { createTrouble, type Trouble } from './trouble.ts';
import { markClosed, markOpen, refuseLostLog } from './unclean-end.ts';
import { upkeepOf } from './upkeep.ts';

/** Settings of the embedded store. */
export interface SqliteSettings extends Partial<ThreadSettings> {
  folder: string;
  /** After so many milliseconds without a write the log is moved into the file. */
  quiet?: number;
  /** Told, once, when the disk is full or the file is found damaged. */
  log?: (message: string) => void;
}

/**
 * Opens the embedded store: one SQLite file in a folder, which is made when it is missing. All that was acknowledged
 * survives the end of the process and of the machine (WAL with `synchronous = FULL`).
 * Reads outside transactions have connections of their own and never see what is not committed; what can take long
 * runs on threads beside the one that serves.
 */
export function openSqliteStore({
  folder,
  threads = 2,
  queue = 100,
  quiet,
  log = () => {},
}: SqliteSettings): Store {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'zhuanzhen.sqlite');
  const unlock = lockFolder(join(folder, 'zhuanzhen.lock'));
  const trouble = createTrouble(log);
  const writing = openWriting(file, trouble, unlock);
  const reading = new Connection(file, { readOnly: true }, trouble);
  const beside = searchThreads(file, { threads, queue });
  const transactions = transactionsOn(writing, beside);
  const commits = groupCommit(writing, transactions.begin, () => {
    transactions.committed();
    upkeep.wrote();
    trouble.over();
    if (reading.types.size !== writing.types.size) reading.readTypes();
  });
  const upkeep = upkeepOf(file, commits, { quiet, log });
  return {
    ...readerOf(reading, beside, upkeep),
    write: commits.write,
    types: async () => [...reading.types].sort(),
    // The file was opened and its tables are made with their indexes, so there is nothing to wait for.
    ready: async () => {
      if (trouble.problem) throw refuse(refusals.storeTrouble, [trouble.problem]);
    },
    close: async () => {
      await upkeep.close();
      await commits.idle();
      await beside.close();
      // The writing connection goes last: it then moves the log into the file.
      reading.close();
      writing.close();
      markClosed(file);
      unlock();
    },
  };
}

/** The connection that writes; where the file cannot be taken, the folder is let go. */
function openWriting(file: string, trouble: Trouble, unlock: () => void): Connection {
  try {
    refuseLostLog(file);
    const writing = new Connection(file, { readOnly: false }, trouble);
    markOpen(file);
    return writing;
  } catch (error) {
    unlock();
    throw error;
  }
}
