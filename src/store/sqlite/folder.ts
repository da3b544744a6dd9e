import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { joinFolder, lockFolder, waitUntilLeft } from './lock.ts';
import { markClosed, refuseLostLog } from './unclean-end.ts';

/** The folder of an embedded store, which one server has, be it of one process or of several. */
export interface Folder {
  /** Lets it go, once no connection is left: its file is whole by itself then. */
  close(): void;
}

/** The lock of the processes that share a folder, beside that of the one that has taken it for them. */
const sharedLock = (folder: string) => join(folder, 'zhuanzhen.shared.lock');

/** The file of the database in a folder. */
export function fileIn(folder: string): string {
  return join(folder, 'zhuanzhen.sqlite');
}

/**
 * Takes a folder, which is made when it is missing. Throws `FolderInUse`, and `WrongFormat` where acknowledged writes are
 * missing in it.
 */
export function takeFolder(folder: string): Folder {
  mkdirSync(folder, { recursive: true });
  const file = fileIn(folder);
  const unlock = lockFolder(join(folder, 'zhuanzhen.lock'));
  try {
    // Those that it had started may end a moment after the server that has ended.
    waitUntilLeft(sharedLock(folder));
    refuseLostLog(file);
  } catch (error) {
    unlock();
    throw error;
  }
  return {
    close: () => {
      // Of processes that end at one moment, or are killed, none may have moved the log into the file.
      if (isNeeded(`${file}-wal`)) moveLog(file);
      if (!isNeeded(`${file}-wal`)) markClosed(file);
      unlock();
    },
  };
}

/** Shares a folder that another process of the same server has taken. */
export function shareFolder(folder: string): Folder {
  return { close: joinFolder(sharedLock(folder)) };
}

function isNeeded(log: string): boolean {
  return existsSync(log) && statSync(log).size > 0;
}

/** The last connection to a file moves its log into it. */
function moveLog(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}
