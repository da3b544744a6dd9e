import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Connection } from './connection.ts';
import { startHostileClients } from './hostile/clients.ts';
import { fairnessRequests, type HostileRequest } from './hostile/requests.ts';
import { load } from './load.ts';
import { describeMachine } from './machine.ts';
import { loadedId } from './population/bundles.ts';
import { startServer } from './server.ts';

/*
 * How long one client's simple read waits while four others send what costs most, one kind of request after the other.
 * The goal: p99 below 50 ms, no read above 250 ms, on two cores. Beside it stands for how long the thread that serves
 * was kept from its next turn, and what part of the time it worked: where a read waits longer than that, the machine
 * was busy with others. Run with:
 * npx node test/bench/fairness.ts [--patients 5000] [--seconds 3] [--only 'a large'] [--profile folder]
 */
const hostileClients = 4;
const pauseBetween = 2;

const { values } = parseArgs({
  options: {
    patients: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    profile: { type: 'string' },
  },
});
const [patients, seconds] = [Number(values.patients), Number(values.seconds)];

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-fairness-'));
const server = await startServer({ DATA_DIR: folder });
const hostile = startHostileClients();
try {
  await load(server.base, patients);
  process.stdout.write(
    `${describeMachine()}\n${patients} patients, ${hostileClients} clients, ms that a read waits, and the thread that serves\n`,
  );
  for (const request of [undefined, ...fairnessRequests])
    if (!request || request.name.includes(values.only)) process.stdout.write(await waits(request));
} finally {
  hostile.stop();
  await server.stop();
  rmSync(folder, { recursive: true });
}

/** A line on how long a read waits beside clients that send one request again and again. */
async function waits(request: HostileRequest | undefined): Promise<string> {
  const time = seconds * 1_000;
  await server.delay();
  if (values.profile) await server.profile();
  const others = request
    ? hostile.send({ base: server.base, clients: hostileClients, requests: [request], time })
    : undefined;
  const times = await readAgain(performance.now() + time);
  const { longest, p99, busy } = await server.delay();
  if (values.profile) await server.save(join(values.profile, `${request?.name ?? 'nothing'}.cpuprofile`));
  const { statuses = {}, broken = 0 } = (await others) ?? {};
  times.sort((a, b) => a - b);
  const at = (share: number) => shown(times[Math.min(times.length - 1, Math.floor(times.length * share))]!);
  const answered = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
  if (broken > 0) answered.push(`${broken} broken`);
  const name = (request?.name ?? 'nothing else').padEnd(38);
  return `${name} p50 ${at(0.5)}  p99 ${at(0.99)}  max ${at(1)} | p99 ${shown(p99)} max ${shown(longest)} busy ${Math.round(busy * 100)} % | ${answered.join(', ')}\n`;
}

function shown(milliseconds: number): string {
  return milliseconds.toFixed(1).padStart(6);
}

async function readAgain(end: number): Promise<number[]> {
  const times: number[] = [];
  const connection = new Connection(server.base);
  for (let n = 0; performance.now() < end; n++) {
    const began = performance.now();
    const { status } = await connection.send({
      method: 'GET',
      path: `Patient/${loadedId('Patient', n % patients, 0)}`,
    });
    if (status !== 200) throw new Error(`The read was answered with ${status}`);
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, pauseBetween));
  }
  connection.close();
  return times;
}
