import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Reader, Store, Transaction } from '../store.ts';
import { Connection } from './connection.ts';
import { groupCommit } from './group-commit.ts';
import { history } from './history.ts';
import { amend, put, reindex } from './put.ts';
import { count, search } from './search.ts';
import { readCurrent, readVersion } from './versions.ts';

/**
 * Opens the embedded store: one SQLite file in a folder, which is made when it is missing. All that was acknowledged
 * survives the end of the process and of the machine (WAL with `synchronous = FULL`).
 * Reads outside transactions have a connection of their own and never see what is not committed.
 */
export function openSqliteStore({ folder }: { folder: string }): Store {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'zhuanzhen.sqlite');
  const writing = new Connection(file, { readOnly: false });
  const reading = new Connection(file, { readOnly: true });
  const commits = groupCommit(
    writing,
    () => transactionOn(writing),
    () => {
      if (reading.types.size !== writing.types.size) reading.readTypes();
    },
  );
  return {
    ...readerOf(reading),
    write: commits.write,
    types: async () => [...reading.types].sort(),
    // The file was opened and its tables are made with their indexes, so there is nothing to wait for.
    ready: async () => {},
    close: async () => {
      await commits.idle();
      // The writing connection goes last: it then moves the log into the file.
      reading.close();
      writing.close();
    },
  };
}

function readerOf(connection: Connection): Reader {
  return {
    read: async (type, id) => readCurrent(connection, type, id),
    readVersion: async (type, id, version) => readVersion(connection, type, id, version),
    history: async (request, allowance) => history(connection, request, allowance),
    search: async (request, allowance) => search(connection, request, allowance),
    count: async (type, filter, allowance) => count(connection, type, filter, allowance),
  };
}

/** A transaction on the writing connection. Works run one after the other, so each is exclusive by itself. */
function transactionOn(connection: Connection): { transaction: Transaction; end(): void } {
  let isOver = false;
  const open = (): Connection => {
    if (isOver) throw new Error('The transaction is over');
    return connection;
  };
  return {
    transaction: {
      read: async (type, id) => readCurrent(open(), type, id),
      readVersion: async (type, id, version) => readVersion(open(), type, id, version),
      history: async (request, allowance) => history(open(), request, allowance),
      search: async (request, allowance) => search(open(), request, allowance),
      count: async (type, filter, allowance) => count(open(), type, filter, allowance),
      exclusive: async () => {},
      put: async (next, replaced) => put(open(), next, replaced),
      reindex: async (type, id, version, entries) => reindex(open(), type, id, version, entries),
      amend: async (version) => amend(open(), version),
    },
    end: () => {
      isOver = true;
    },
  };
}
