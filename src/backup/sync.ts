import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Brings the files of a folder, and that they are in it, onto the disk. */
export function syncFiles(folder: string): void {
  for (const name of readdirSync(folder)) sync(join(folder, name));
  syncFolder(folder);
}

/** Brings onto the disk which files are in a folder. */
export function syncFolder(folder: string): void {
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
