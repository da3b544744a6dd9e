import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { WrongFormat } from './format.ts';
import { type Expected, expectedFrames, framesOf } from './log-frames.ts';

/** The files of a database that belong together, beside it. */
const log = (file: string) => `${file}-wal`;
const index = (file: string) => `${file}-shm`;
const marker = (file: string) => `${file}-open`;

/**
 * Refuses (`WrongFormat`) to open a database whose server did not stop cleanly and whose log, which then holds the latest
 * acknowledged writes, is gone, cut off or damaged: SQLite would open it as if they had never been. What it can know:
 * where the process ended, all, since the index of the log says how long it was; where the machine did, or without the
 * index, a log that is missing, damaged before its last commits, or shorter than was noted last: what was cut off of its
 * last second or two it cannot tell.
 */
export function refuseLostLog(file: string): void {
  if (!existsSync(marker(file))) return;
  if (!existsSync(file))
    throw new WrongFormat(
      `${file} is missing beside its log: put both back, or delete ${marker(file)} and the log to begin anew`,
    );
  const fault = faultOfLog(file);
  if (fault === undefined) return;
  throw new WrongFormat(
    `the server did not stop cleanly, and its log ${log(file)} with the latest writes is ${fault}: put it back; or, to go on without them, delete ${marker(file)}`,
  );
}

/** A machine that ends leaves one commit at most whose frames have come to the disk in part. */
const mostTorn = 1;

function faultOfLog(file: string): string | undefined {
  if (!existsSync(log(file)) || statSync(log(file)).size === 0) return 'missing';
  const frames = framesOf(log(file));
  if (!frames || frames.commitsBeyond > mostTorn) return 'damaged';
  const noted = notedFrames(file);
  if (noted?.salt === frames.salt && frames.committed < noted.committed) return 'cut off or damaged';
  const expected = expectedAtStart(file);
  // The index of an earlier log tells nothing of this one.
  if (!expected || expected.salt !== frames.salt || expected.committed <= expected.moved) return undefined;
  return frames.committed < expected.committed ? 'cut off or damaged' : undefined;
}

/** What the index says before anybody has opened the database. */
function expectedAtStart(file: string): Expected | undefined {
  if (!existsSync(index(file))) return undefined;
  const opened = openSync(index(file), 'r');
  try {
    return expectedFrames(opened);
  } finally {
    closeSync(opened);
  }
}

const explanation = 'The database beside this file is open, or its server did not stop cleanly.\n';

/** Marks a database as one whose log holds what the file does not; the log is there then. */
export function markOpen(file: string): void {
  writeFileSync(marker(file), explanation);
}

/** Notes how long the log of a database is that this process has open. */
export interface LengthNotes {
  /**
   * Notes it in the mark, durably: what is committed is on the disk before its index says so. A database that is not marked
   * stays so.
   */
  note(): Promise<void>;
  /** To be called once no connection of this process is open. */
  close(): void;
}

/**
 * Who closes a file loses all locks that its process has on it (https://sqlite.org/howtocorrupt.html, 2.2): others would
 * take the index for one that nobody uses, and empty it. So it is opened once, and closed after the connections.
 */
export function lengthNotes(file: string): LengthNotes {
  let opened: number | undefined;
  return {
    note: async () => {
      try {
        opened ??= openSync(index(file), 'r');
        const expected = expectedFrames(opened);
        if (!expected) return;
        await using mark = await open(marker(file), 'r+');
        await mark.write(`${explanation}${expected.salt} ${String(expected.committed).padStart(12)}\n`, 0);
        await mark.datasync();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    },
    close: () => {
      if (opened !== undefined) closeSync(opened);
      opened = undefined;
    },
  };
}

function notedFrames(file: string): { salt: string; committed: number } | undefined {
  const [, salt, committed] = /^([0-9a-f]+) +(\d+)\n$/m.exec(readFileSync(marker(file), 'utf8')) ?? [];
  return salt === undefined ? undefined : { salt, committed: Number(committed) };
}

/** Whether it is marked so. */
export function isMarkedOpen(file: string): boolean {
  return existsSync(marker(file));
}

/** Whether the log is gone that a database needs; of one that a server has open it is there. */
export function isLogMissing(file: string): boolean {
  return isMarkedOpen(file) && !existsSync(log(file));
}

/** The file of the database is whole by itself. */
export function markClosed(file: string): void {
  rmSync(marker(file), { force: true });
}
