import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Brings the files of a folder, and that they are in it, onto the disk; with `itself` only the latter. */
export function syncTree(folder: string, { itself = false } = {}): void {
  if (!itself) for (const name of readdirSync(folder)) sync(join(folder, name));
  // On Windows a folder cannot be opened: its file system keeps the order by itself.
  if (process.platform !== 'win32') sync(folder);
}

function sync(path: string): void {
  const opened = openSync(path, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
