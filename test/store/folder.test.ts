import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { aVersion } from './versions.ts';

describe('the folder of the embedded store', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-folder-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is one server’s: a second one is told so, and can have it when the first has stopped', async () => {
    const first = openSqliteStore({ folder });
    expect(() => openSqliteStore({ folder })).toThrow('another server is running on this folder');
    await first.write((transaction) => transaction.put(aVersion({ id: 'kept' })));
    await first.close();
    const second = openSqliteStore({ folder });
    expect(await second.read('Patient', 'kept')).toBeDefined();
    await second.close();
  });

  test('with the database of another program is refused, with what to do', () => {
    const other = new DatabaseSync(join(folder, 'zhuanzhen.sqlite'));
    other.exec('CREATE TABLE Patient (name TEXT)');
    other.close();
    expect(() => openSqliteStore({ folder })).toThrow(/of another program.*move it away/);
  });

  test('of a later format is refused', async () => {
    await openSqliteStore({ folder }).close();
    const later = new DatabaseSync(join(folder, 'zhuanzhen.sqlite'));
    later.exec('PRAGMA user_version = 99');
    later.close();
    expect(() => openSqliteStore({ folder })).toThrow('the data are of format 99');
  });

  test('with a file that is no database at all is refused', () => {
    writeFileSync(join(folder, 'zhuanzhen.sqlite'), 'no database, but a text that is long enough'.repeat(50));
    expect(() => openSqliteStore({ folder })).toThrow('not a database');
  });
});
