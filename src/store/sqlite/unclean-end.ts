import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { WrongFormat } from './format.ts';

/** The files of a database that belong together, beside it. */
const log = (file: string) => `${file}-wal`;
const marker = (file: string) => `${file}-open`;

/**
 * Refuses (`WrongFormat`) to open a database whose server did not stop cleanly and whose log, which then holds the latest
 * acknowledged writes, is gone: SQLite would open it as if they had never been.
 */
export function refuseLostLog(file: string): void {
  if (!existsSync(marker(file))) return;
  if (!existsSync(file))
    throw new WrongFormat(
      `${file} is missing beside its log: put both back, or delete ${marker(file)} and the log to begin anew`,
    );
  const hasLog = existsSync(log(file)) && statSync(log(file)).size > 0;
  if (hasLog) return;
  throw new WrongFormat(
    `the server did not stop cleanly, and its log ${log(file)} with the latest writes is missing: put it back; or, to go on without them, delete ${marker(file)}`,
  );
}

/** Marks a database as one whose log holds what the file does not; the log is there then. */
export function markOpen(file: string): void {
  writeFileSync(marker(file), 'The database beside this file is open, or its server did not stop cleanly.\n');
}

/** The file of the database is whole by itself. */
export function markClosed(file: string): void {
  rmSync(marker(file), { force: true });
}
