import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FolderInUse, lockFolder } from '../../store/sqlite/lock.ts';
import type { AuditStore } from './audit-store.ts';
import { linesOf } from './batch.ts';
import { type Journal, openJournal, readJournal } from './journal.ts';
import { recordOf } from './record.ts';

const pattern = /^audit-[0-9a-f-]{36}\.journal$/;
/** Whether a file of the data folder is such a journal, by its name. */
export const isJournal = (name: string): boolean => pattern.test(name);
const lockOf = (file: string) => file.replace(/journal$/, 'lock');
/** Records of a batch at most, as of the writer. */
const batchSize = 256;

/**
 * Opens a journal of this process's own in a folder, which is made when it is missing. It is locked as long as the process
 * lives: whoever finds one that is not knows that its process is gone.
 */
export function openOwnJournal(folder: string): Journal {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `audit-${randomUUID()}.journal`);
  const unlock = lockFolder(lockOf(file));
  const journal = openJournal(file);
  const letGo = () => {
    unlock();
    rmSync(lockOf(file), { force: true });
  };
  return {
    ...journal,
    remove: () => {
      journal.remove();
      letGo();
    },
    close: () => {
      journal.close();
      letGo();
    },
  };
}

/** Brings into the log what processes that are gone have left in their journals, each record once. */
export async function recoverJournals(folder: string, store: AuditStore): Promise<void> {
  for (const name of readdirSync(folder).filter(isJournal)) {
    const file = join(folder, name);
    const unlock = lockUnlessInUse(lockOf(file));
    if (!unlock) continue;
    try {
      const missing = await missingIn(store, readJournal(file));
      for (let from = 0; from < missing.length; from += batchSize)
        await store.append(missing.slice(from, from + batchSize));
      rmSync(file, { force: true });
    } finally {
      unlock();
      rmSync(lockOf(file), { force: true });
    }
  }
}

function lockUnlessInUse(file: string): (() => void) | undefined {
  try {
    return lockFolder(file);
  } catch (error) {
    if (error instanceof FolderInUse) return undefined;
    throw error;
  }
}

/** Those lines that the log does not hold, as often as it lacks them. */
async function missingIn(store: AuditStore, lines: readonly string[]): Promise<string[]> {
  if (lines.length === 0) return [];
  const since = lines.map((line) => recordOf(line).at).reduce((a, b) => Math.min(a, b));
  const there = new Map<string, number>();
  for (let from = 1; ; ) {
    const batches = await store.batches({ descending: false, from, since, limit: 16 });
    for (const line of batches.flatMap(linesOf)) there.set(line, (there.get(line) ?? 0) + 1);
    const last = batches.at(-1);
    if (!last) break;
    from = last.number + 1;
  }
  return lines.filter((line) => {
    const left = there.get(line) ?? 0;
    there.set(line, left - 1);
    return left <= 0;
  });
}
