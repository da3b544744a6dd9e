import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from './connection.ts';
import { type Database, openDatabase } from './database.ts';
import { load } from './load.ts';
import { describeMachine } from './machine.ts';
import { type Figures, measure } from './measure.ts';
import { type Options, readOptions, usage } from './options.ts';
import type { Engine, Measure } from './plan.ts';
import { head, type Result, row } from './report.ts';
import { isRight, type Requests, requestsOn } from './requests.ts';
import { type ServerUnderTest, startServer } from './server.ts';

/** Measures the server through HTTP on the loopback address, beside what the bare database does. */
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
  print(`${describeMachine()}\n${new Date().toISOString()}`);
  for (const engine of options.engines) await measureEngine(engine, options);
}

async function measureEngine(engine: Engine, options: Options): Promise<void> {
  const database = await openDatabase(engine);
  if (database === undefined) return print(`\n${engine}: not measured, there is no MongoDB here`);
  try {
    const server = await startServer(database.settings);
    try {
      const begin = performance.now();
      await load(server.base, options.patients);
      const seconds = ((performance.now() - begin) / 1_000).toFixed(1);
      print(
        `\n${engine}: ${database.version}\n${options.patients} patients with two referrals each, loaded in ${seconds} s\n`,
      );
      print(head);
      const requests = requestsOn(options.patients);
      for (const name of options.measures) {
        for (const clients of options.clients) {
          const measured = await measureServer(server, engine, name, requests[name], clients, options);
          // Beside it in time, too: what else the machine does meanwhile slows both.
          const floor = await measureFloor(database, name, clients, options);
          print(row(engine, { ...measured, floor }));
        }
      }
    } finally {
      await server.stop();
    }
  } finally {
    await database.close();
  }
}

async function measureFloor(
  database: Database,
  name: Measure,
  clients: number,
  { patients, seconds }: Options,
): Promise<Figures> {
  const floor = await database.floor(patients, clients);
  try {
    return await measure(floor.works[name], { clients, seconds: seconds / 3 });
  } finally {
    await floor.close();
  }
}

/** Measures one kind of request. Throws when a first answer is not right: a wrong answer has no speed. */
async function measureServer(
  server: ServerUnderTest,
  engine: Engine,
  name: Measure,
  requests: Requests,
  clients: number,
  { seconds, profile }: Options,
): Promise<Omit<Result, 'floor'>> {
  const connections = Array.from({ length: clients }, () => new Connection(server.base));
  try {
    const first = await connections[0]!.send(requests.next());
    const text = first.body.toString();
    if (!isRight(first, requests) || !requests.check(JSON.parse(text)))
      throw new Error(`${name}: a wrong answer, ${first.status} ${text.slice(0, 2_000)}`);

    let before = 0;
    const figures = await measure(
      async (client) => isRight(await connections[client]!.send(requests.next()), requests),
      { clients, seconds },
      async () => {
        before = await server.usage();
        if (profile) await server.profile();
      },
    );
    const cpu = (await server.usage()) - before;
    if (profile) await server.save(join(profile, `${engine}-${name}-${clients}.cpuprofile`));
    return { measure: name, clients, server: figures, cpu };
  } finally {
    for (const connection of connections) connection.close();
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
