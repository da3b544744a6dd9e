import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readerTerm } from '../../src/fhir/search/entries.ts';
import { and, not, type Query } from '../../src/fhir/search/query.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { lengthNotes } from '../../src/store/sqlite/unclean-end.ts';
import { aVersion } from './versions.ts';

/** Waits for what is done beside the requests. */
async function becomes(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 15_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error('It did not come about');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function noteOnce(file: string): Promise<void> {
  const notes = lengthNotes(file);
  await notes.note();
  notes.close();
}

/** Moves the log into the file in a process of its own; gives whether somebody's reading kept it from emptying the log. */
function isKeptFromEmptying(file: string): boolean {
  const script = `
    const { DatabaseSync } = require('node:sqlite');
    const database = new DatabaseSync(process.argv[1]);
    console.log(database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get().busy);`;
  const { stdout } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '-e', script, file],
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  return stdout.trim() === '1';
}

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

  test('keeps its locks while the length of the log is noted: other processes see that it is read', async () => {
    const store = openSqliteStore({ folder });
    const file = join(folder, 'zhuanzhen.sqlite');
    await store.write((transaction) => transaction.put(aVersion({ id: 'before' })));
    const reading = new DatabaseSync(file);
    reading.exec('BEGIN; SELECT count(*) FROM "Patient"');
    await store.write((transaction) => transaction.put(aVersion({ id: 'after' })));
    const isNoted = () => /\d\n$/.test(readFileSync(`${file}-open`, 'utf8'));
    await becomes(isNoted);
    expect(isKeptFromEmptying(file)).toBe(true);
    reading.close();
    expect(await store.read('Patient', 'after')).toBeDefined();
    await store.close();
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

  test('of the format without audiences is read by the same readers as before', async () => {
    const access = '\nOrganization/x\n{"grants":{}}';
    const before = openSqliteStore({ folder });
    await before.write(async (transaction) => {
      await transaction.put(aVersion({ id: 'seen', access }, { terms: [readerTerm('Organization/x')] }));
      await transaction.put(aVersion({ id: 'unlabelled' }));
    });
    await before.close();
    const old = new DatabaseSync(join(folder, 'zhuanzhen.sqlite'));
    old.exec(`ALTER TABLE "Patient" DROP COLUMN audience; ALTER TABLE "Patient.terms" DROP COLUMN audience;
      DROP TABLE audiences; PRAGMA user_version = 2;`);
    old.close();
    const store = openSqliteStore({ folder });
    const found = async (filter: Query) =>
      (await store.search({ type: 'Patient', filter, sort: [], limit: 9 })).map(({ version }) => version.id);
    const readers = (label: string): Query => ({ kind: 'readers', labels: [label] });
    const both: Query = { kind: 'id', ids: ['seen', 'unlabelled'] };
    expect(await found(and([both, readers('Organization/x')]))).toEqual(['seen']);
    expect(await found(and([both, readers('Organization/y')]))).toEqual([]);
    expect(await found(and([both, not(readers('Organization/x'))]))).toEqual(['unlabelled']);
    await store.close();
  });

  test('of the format with long sort values is brought forward: sorted as before, and found by whole strings', async () => {
    const before = openSqliteStore({ folder });
    await before.write(async (transaction) => {
      for (const [id, low, high] of [
        ['a', 2, 3],
        ['b', 1, 4],
        ['c', 2.5, 2.5],
      ] as const)
        await transaction.put(
          aVersion({ id }, { terms: ['name|$Li', 'name|~li\n'], sort: { birthdate: { low, high } } }),
        );
    });
    await before.close();
    const old = new DatabaseSync(join(folder, 'zhuanzhen.sqlite'));
    old.exec(`
      UPDATE "Patient" SET sort = CASE id WHEN 'a' THEN '{"birthdate":{"low":2,"high":3}}'
        WHEN 'b' THEN '{"birthdate":{"low":1,"high":4}}' ELSE '{"birthdate":{"low":2.5,"high":2.5}}' END;
      CREATE INDEX "Patient.order.birthdate" ON "Patient" (json_extract(sort, '$.birthdate.low'));
      INSERT INTO "Patient.terms" (term, updated, row) SELECT 'name|$Li', updated, row FROM "Patient";
      PRAGMA user_version = 3;`);
    old.close();
    const store = openSqliteStore({ folder });
    const ids = async (descending: boolean) =>
      (
        await store.search({
          type: 'Patient',
          filter: { kind: 'term', term: 'name|$Li' },
          sort: [{ key: 'birthdate', descending }],
          limit: 9,
        })
      ).map(({ version }) => version.id);
    expect(await ids(false)).toEqual(['b', 'a', 'c']);
    expect(await ids(true)).toEqual(['b', 'a', 'c']);
    await store.close();
  });

  test('with a file that is no database at all is refused', () => {
    writeFileSync(join(folder, 'zhuanzhen.sqlite'), 'no database, but a text that is long enough'.repeat(50));
    expect(() => openSqliteStore({ folder })).toThrow('not a database');
  });

  describe('after a server that was killed', () => {
    /** What a kill leaves: a copy of the files while the server runs. */
    async function killed(): Promise<string> {
      const store = openSqliteStore({ folder });
      await store.write((transaction) => transaction.put(aVersion({ id: 'kept' })));
      const left = mkdtempSync(join(tmpdir(), 'zhuanzhen-killed-'));
      for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(left, name));
      await store.close();
      return left;
    }

    test('all that was acknowledged is there', async () => {
      const left = await killed();
      const store = openSqliteStore({ folder: left });
      expect(await store.read('Patient', 'kept')).toBeDefined();
      await store.close();
      rmSync(left, { recursive: true });
    });

    test('a log that is missing is told, with what to do, and not passed over', async () => {
      const left = await killed();
      rmSync(join(left, 'zhuanzhen.sqlite-wal'));
      expect(() => openSqliteStore({ folder: left })).toThrow(
        /sqlite-wal with the latest writes is missing: put it back/,
      );
      rmSync(join(left, 'zhuanzhen.sqlite-open'));
      await openSqliteStore({ folder: left }).close();
      rmSync(left, { recursive: true });
    });
  });

  describe('after a server that was killed, with a log of many commits', () => {
    let left: string;
    const log = () => join(left, 'zhuanzhen.sqlite-wal');
    const commits = 30;
    beforeEach(async () => {
      const store = openSqliteStore({ folder });
      for (let n = 0; n < commits; n++)
        await store.write((transaction) => transaction.put(aVersion({ id: `p${n}` })));
      left = mkdtempSync(join(tmpdir(), 'zhuanzhen-killed-'));
      for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(left, name));
      await store.close();
    });
    afterEach(() => rmSync(left, { recursive: true }));

    const cutOff = () => truncateSync(log(), statSync(log()).size - 3 * 4_120);
    const damage = () => {
      const bytes = readFileSync(log());
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(log(), bytes);
    };
    const spoilBeginning = () => {
      const bytes = readFileSync(log());
      bytes[3]! ^= 0x40;
      writeFileSync(log(), bytes);
    };
    const removeIndex = () => rmSync(join(left, 'zhuanzhen.sqlite-shm'));

    async function keeps(): Promise<number> {
      const store = openSqliteStore({ folder: left });
      const kept = await store.count('Patient', { kind: 'all' });
      await store.close();
      return kept;
    }

    test.each([
      ['cut off', [cutOff], /cut off or damaged: put it back/],
      ['damaged in its middle', [damage], /damaged: put it back/],
      ['damaged in its middle, its index gone', [damage, removeIndex], /is damaged: put it back/],
      ['damaged at its beginning', [spoilBeginning], /is damaged: put it back/],
    ])(
      'a log that is %s is told, and what was before is kept for who asks for it',
      async (_, faults, told) => {
        for (const fault of faults) fault();
        expect(() => openSqliteStore({ folder: left })).toThrow(told);
        rmSync(join(left, 'zhuanzhen.sqlite-open'));
        expect(await keeps()).toBeLessThan(commits);
      },
    );

    test('a log that is shorter than was noted is told, its index gone as after an end of the machine', async () => {
      await noteOnce(join(left, 'zhuanzhen.sqlite'));
      removeIndex();
      cutOff();
      expect(() => openSqliteStore({ folder: left })).toThrow(/cut off or damaged: put it back/);
      rmSync(join(left, 'zhuanzhen.sqlite-open'));
      expect(await keeps()).toBeLessThan(commits);
    });

    test('a log that is as long as was noted is taken', async () => {
      await noteOnce(join(left, 'zhuanzhen.sqlite'));
      removeIndex();
      expect(await keeps()).toBe(commits);
    });

    test('where the file is whole, noting leaves it unmarked', async () => {
      rmSync(join(left, 'zhuanzhen.sqlite-open'));
      await noteOnce(join(left, 'zhuanzhen.sqlite'));
      expect(existsSync(join(left, 'zhuanzhen.sqlite-open'))).toBe(false);
    });

    test('a log that is whole is taken, with its index and without', async () => {
      const copy = mkdtempSync(join(tmpdir(), 'zhuanzhen-killed-'));
      for (const name of readdirSync(left)) copyFileSync(join(left, name), join(copy, name));
      expect(await keeps()).toBe(commits);
      rmSync(left, { recursive: true });
      left = copy;
      removeIndex();
      expect(await keeps()).toBe(commits);
    });

    test('a last commit that came to the disk in part was never acknowledged, and is left out', async () => {
      const bytes = readFileSync(log());
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(log(), bytes);
      removeIndex();
      expect(await keeps()).toBe(commits - 1);
    });
  });

  describe('when nobody has written for a while', () => {
    const log = () => join(folder, 'zhuanzhen.sqlite-wal');
    const mark = () => join(folder, 'zhuanzhen.sqlite-open');
    const isWhole = () => !existsSync(mark()) && statSync(log()).size === 0;

    test('the file is whole by itself, and its log is needed again from the next write on', async () => {
      const store = openSqliteStore({ folder, quiet: 1 });
      await store.write((transaction) => transaction.put(aVersion({ id: 'first' })));
      await becomes(isWhole);
      const copied = mkdtempSync(join(tmpdir(), 'zhuanzhen-copied-'));
      copyFileSync(join(folder, 'zhuanzhen.sqlite'), join(copied, 'zhuanzhen.sqlite'));
      const copy = openSqliteStore({ folder: copied });
      expect(await copy.read('Patient', 'first')).toBeDefined();
      await copy.close();
      rmSync(copied, { recursive: true });

      const marked = await store.write(async (transaction) => {
        await transaction.put(aVersion({ id: 'second' }));
        return existsSync(mark());
      });
      expect(marked).toBe(false);
      await becomes(isWhole);
      expect(await store.read('Patient', 'second')).toBeDefined();
      await store.close();
    });

    test('a stop leaves one whole file', async () => {
      const store = openSqliteStore({ folder, quiet: 1 });
      await store.write((transaction) => transaction.put(aVersion({ id: 'kept' })));
      await store.close();
      expect(readdirSync(folder).filter((name) => !name.includes('.lock'))).toEqual(['zhuanzhen.sqlite']);
    });
  });

  test('a damaged file is refused with 503, told once in the log, and by readiness', async () => {
    const first = openSqliteStore({ folder });
    for (let n = 0; n < 400; n++)
      await first.write((transaction) =>
        transaction.put(aVersion({ id: `p${n}`, text: `{"a":"${'x'.repeat(500)}"}` })),
      );
    await first.close();
    const file = join(folder, 'zhuanzhen.sqlite');
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 40_960, bytes.length - 4_096);
    writeFileSync(file, bytes);
    const told: string[] = [];
    const store = openSqliteStore({ folder, log: (message) => told.push(message) });
    const reads = await Promise.allSettled(
      Array.from({ length: 400 }, (_, n) => store.read('Patient', `p${n}`)),
    );
    const refused = reads.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason.status).toBe(503);
    expect(told).toEqual([expect.stringContaining('damaged')]);
    await expect(store.ready()).rejects.toMatchObject({ status: 503 });
    await store.close();
  });
});
