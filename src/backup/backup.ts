import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isJournal } from '../access/audit/recover.ts';
import { copyDatabase } from '../store/sqlite/copy.ts';
import { fileIn } from '../store/sqlite/folder.ts';
import { isLogMissing } from '../store/sqlite/unclean-end.ts';
import { syncFiles, syncFolder } from './sync.ts';

/** Why a folder cannot be backed up, or not to there, in both languages. */
export class NoBackup extends Error {}

/** Told how far the copy of a file is, in pages of the database. */
export type Told = (file: string, done: number, all: number) => void;

const audit = 'audit.sqlite';
/** What people and clients are remembered by, and answers that are to be fetched. */
const memories = ['identity.sqlite', 'answers.sqlite'];
const keys = 'signing-keys.json';

/**
 * Copies the data of the embedded engine into a new folder, which is itself one that a server starts on, while a server runs
 * on them or not. The resources come first and the audit after them, so whatever is in the copy has its record there: it
 * is what a server would have found that ended at that moment. The folder is there once all of it is on the disk, else
 * not at all. Gives the names of the files. Throws `NoBackup`.
 */
export async function backUp(data: string, to: string, told: Told = () => {}): Promise<string[]> {
  refuseUnlessPossible(data, to);
  const partial = `${to}.partial`;
  rmSync(partial, { recursive: true, force: true });
  // For its owner alone, as health data are.
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  try {
    await copyAll(data, partial, told);
    syncFiles(partial);
    renameSync(partial, to);
    syncFolder(dirname(to));
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
  return readdirSync(to).sort();
}

async function copyAll(data: string, to: string, told: Told): Promise<void> {
  const copy = async (name: string) => {
    if (!existsSync(join(data, name))) return;
    await copyDatabase(join(data, name), join(to, name), (done, all) => told(name, done, all));
    chmodSync(join(to, name), 0o600);
  };
  const store = fileIn('');
  await copy(store);
  // What leaves a journal from here on is in the log already, which is copied after it; what is in both counts once.
  for (const name of readdirSync(data).filter(isJournal)) copyIfThere(join(data, name), join(to, name));
  await copy(audit);
  for (const name of memories) await copy(name);
  copyIfThere(join(data, keys), join(to, keys));
}

function copyIfThere(from: string, to: string): void {
  try {
    copyFileSync(from, to);
    chmodSync(to, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function refuseUnlessPossible(data: string, to: string): void {
  const file = fileIn(data);
  if (!existsSync(file))
    throw new NoBackup(`${data} 中没有数据(${file}) / there are no data in ${data}: ${file} is missing`);
  if (isLogMissing(file))
    throw new NoBackup(
      `服务器未正常停止,且日志 ${file}-wal 缺失,最新的写入不在其中 / the server did not stop cleanly, and its log ${file}-wal with the latest writes is missing: put it back first`,
    );
  if (existsSync(to) && readdirSync(to).length > 0)
    throw new NoBackup(`${to} 已存在,请给出新的文件夹 / ${to} is there already: name a new folder`);
}
