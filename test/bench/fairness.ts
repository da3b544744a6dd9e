import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Connection } from './connection.ts';
import { load } from './load.ts';
import { describeMachine } from './machine.ts';
import { loadedId } from './population/bundles.ts';
import { startServer } from './server.ts';

/*
 * How long one client's simple read waits while four others send what costs most, one kind of request after the other.
 * The goal: p99 below 50 ms, no read above 250 ms, on two cores. Run with:
 * npx node test/bench/fairness.ts [--patients 5000] [--seconds 3]
 */
const hostileClients = 4;
const pauseBetween = 2;

const { values } = parseArgs({
  options: {
    patients: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '3' },
  },
});
const [patients, seconds] = [Number(values.patients), Number(values.seconds)];

const many = (count: number, of: (n: number) => string, between = ',') =>
  Array.from({ length: count }, (_, n) => of(n)).join(between);
const batchOf = (type: string, entry: object[]) => JSON.stringify({ resourceType: 'Bundle', type, entry });
const back = '_has:Observation:patient:subject:Patient.';

const hostile: [name: string, path: string, body?: string][] = [
  ['nothing else', ''],
  ['texts anywhere', `Patient?address:contains=${many(1_000, (n) => `zq${n}`)}`],
  ['many negations', `Observation?${many(190, (n) => `code:not=x${n}`, '&')}&_total=accurate`],
  ['many dates', `Observation?${many(190, (n) => `date=ne1990-01-${10 + (n % 20)}`, '&')}&_total=accurate`],
  [
    'a filter of a thousand words',
    `Patient?_filter=${encodeURIComponent(`not(${many(400, (n) => `address co "q${n}"`, ' or ')})`)}&_total=accurate`,
  ],
  ['there and back', `Patient?${back.repeat(2)}_has:Observation:patient:code:not=x,y&_total=accurate`],
  ['sorted by birth date', 'Patient?_sort=birthdate'],
  ['counted', 'Observation?_total=accurate'],
  [
    'a transaction of conditional creates',
    '',
    batchOf(
      'transaction',
      Array.from({ length: 1_000 }, (_, n) => ({
        resource: { resourceType: 'Patient', name: [{ text: `zz${n}` }] },
        request: { method: 'POST', url: 'Patient', ifNoneExist: `address:contains=zz${n}` },
      })),
    ),
  ],
  [
    'a large Questionnaire',
    'Questionnaire',
    JSON.stringify({
      resourceType: 'Questionnaire',
      status: 'draft',
      item: Array.from({ length: 100_000 }, (_, n) => ({ linkId: `l${n}`, text: 'q', type: 'string' })),
    }),
  ],
  [
    'a patient of many identifiers',
    'Patient',
    JSON.stringify({
      resourceType: 'Patient',
      identifier: Array.from({ length: 150_000 }, (_, n) => ({
        system: 'http://example.org',
        value: `v${n}`,
      })),
    }),
  ],
  [
    'an Observation of many combinations',
    'Observation',
    JSON.stringify({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: Array.from({ length: 3_000 }, (_, n) => ({ code: `c${n}` })) },
      component: Array.from({ length: 3_000 }, (_, n) => ({
        code: { coding: [{ code: `c${n}` }] },
        valueCodeableConcept: { coding: [{ code: `v${n}` }] },
      })),
    }),
  ],
  ['brackets without end', 'Patient', '['.repeat(16_000_000)],
  [
    'a batch of large pages',
    '',
    batchOf('batch', Array(1_000).fill({ request: { method: 'GET', url: 'Observation?_count=1000' } })),
  ],
];

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-fairness-'));
const server = await startServer({ DATA_DIR: folder });
try {
  await load(server.base, patients);
  process.stdout.write(
    `${describeMachine()}\n${patients} patients, ${hostileClients} clients, ms that a read waits\n`,
  );
  for (const [name, path, body] of hostile) process.stdout.write(await waits(name, path, body));
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}

/** A line on how long a read waits beside clients that send one request again and again. */
async function waits(name: string, path: string, body: string | undefined): Promise<string> {
  const end = performance.now() + seconds * 1_000;
  const answers = new Map<number, number>();
  const send = async () => {
    if (path === '' && body === undefined) return;
    const connection = new Connection(server.base);
    while (performance.now() < end) {
      const { status } = await connection.send({
        method: body ? 'POST' : 'GET',
        path,
        ...(body && { body }),
      });
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
    connection.close();
  };
  const others = Array.from({ length: hostileClients }, send);
  const times = await readAgain(end);
  await Promise.all(others);
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(1).padStart(7);
  const statuses = [...answers].map(([status, count]) => `${count} × ${status}`).join(', ');
  return `${name.padEnd(40)} p50 ${at(0.5)}  p99 ${at(0.99)}  max ${at(1)}   ${statuses}\n`;
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
