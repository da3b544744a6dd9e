import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { untilReadable } from '../environment/ready.ts';
import { baseOf, type ServerProcess, startProcess } from '../environment/server-process.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { toldHere } from './subscribing.ts';

const count = 20;
/** Processes are started, and one waits until another's lease has ended: in milliseconds. */
const patience = 180_000;

async function send(base: string, body: Resource): Promise<string> {
  const answer = await fetch(`${base}/${body.resourceType}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return ((await answer.json()) as Resource).id!;
}

async function readyAt(server: ServerProcess): Promise<string> {
  const base = await baseOf(server);
  await untilReadable(base);
  return base;
}

async function subscribe(base: string, { url }: Receiver): Promise<void> {
  const id = await send(base, {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'x',
    criteria: 'Patient',
    channel: { type: 'rest-hook', endpoint: url, payload: 'application/fhir+json' },
  });
  for (;;) {
    const answer = await fetch(`${base}/Subscription/${id}`);
    if (((await answer.json()) as Resource).status === 'active') return;
  }
}

/** Writes patients at one address after the other; their ids. */
async function write(...bases: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push(await send(bases[n % bases.length]!, { resourceType: 'Patient' }));
  return ids;
}

const toldOf = ({ received }: Receiver) => received.map(({ path }) => path.split('/').at(-1)!);

(mongodbUri() ? test : test.skip)(
  'of several servers on one database one tells each event, and another goes on when that one is gone',
  async () => {
    const receiver = await startReceiver();
    const settings = { ...toldHere, MONGODB_URI: newDatabaseUri(mongodbUri()!) };
    const [first, second] = [startProcess('src/main.ts', settings), startProcess('src/main.ts', settings)];
    const bases = [await readyAt(first), await readyAt(second)] as const;
    await subscribe(bases[1], receiver);
    const ids = await write(...bases);
    await receiver.until((all) => all.length >= count);
    expect(toldOf(receiver)).toEqual(ids);

    first.child.kill('SIGKILL');
    await first.gone;
    const later = await write(bases[1]);
    await receiver.until(() => later.every((id) => toldOf(receiver).includes(id)));
    second.child.kill('SIGTERM');
    await second.gone;
    // What was under way when the first was killed may come once more; nothing is missing, and all is in order.
    expect([...new Set(toldOf(receiver))]).toEqual([...ids, ...later]);
    await receiver.down();
  },
  patience,
);

test(
  'of several processes on one folder one tells what any of them has written',
  async () => {
    const receiver = await startReceiver();
    const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-told-'));
    const server = startProcess('src/main.ts', { ...toldHere, DATA_DIR: folder, WORKERS: '2' });
    const base = await readyAt(server);
    await subscribe(base, receiver);
    const ids = await write(base);
    await receiver.until((all) => all.length >= count);
    expect(toldOf(receiver)).toEqual(ids);
    server.child.kill('SIGTERM');
    await server.gone;
    await receiver.down();
    rmSync(folder, { recursive: true });
  },
  patience,
);
