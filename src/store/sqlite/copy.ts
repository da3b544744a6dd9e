import { backup, DatabaseSync } from 'node:sqlite';

/** So many pages (of 4 kB) are copied between two looks at how far it is. */
const pagesAtOnce = 4_096;

/** Told how much of a file is copied, in pages. */
export type Copied = (done: number, all: number) => void;

/**
 * Copies a database of SQLite as it is at one moment, whoever writes to it meanwhile, in whichever process: what this
 * connection reads stays what it was, and keeps nobody waiting. It only reads, so it leaves the log to the server, also to
 * one that has not stopped cleanly. Throws where the copy is not whole.
 */
export async function copyDatabase(from: string, to: string, copied: Copied = () => {}): Promise<void> {
  const database = new DatabaseSync(from, { readOnly: true, timeout: 5_000 });
  try {
    // Without a transaction each write of the server would make the copy begin anew (https://sqlite.org/backup.html).
    database.exec('BEGIN; SELECT count(*) FROM sqlite_schema;');
    const all = await backup(database, to, {
      rate: pagesAtOnce,
      progress: ({ totalPages, remainingPages }) => copied(totalPages - remainingPages, totalPages),
    });
    copied(all, all);
  } finally {
    database.close();
  }
  refuseDamaged(to);
}

/** A copy that cannot be read is found out now, and not when it is needed. */
function refuseDamaged(file: string): void {
  const copy = new DatabaseSync(file);
  try {
    const [first] = copy.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
    if (first?.quick_check !== 'ok')
      throw new Error(`the copy ${file} is damaged: ${first?.quick_check ?? 'it cannot be read'}`);
  } finally {
    copy.close();
  }
}
