import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startHostileClients } from './hostile/clients.ts';
import { fairnessRequests, furtherRequests } from './hostile/requests.ts';
import { load } from './load.ts';
import { describeMachine } from './machine.ts';
import { startServer } from './server.ts';

/*
 * What memory is resident while clients send what costs most, all kinds of it in turn, and what a minute afterwards. The
 * goal: it settles below 600 MB, however many requests there were. A run of 100,000 takes hours; memory that is not given
 * back shows in some hundreds. Run with:
 * npx node test/bench/memory.ts [--requests 100000] [--minutes 10] [--patients 500] [--clients 4]
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    minutes: { type: 'string', default: '10' },
    patients: { type: 'string', default: '500' },
    clients: { type: 'string', default: '4' },
  },
});
const [requests, minutes, patients, clients] = [
  values.requests,
  values.minutes,
  values.patients,
  values.clients,
].map(Number) as [number, number, number, number];
const lookEvery = 15_000;
const quietTime = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-memory-'));
const server = await startServer({ DATA_DIR: folder });
const hostile = startHostileClients();
try {
  await load(server.base, patients);
  print(`${describeMachine()}\n${patients} patients, ${clients} clients`);
  print(`before: ${await resident()} MB`);
  const began = performance.now();
  let isOver = false;
  const sent = hostile
    .send({
      ...{ base: server.base, clients, time: minutes * 60_000, most: requests },
      requests: [...fairnessRequests, ...furtherRequests],
    })
    .finally(() => {
      isOver = true;
    });
  let peak = 0;
  for (let looked = began; !isOver; await sleep(500)) {
    const now = await resident();
    peak = Math.max(peak, now);
    if (performance.now() - looked < lookEvery) continue;
    looked = performance.now();
    print(`${Math.round((looked - began) / 1_000)} s: ${now} MB`);
  }
  const { statuses, broken } = await sent;
  const all = Object.values(statuses).reduce((sum, count) => sum + count, broken);
  print(`${all} requests: ${JSON.stringify(statuses)}, ${broken} connections broke`);
  print(`at the end: ${await resident()} MB, at most ${peak} MB`);
  await sleep(quietTime);
  print(`after a quiet minute: ${await resident()} MB`);
} finally {
  hostile.stop();
  await server.stop();
  rmSync(folder, { recursive: true });
}

async function resident(): Promise<number> {
  return Math.round((await server.memory()) / 1_048_576);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
