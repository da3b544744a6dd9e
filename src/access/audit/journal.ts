import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

/** So large, in bytes, the file may be before it is emptied once all of it is in the log. */
const largest = 65_536;

/**
 * A file in front of the log. A record is written here, to the operating system, before its answer leaves, and becomes
 * durable a moment later, in the log: so the end of the process, however it comes, loses no record.
 */
export interface Journal {
  write(lines: readonly string[]): void;
  /** All that was written is in the log. */
  settled(): void;
  /** Closes and deletes the file: all of it is in the log. */
  remove(): void;
  close(): void;
}

/** Opens a journal, which keeps what is in it. */
export function openJournal(file: string): Journal {
  const descriptor = openSync(file, 'a', 0o600);
  let size = 0;
  return {
    write: (lines) => {
      const bytes = Buffer.from(`${lines.join('\n')}\n`);
      // A disk that is full takes a part and says nothing.
      if (writeSync(descriptor, bytes) < bytes.length)
        throw Object.assign(new Error('not all was written'), { code: 'ENOSPC' });
      size += bytes.length;
    },
    settled: () => {
      if (size < largest) return;
      ftruncateSync(descriptor);
      size = 0;
    },
    remove: () => {
      closeSync(descriptor);
      rmSync(file, { force: true });
    },
    close: () => closeSync(descriptor),
  };
}

/** The whole lines of a journal that was left behind; of the last one, which may be torn, the answer never left. */
export function readJournal(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').slice(0, -1).filter(isJson);
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
