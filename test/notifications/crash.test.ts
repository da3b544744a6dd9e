import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { findProgram, freePort, type MongoProcess, startProgram } from '../environment/mongodb.ts';
import { baseOf, type ServerProcess, startProcess } from '../environment/server-process.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { readNotification, toldHere, toTopic } from './subscribing.ts';

/** How often server and database are killed. */
const rounds = 3;
const clients = 4;
/** Servers and databases are started several times, on machines that may be busy: in milliseconds. */
const patience = 240_000;

const program = findProgram();
const places = ['a folder', ...(program ? ['a database of its own'] : [])];

test.each(places)(
  'in %s, all that was acknowledged is told, in order, though server, database and receiver fail at random moments',
  async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-told-'));
    const isDatabase = kind !== 'a folder';
    const port = await freePort();
    const startDatabase = () => startProgram(program!, folder, port);
    let database: MongoProcess | undefined = isDatabase ? await startDatabase() : undefined;
    const environment: Record<string, string> = isDatabase
      ? { MONGODB_URI: database!.uri }
      : { DATA_DIR: folder };
    const begin = () => startProcess('src/main.ts', { ...toldHere, ...environment });
    const receiver = await startReceiver();
    /** The versions of each patient that were acknowledged. */
    const acknowledged = new Map<string, number>();

    let server = begin();
    await subscribe(await readyAt(server), receiver);
    // Not before: a handshake that is not taken is an error, which a person has to mend.
    const trouble = beTroublesome(receiver);
    for (let round = 0; round < rounds; round++) {
      const base = await readyAt(server);
      const writing = writeUntilKilled(server, base, acknowledged);
      await pause(500 + Math.random() * 1_500);
      if (database && round % 2 === 0) {
        await database.end('SIGKILL');
        database = await startDatabase();
      }
      server.child.kill('SIGKILL');
      await writing;
      await server.gone;
      server = begin();
    }
    await readyAt(server);
    await trouble.end();

    const isMissing = () =>
      [...acknowledged].some(([id, version]) => !seenOf(receiver).get(id)?.includes(version));
    await receiver.until(() => !isMissing());
    for (const [id, versions] of seenOf(receiver)) {
      // What is told once more is what was told last: the first time that each version comes is in order.
      const first = [...new Set(versions)];
      expect({ id, versions: first }).toEqual({ id, versions: first.toSorted((a, b) => a - b) });
      expect(first.length).toBe(first.at(-1));
    }
    expect(acknowledged.size).toBeGreaterThan(0);

    server.child.kill('SIGTERM');
    await server.gone;
    await receiver.down();
    await database?.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  },
  patience,
);

async function readyAt(server: ServerProcess): Promise<string> {
  const base = await baseOf(server);
  while (!(await fetch(new URL('/readyz', base))).ok) await pause(20);
  return base;
}

async function send(url: string, method: string, body: object): Promise<Resource> {
  const answer = await fetch(url, {
    method,
    headers: { 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json() as Promise<Resource>;
}

async function subscribe(base: string, receiver: Receiver): Promise<void> {
  const channel = { endpoint: `${receiver.url}/told` };
  const subscription = { ...toTopic('referral-task', [], 'full-resource', channel), criteria: 'Patient' };
  const { id } = await send(`${base}/Subscription`, 'POST', subscription);
  for (;;) {
    const { status, error } = (await (await fetch(`${base}/Subscription/${id}`)).json()) as Resource;
    if (status === 'active') return;
    if (status === 'error') throw new Error(`The handshake failed: ${error}`);
    await pause(10);
  }
}

/** Each client makes patients and writes each three times, until the server is killed. */
async function writeUntilKilled(
  server: ServerProcess,
  base: string,
  acknowledged: Map<string, number>,
): Promise<void> {
  const client = async () => {
    while (!server.child.killed) {
      try {
        const { id } = await send(`${base}/Patient`, 'POST', { resourceType: 'Patient' });
        acknowledged.set(id!, 1);
        for (const version of [2, 3]) {
          await send(`${base}/Patient/${id}`, 'PUT', { resourceType: 'Patient', id, active: version === 2 });
          acknowledged.set(id!, version);
        }
      } catch {
        // Server or database were killed: what was not acknowledged may be there or not.
        await pause(20);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

/** A receiver that is sometimes down and sometimes slow, until that ends. */
function beTroublesome(receiver: Receiver): { end(): Promise<void> } {
  const ending = new AbortController();
  receiver.answer = async () => {
    if (ending.signal.aborted || Math.random() < 0.8) return 200;
    await pause(Math.random() * 100);
    return Math.random() < 0.5 ? 503 : 200;
  };
  const running = (async () => {
    while (!ending.signal.aborted) {
      await pause(300 + Math.random() * 700, undefined, { signal: ending.signal }).catch(() => {});
      if (ending.signal.aborted) return;
      await receiver.down();
      await pause(Math.random() * 300);
      await receiver.up();
    }
  })();
  return {
    end: async () => {
      ending.abort();
      await running;
    },
  };
}

/** The versions of each patient that the receiver has seen, in the order in which they came. */
function seenOf(receiver: Receiver): Map<string, number[]> {
  const seen = new Map<string, number[]>();
  for (const { body } of receiver.received)
    for (const { resource } of readNotification(body).entries) {
      const versions = seen.get(resource!.id!) ?? [];
      versions.push(Number(resource!.meta!.versionId));
      seen.set(resource!.id!, versions);
    }
  return seen;
}
