import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Resource } from '../../src/fhir/resource.ts';
import { openDatabase } from './database.ts';
import { describeMachine } from './machine.ts';
import { median } from './median.ts';
import { type Engine, engines } from './plan.ts';
import { type ServerUnderTest, startServer } from './server.ts';

/*
 * How long after the answer to a write its subscriber is told, and what subscriptions cost a write. Each subscription is
 * for the Tasks of an organization of its own; each write meets one of them. The goals: told within a second at the 99th
 * percentile with 1,000 subscriptions and 100 writes/s on two cores, and a write costs at most 10 % more. Run with:
 * npx node test/bench/notifications.ts [--engine embedded] [--subscriptions 1000] [--rate 100] [--seconds 10] [--rounds 6]
 */
const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: engines.join() },
    subscriptions: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '6' },
  },
});
const subscriptions = Number(values.subscriptions);
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);

const settings = { AUTH: 'off', SUBSCRIPTION_NETWORKS: '127.0.0.0/8', SUBSCRIPTION_HTTP: 'on' };
const atOnce = 16;
const clients = 8;
const roundSeconds = 1;

/** When each Task was told, by its id. */
const told = new Map<string, number>();
const receiver = createServer((request, response) => {
  request.resume().on('end', () => {
    told.set(request.url!.split('/').at(-1)!, performance.now());
    response.end();
  });
}).listen(0, '127.0.0.1');
await once(receiver, 'listening');
const { port } = receiver.address() as AddressInfo;

print(`${describeMachine()}\n${new Date().toISOString()}`);
for (const engine of values.engine.split(',') as Engine[]) await measureEngine(engine);
receiver.closeAllConnections();
receiver.close();

async function measureEngine(engine: Engine): Promise<void> {
  const started: { server: ServerUnderTest; close(): Promise<void> }[] = [];
  const start = async () => {
    const database = await openDatabase(engine);
    if (!database) return undefined;
    const server = await startServer({ ...settings, ...database.settings });
    const close = async () => {
      await server.stop();
      await database.close();
    };
    started.push({ server, close });
    return server;
  };
  try {
    const [none, many] = [await start(), await start()];
    if (!none || !many) return print(`\n${engine}: not measured, there is no MongoDB here`);
    await subscribeAll(many.base);
    const lags = await tellingAt(many.base);
    print(
      `\n${engine}: ${subscriptions} subscriptions, ${lags.length} writes at ${rate}/s: told after ${at(lags, 0.5)} ms (median), ${at(lags, 0.99)} ms (p99), ${at(lags, 1)} ms (longest)`,
    );
    const figures = { none: [] as number[], many: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      figures.none.push(await writesPerSecond(none.base));
      figures.many.push(await writesPerSecond(many.base));
    }
    const [without, withAll] = [median(figures.none), median(figures.many)];
    print(
      `${engine}: writes/s at ${clients} clients, median of ${rounds} rounds: ${Math.round(without)} without a subscription, ${Math.round(withAll)} with ${subscriptions} (${Math.round((without / withAll - 1) * 100)} % more a write)`,
    );
  } finally {
    for (const { close } of started) await close();
  }
}

async function subscribeAll(base: string): Promise<void> {
  const left = Array.from({ length: subscriptions }, (_, n) => n);
  const subscribe = async () => {
    for (let n = left.pop(); n !== undefined; n = left.pop())
      await send(base, {
        resourceType: 'Subscription',
        status: 'requested',
        reason: 'bench',
        criteria: `Task?owner=Organization/house-${n}&status=requested`,
        channel: {
          type: 'rest-hook',
          endpoint: `http://127.0.0.1:${port}/house-${n}`,
          payload: 'application/fhir+json',
        },
      });
  };
  await Promise.all(Array.from({ length: atOnce }, subscribe));
  for (;;) {
    const answer = await fetch(`${base}/Subscription?status=requested&_summary=count`);
    if (((await answer.json()) as { total: number }).total === 0) return;
    await pause(100);
  }
}

/** Writes at a steady rate, each when its time has come; how long after its answer each was told, sorted, in milliseconds. */
async function tellingAt(base: string): Promise<number[]> {
  const answered = new Map<string, number>();
  const began = performance.now();
  const writing: Promise<void>[] = [];
  for (let n = 0; n < rate * seconds; n++) {
    await pause(Math.max(0, began + (n * 1000) / rate - performance.now()));
    writing.push(
      send(base, aTask(n)).then((id) => {
        answered.set(id, performance.now());
      }),
    );
  }
  await Promise.all(writing);
  while ([...answered.keys()].some((id) => !told.has(id))) await pause(50);
  return [...answered].map(([id, when]) => Math.max(0, told.get(id)! - when)).sort((a, b) => a - b);
}

async function writesPerSecond(base: string): Promise<number> {
  const end = performance.now() + roundSeconds * 1000;
  let done = 0;
  const write = async (client: number) => {
    while (performance.now() < end) {
      await send(base, aTask(done * clients + client));
      done++;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => write(client)));
  return done / roundSeconds;
}

/** A Task for one of the houses in turn. */
function aTask(n: number): Resource {
  return {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    description: `Task ${n}`,
    requester: { reference: 'Organization/sender' },
    owner: { reference: `Organization/house-${n % subscriptions}` },
  };
}

async function send(base: string, body: Resource): Promise<string> {
  const answer = await fetch(`${base}/${body.resourceType}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return ((await answer.json()) as Resource).id!;
}

function at(sorted: readonly number[], share: number): string {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(0);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
