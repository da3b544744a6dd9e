import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { usualWorkers } from '../../src/settings.ts';
import { type Answer, type Call, Connection } from './connection.ts';
import { type Database, openDatabase } from './database.ts';
import { type HttpFloor, startHttpFloor } from './floor/http.ts';
import { load } from './load.ts';
import { describeMachine } from './machine.ts';
import { type Effort, measure } from './measure.ts';
import { type Options, readOptions, usage } from './options.ts';
import type { Engine, Measure } from './plan.ts';
import { comparison, head, row } from './report.ts';
import { isRight, type Requests, requestsOn } from './requests.ts';
import { keepResults, type Result, ratios } from './results.ts';
import { type ServerUnderTest, startServer } from './server.ts';

/** A server that is measured: this one, or another one of which only the address is known. */
interface Target {
  name: string;
  base: string;
  processes?: number;
  server?: ServerUnderTest;
  database?: Database;
}

/**
 * Measures the server through HTTP on the loopback address, on one process and on all, beside what bare `http` and the bare
 * database do, and any other FHIR server under the same load.
 */
async function main(): Promise<void> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
  if (options.help) return print(usage);
  if (options.profile) mkdirSync(options.profile, { recursive: true });
  const [machine, at] = [describeMachine(), new Date().toISOString()];
  print(`${machine}\n${at}`);
  const http = await startHttpFloor();
  const results: Result[] = [];
  try {
    for (const engine of options.engines)
      for (const processes of processesOf(engine, options))
        results.push(...(await measureEngine(engine, processes, http, options)));
    if (options.peer) {
      results.push(...(await measureTarget({ name: options.peer, base: options.peer }, http, options)));
      print(`\n${comparison(ratios(results, options.peer))}`);
    }
  } finally {
    http.close();
  }
  const { patients, seconds } = options;
  if (results.length > 0 && options.results !== 'none')
    print(`\n${keepResults(options.results, { machine, at, patients, seconds, results })}`);
}

/** One process, and as many as serve by default, where these are more. */
function processesOf(engine: Engine, { processes }: Options): readonly number[] {
  const all = usualWorkers(engine !== 'embedded');
  return [...new Set(processes.map((count) => (count === 'all' ? all : count)))];
}

async function measureEngine(
  engine: Engine,
  processes: number,
  http: HttpFloor,
  options: Options,
): Promise<Result[]> {
  const database = await openDatabase(engine);
  if (database === undefined) {
    print(`\n${engine}: not measured, there is no MongoDB here`);
    return [];
  }
  try {
    const server = await startServer({ ...database.settings, WORKERS: String(processes) });
    try {
      print(`\n${database.version}`);
      const target = { name: engine, base: server.base, processes, server, database };
      return await measureTarget(target, http, options);
    } finally {
      await server.stop();
    }
  } finally {
    await database.close();
  }
}

async function measureTarget(target: Target, http: HttpFloor, options: Options): Promise<Result[]> {
  const { patients } = options;
  const begin = performance.now();
  await load(target.base, patients);
  const seconds = ((performance.now() - begin) / 1_000).toFixed(1);
  print(`${target.name}: ${patients} patients with two referrals each, loaded in ${seconds} s\n\n${head}`);
  const requests = requestsOn(patients);
  const results: Result[] = [];
  for (const name of options.measures)
    for (const clients of options.clients) {
      const result = await measureOne(target, name, requests[name], http, clients, options);
      results.push(result);
      print(row(result));
    }
  return results;
}

/** Measures one kind of request. Of a wrong answer no speed is told. */
async function measureOne(
  { name: target, base, processes, server, database }: Target,
  name: Measure,
  requests: Requests,
  http: HttpFloor,
  clients: number,
  { patients, seconds, profile }: Options,
): Promise<Result> {
  const about = { target, ...(processes !== undefined && { processes }), measure: name, clients };
  const connections = Array.from({ length: clients }, () => new Connection(base));
  const floorEffort: Effort = { clients, seconds: seconds / 3 };
  try {
    const ask = (call: Call) => connections[0]!.send(call);
    await requests.prepare?.(ask);
    const call = requests.next();
    const first = await ask(call);
    if (!isRightFirst(first, requests))
      return { ...about, wrong: `${first.status} ${first.body.toString('utf8', 0, 300)}` };

    let before = 0;
    const figures = await measure(
      async (client) => isRight(await connections[client]!.send(requests.next()), requests),
      { clients, seconds },
      async () => {
        before = (await server?.usage()) ?? 0;
        if (profile) await server?.profile();
      },
    );
    const used = server && (await server.usage()) - before;
    if (profile) await server?.save(join(profile, `${target}-${processes}-${name}-${clients}.cpuprofile`));
    // Beside it in time, too: what else the machine does meanwhile slows all of them.
    const bare = await http.measure(call, first.body.length, floorEffort);
    const engine = database && (await measureFloor(database, name, patients, floorEffort));
    return {
      ...about,
      server: figures,
      ...(used !== undefined && { cpu: (used * 1_000) / figures.done }),
      floors: { http: bare, ...(engine && { engine }) },
    };
  } finally {
    for (const connection of connections) connection.close();
  }
}

function isRightFirst(first: Answer, requests: Requests): boolean {
  try {
    return isRight(first, requests) && requests.check(JSON.parse(first.body.toString()));
  } catch {
    return false;
  }
}

async function measureFloor(database: Database, name: Measure, patients: number, effort: Effort) {
  const floor = await database.floor(patients, effort.clients);
  try {
    return await measure(floor.works[name], effort);
  } finally {
    await floor.close();
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
