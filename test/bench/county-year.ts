import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { generateYear } from '../../src/county-year/generate.ts';
import { loadFile } from '../../src/loading/load-file.ts';
import { openDatabase } from './database.ts';
import { describeMachine } from './machine.ts';
import type { Engine } from './plan.ts';
import { startServer } from './server.ts';

/*
 * Registers on a county year: how fast it is loaded, when a ledger begins to answer and in how much memory, how long the
 * indicators of a quarter take, and what other clients' reads wait meanwhile. The goals, on 100,000 referrals: 3,400
 * resources/s on two cores; the ledger of a month begins within 200 ms; the indicators of a quarter take less than 1 s;
 * reads keep their p99 within twice. Run with:
 * npx node test/bench/county-year.ts [--engine embedded] [--referrals 2000] [--folder DATA] [--rounds 5]
 * A folder of data that is there already, loaded by `zhuanzhen load`, is measured without loading.
 */
const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'embedded' },
    referrals: { type: 'string', default: '2000' },
    folder: { type: 'string' },
    rounds: { type: 'string', default: '5' },
  },
});
const rounds = Number(values.rounds);
const year = 2025;
const month = `${year}-05`;
const quarter = `${year}-Q2`;

interface Call {
  /** Milliseconds to the first and to the last byte. */
  first: number;
  last: number;
  bytes: number;
}

print(`${describeMachine()}\n${new Date().toISOString()}`);
const database = values.folder
  ? { settings: { DATA_DIR: values.folder, MONGODB_URI: '' }, close: async () => {} }
  : await openDatabase(values.engine as Engine);
if (!database) throw new Error('There is no MongoDB here');
const server = await startServer({
  ...database.settings,
  IMPORT_HISTORY: 'true',
  // Nothing but what is measured: the imported past is not to be followed by what the present owes it.
  JOB_INTERVAL: '3600000',
});
try {
  if (!values.folder) await load();
  const patient = await anyPatient();
  const alone = await readsWhile(patient, () => new Promise((resolve) => setTimeout(resolve, 3_000)));
  print(`reads by themselves: p50 ${ms(at(alone, 0.5))}, p99 ${ms(at(alone, 0.99))}`);
  for (const [name, path, accept] of [
    ['$ledger, a Bundle', `$ledger?period=${month}`, 'application/fhir+json'],
    ['$ledger, CSV', `$ledger?period=${month}`, 'text/csv'],
    ['$ledger, XLSX', `$ledger?period=${month}&_format=xlsx`, '*/*'],
    ['$ledger of the year, CSV', `$ledger?period=${year}`, 'text/csv'],
    ['$indicators of a quarter', `$indicators?period=${quarter}`, 'application/fhir+json'],
    [
      '$evaluate-measure of a quarter',
      `Measure/quarterly-out-analysis/$evaluate-measure?period=${quarter}`,
      'application/fhir+json',
    ],
  ] as const)
    await measure(name, path, accept, patient);
} finally {
  await server.stop();
  await database.close();
}

async function load(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-year-'));
  const file = join(folder, 'year.ndjson');
  try {
    const began = performance.now();
    const bundles = generateYear({ referrals: Number(values.referrals), seed: 7, year });
    await pipeline(Readable.from(lines(bundles)), createWriteStream(file));
    print(`${values.referrals} referrals made in ${ms(performance.now() - began)}`);
    const [usage, start] = [await server.usage(), performance.now()];
    const { resources, refused } = await loadFile(file, {
      ...{ server: server.base, connections: 4, again: true, tell: () => {} },
    });
    const [used, took] = [(await server.usage()) - usage, (performance.now() - start) / 1_000];
    print(
      `${resources} resources loaded, ${refused} bundles refused: ${Math.round(resources / took)}/s, ${Math.round(resources / used)} in a second of the processor`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function* lines(bundles: Iterable<object>): Generator<string> {
  for (const bundle of bundles) yield `${JSON.stringify(bundle)}\n`;
}

/** The first call, which finds nothing remembered, and the middle of the others; what reads waited beside them. */
async function measure(name: string, path: string, accept: string, patient: string): Promise<void> {
  const cold = await call(path, accept);
  const calls: Call[] = [];
  let most = 0;
  let isWatching = true;
  const before = await server.memory();
  const usage = await server.usage();
  // The process answers one question at a time.
  const watching = (async () => {
    while (isWatching) {
      most = Math.max(most, await server.memory());
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  const waits = await readsWhile(patient, async () => {
    for (let round = 0; round < rounds; round++) calls.push(await call(path, accept));
  });
  isWatching = false;
  await watching;
  const used = ((await server.usage()) - usage) / rounds;
  const middle = (of: (one: Call) => number) => at(calls.map(of), 0.5);
  print(
    [
      `${name}: ${(cold.bytes / 1e6).toFixed(1)} MB; first byte ${ms(middle(({ first }) => first))} (cold ${ms(cold.first)})`,
      `all ${ms(middle(({ last }) => last))} (cold ${ms(cold.last)}), with the reads beside ${used.toFixed(2)} s of the processor`,
      `memory +${Math.max(0, Math.round((most - before) / 1e6))} MB`,
      `reads beside it: p50 ${ms(at(waits, 0.5))}, p99 ${ms(at(waits, 0.99))}`,
    ].join('; '),
  );
}

async function call(path: string, accept: string): Promise<Call> {
  const began = performance.now();
  const response = await fetch(`${server.base}/${path}`, { headers: { Accept: accept } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  let first: number | undefined;
  let bytes = 0;
  for await (const chunk of response.body!) {
    first ??= performance.now() - began;
    bytes += chunk.length;
  }
  return { first: first!, last: performance.now() - began, bytes };
}

/** What one other client waits for its reads, one after the other, while something runs. */
async function readsWhile(patient: string, run: () => Promise<unknown>): Promise<number[]> {
  let isOver = false;
  const running = run().finally(() => {
    isOver = true;
  });
  const waits: number[] = [];
  while (!isOver) {
    const began = performance.now();
    await (await fetch(`${server.base}/${patient}`)).arrayBuffer();
    waits.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await running;
  return waits;
}

async function anyPatient(): Promise<string> {
  const response = await fetch(`${server.base}/Patient?_count=1&_elements=id`);
  const { entry } = (await response.json()) as { entry: [{ resource: { id: string } }] };
  return `Patient/${entry[0].resource.id}`;
}

function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
