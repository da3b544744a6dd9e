import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, jest, test } from '@jest/globals';
import { openMongoStore } from '../../src/store/mongodb/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import type { Reader, Store } from '../../src/store/store.ts';
import { findProgram, freePort, mongodbUri, newDatabaseUri, startProgram } from '../environment/mongodb.ts';
import { ready } from './places.ts';

/** How often each process is killed. */
const rounds = 3;

// Seconds on a machine of its own; processes start slowly on one that is busy.
jest.setTimeout(90_000);

const writer = fileURLToPath(new URL('crash-writer.ts', import.meta.url));

/** Lets a process write until it has acknowledged some transactions, runs `kill`, and gives what it acknowledged. */
async function acknowledgedUntil(
  kill: (child: ChildProcess) => Promise<void>,
  place: string,
  name: string,
): Promise<string[]> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', writer, place, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const acknowledged: string[] = [];
  // A random number of transactions is a random moment: the next ones are under way in all stages.
  const enough = 10 + Math.floor(Math.random() * 150);
  let killed: Promise<void> | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length >= enough) killed ??= kill(child);
  }
  await killed;
  expect(acknowledged.length).toBeGreaterThanOrEqual(enough);
  return acknowledged;
}

async function killWriter(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Counts: all that was acknowledged is there, and of no transaction a part only. */
function expectWhole(store: Store, acknowledged: readonly string[], name: string): Promise<void> {
  // In one transaction, since a database may still be busy with what the killed process had sent.
  return store.write((transaction) => expectWholeIn(transaction, acknowledged, name));
}

async function expectWholeIn(store: Reader, acknowledged: readonly string[], name: string): Promise<void> {
  const ids = async (type: string) => {
    const found = await store.search({ type, filter: { kind: 'all' }, sort: [], limit: 1_000_000 });
    return found.map(({ version }) => version.id).filter((id) => id.startsWith(`${name}-`));
  };
  const patients = new Set(await ids('Patient'));
  expect([...patients].sort()).toEqual((await ids('ServiceRequest')).sort());
  for (const id of acknowledged) expect(patients).toContain(id);
  for (const id of patients)
    for (const type of ['Patient', 'ServiceRequest'])
      expect(await store.count(type, { kind: 'term', term: `identifier|=${id}` })).toBe(1);

  // Each transaction has also left one version of a worker's task, and the versions have no gaps.
  const tasks = await store.history({ types: ['Task'], limit: 1_000_000 });
  const ofThisRun = tasks.filter(({ id }) => id.startsWith(`${name}-`));
  expect(new Set(ofThisRun.map(({ text }) => text))).toEqual(patients);
  for (const versions of Map.groupBy(ofThisRun, ({ id }) => id).values())
    expect(versions.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
      versions.map((_, n) => n + 1),
    );
}

test('the embedded engine keeps what it acknowledged, and no transaction by half, when the process is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-crash-'));
  for (let round = 0; round < rounds; round++) {
    const acknowledged = await acknowledgedUntil(killWriter, folder, `round-${round}`);
    const store = openSqliteStore({ folder });
    await expectWhole(store, acknowledged, `round-${round}`);
    await store.close();
  }
  rmSync(folder, { recursive: true });
});

const describeMongo = mongodbUri() ? describe : describe.skip;

describeMongo('MongoDB keeps what was acknowledged, and no transaction by half', () => {
  test('when the process that writes is killed', async () => {
    const uri = newDatabaseUri(mongodbUri()!);
    const store = openMongoStore({ uri });
    await ready(store);
    for (let round = 0; round < rounds; round++) {
      const acknowledged = await acknowledgedUntil(killWriter, uri, `round-${round}`);
      await expectWhole(store, acknowledged, `round-${round}`);
    }
    // The database is left: dropping it would wait for the transactions of the killed processes, up to a minute.
    await store.close();
  });

  const program = findProgram();
  const testWithProgram = program ? test : test.skip;

  testWithProgram('when the database itself is killed, and started again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-crash-'));
    const port = await freePort();
    let server = await startProgram(program!, folder, port);
    const store = openMongoStore({ uri: server.uri });
    await ready(store);
    for (let round = 0; round < rounds; round++) {
      const killBoth = async (child: ChildProcess) => {
        await server.end('SIGKILL');
        await killWriter(child);
      };
      const acknowledged = await acknowledgedUntil(killBoth, server.uri, `round-${round}`);
      server = await startProgram(program!, folder, port);
      await ready(store);
      await expectWhole(store, acknowledged, `round-${round}`);
    }
    await store.close();
    await server.end('SIGTERM');
    rmSync(folder, { recursive: true });
  });
});
