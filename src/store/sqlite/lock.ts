import { DatabaseSync } from 'node:sqlite';

/** The folder of the embedded store is in use by another server. */
export class FolderInUse extends Error {
  constructor() {
    super('another server is running on this folder; stop it, or choose another DATA_DIR');
  }
}

/** How long the processes of a server that has ended before them may take to end, in milliseconds. */
const longestEnd = 10_000;

/**
 * Takes a folder for one server: a second one would not see the first one's tables and claims. The lock is one of the
 * operating system's on a file of its own, so it goes with the process however that ends, and copies and other readers
 * of the data are not kept out. Throws `FolderInUse`. Gives the function that lets go.
 */
export function lockFolder(file: string): () => void {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (error) {
    lock.close();
    throw (error as { errcode?: number }).errcode === 5 ? new FolderInUse() : error;
  }
  return () => lock.close();
}

/** Joins in the use of a folder that another process has locked for its server. Gives the function that leaves it. */
export function joinFolder(file: string): () => void {
  const lock = new DatabaseSync(file, { timeout: longestEnd });
  // What is read within a transaction is locked for as long as that lasts.
  lock.exec('BEGIN; SELECT count(*) FROM sqlite_schema;');
  return () => lock.close();
}

/** Waits until nobody has joined any more. Throws `FolderInUse` when that takes too long. */
export function waitUntilLeft(file: string): void {
  const lock = new DatabaseSync(file, { timeout: longestEnd });
  try {
    lock.exec('BEGIN EXCLUSIVE; COMMIT;');
  } catch (error) {
    throw (error as { errcode?: number }).errcode === 5 ? new FolderInUse() : error;
  } finally {
    lock.close();
  }
}
