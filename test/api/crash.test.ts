import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { loadBundles, wholeReferral } from '../bench/population/bundles.ts';
import { parts } from '../bench/population/referral.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { untilReadable } from '../environment/ready.ts';
import { engines } from '../environment/server.ts';
import { baseOf, type ServerProcess, startProcess } from '../environment/server-process.ts';

/** How often the server is killed. */
const rounds = 2;
const clients = 8;

const single = 'urn:oid:1.2.3.4';

/** Servers are started several times, on machines that may be busy: in milliseconds. */
const patience = 90_000;

test.each(engines)(
  'on the %s engine, what a server acknowledged survives its being killed, and no transaction is half there',
  async (engine) => {
    const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-crash-'));
    const uri = engine === 'MongoDB' ? newDatabaseUri(mongodbUri()!) : undefined;
    const begin = () => startProcess('src/main.ts', uri ? { MONGODB_URI: uri } : { DATA_DIR: folder });
    /** The addresses of all that was acknowledged, below the base. */
    const acknowledged: string[] = [];
    const load = { next: 0 };

    for (let round = 0; round < rounds; round++) {
      const server = begin();
      const base = await readyAt(server);
      if (round === 0) for (const bundle of loadBundles(0)) await send(`${base}`, bundle);
      else await expectWhole(base, acknowledged);
      acknowledged.push(...(await acknowledgedUntilKilled(server, base, load)));
    }

    const server = begin();
    await expectWhole(await readyAt(server), acknowledged);
    server.child.kill('SIGTERM');
    expect(await server.gone).toBe(0);
    rmSync(folder, { recursive: true });
    if (uri) {
      const client = new MongoClient(uri);
      await client.db().dropDatabase();
      await client.close();
    }
  },
  patience,
);

async function readyAt(server: ServerProcess): Promise<string> {
  const base = await baseOf(server);
  await untilReadable(base);
  return base;
}

async function send(address: string, body: string): Promise<{ location: string | null; text: string }> {
  const answer = await fetch(address, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/fhir+json' },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status}: ${text}`);
  return { location: answer.headers.get('location'), text };
}

/** Many clients send referrals and single patients until the server is killed; gives what it acknowledged. */
async function acknowledgedUntilKilled(
  server: ServerProcess,
  base: string,
  load: { next: number },
): Promise<string[]> {
  const acknowledged: string[] = [];
  let answers = 0;
  // A random number of answers is a random moment: other requests are under way in all stages.
  const enough = 20 + Math.floor(Math.random() * 80);
  const client = async () => {
    while (!server.child.killed) {
      const n = load.next++;
      const isReferral = n % 2 === 0;
      try {
        const { location, text } = isReferral
          ? await send(base, wholeReferral(n))
          : await send(
              `${base}/Patient`,
              JSON.stringify({ resourceType: 'Patient', identifier: [{ system: single, value: String(n) }] }),
            );
        const made = isReferral
          ? (JSON.parse(text) as { entry: { response: { location: string } }[] }).entry.map(
              ({ response }) => response.location,
            )
          : [location!];
        acknowledged.push(...made.map((each) => new URL(each).pathname));
      } catch (error) {
        // The connection ends with the server; any answer but success is a defect.
        if (!server.child.killed) throw error;
      }
      if (++answers === enough) server.child.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  expect(await server.gone).toBeNull();
  return acknowledged;
}

/** Counts: all that was acknowledged is there, and of no transaction a part only. */
async function expectWhole(base: string, acknowledged: readonly string[]): Promise<void> {
  const ask = async (path: string) => (await fetch(`${base}/${path}`)).json() as Promise<{ total: number }>;
  const singles = (await ask(`Patient?identifier=${encodeURIComponent(`${single}|`)}&_summary=count`)).total;
  const counts = await Promise.all(
    parts.map(async (type) => {
      // What a referral owes beside its steps is a Task of its own.
      const own = type === 'Task' ? 'code=fulfill&' : '';
      const { total } = await ask(`${type}?${own}_summary=count`);
      return type === 'Patient' ? total - singles : total;
    }),
  );
  expect(counts).toEqual(parts.map(() => counts[0]));
  for (let at = 0; at < acknowledged.length; at += 50) {
    const found = await Promise.all(
      acknowledged.slice(at, at + 50).map(async (path) => (await fetch(new URL(path, base))).status),
    );
    expect(found).toEqual(found.map(() => 200));
  }
}
