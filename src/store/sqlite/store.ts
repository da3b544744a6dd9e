import { refusals, refuse } from '../../fhir/refusal.ts';
import type { EngineStore } from '../engine.ts';
import { codeTablesOf } from './code-tables.ts';
import { Connection } from './connection.ts';
import { type Folder, fileIn, shareFolder, takeFolder } from './folder.ts';
import { groupCommit } from './group-commit.ts';
import { outboxOf } from './outbox.ts';
import { readerOf } from './reader.ts';
import { searchThreads, type ThreadSettings } from './search-threads.ts';
import { transactionsOn } from './transaction.ts';
import { createTrouble, type Trouble } from './trouble.ts';
import { lengthNotes, markOpen } from './unclean-end.ts';
import { upkeepOf } from './upkeep.ts';
import type { WritingTurn } from './writing-turn.ts';

/** Settings of the embedded store. */
export interface SqliteSettings extends Partial<ThreadSettings> {
  folder: string;
  /** The turn among the processes of a server that has taken the folder; undefined: this process takes it for itself. */
  turn?: WritingTurn | undefined;
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
  turn,
  threads = 2,
  queue = 100,
  quiet,
  log = () => {},
}: SqliteSettings): EngineStore {
  const file = fileIn(folder);
  const isShared = turn !== undefined;
  const taken = isShared ? shareFolder(folder) : takeFolder(folder);
  const trouble = createTrouble(log);
  const writing = openWriting(file, trouble, taken, isShared);
  const reading = new Connection(file, { readOnly: true }, trouble);
  const beside = searchThreads(file, { threads, queue });
  const transactions = transactionsOn(writing, beside);
  const committed = new EventTarget();
  const commits = groupCommit(
    writing,
    transactions.begin,
    () => {
      transactions.committed();
      upkeep.wrote();
      trouble.over();
      committed.dispatchEvent(new Event('commit'));
    },
    turn,
  );
  const changes = () => reading.get({ text: 'PRAGMA data_version', values: [] })!.data_version;
  const notes = lengthNotes(file);
  const upkeep = upkeepOf(file, commits, { quiet, changes, notes, log });
  return {
    ...readerOf(reading, beside, upkeep),
    outbox: outboxOf(reading, writing, commits, committed),
    codeTables: codeTablesOf(reading, writing, commits),
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
      reading.close();
      writing.close();
      notes.close();
      taken.close();
    },
  };
}

/** The connection that writes; where the file cannot be taken, the folder is let go. */
function openWriting(file: string, trouble: Trouble, taken: Folder, isShared: boolean): Connection {
  try {
    const writing = new Connection(file, { readOnly: false }, trouble);
    // Of several processes the one that first writes marks it: until then the log holds nothing that the file does not.
    if (!isShared) markOpen(file);
    return writing;
  } catch (error) {
    taken.close();
    throw error;
  }
}
