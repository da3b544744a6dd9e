import { parseArgs } from 'node:util';
import { Connection } from './connection.ts';
import { openDatabase } from './database.ts';
import { load } from './load.ts';
import { describeMachine } from './machine.ts';
import { measure } from './measure.ts';
import { median } from './median.ts';
import { type Engine, engines, type Measure, titles } from './plan.ts';
import { isRight, requestsOn } from './requests.ts';
import { type ServerUnderTest, startServer } from './server.ts';

/*
 * What the audit costs: the same requests to a server that records every access, to one that does not, and to one that
 * holds each answer back until its record is on the disk, in turns, so that what else the machine does slows all of them.
 * The goal: a read costs at most 15 % more. Run with:
 * npx node test/bench/audit.ts [--engine embedded] [--patients 200] [--seconds 0.5] [--rounds 8] [--clients 8] [--measure read] [--variant off,on]
 */
const variants = {
  off: { AUDIT: 'off' },
  on: { AUDIT: 'on' },
  'reads wait': { AUDIT: 'on', AUDIT_READS_WAIT: 'true' },
};
type Variant = keyof typeof variants;

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: engines.join() },
    patients: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '0.5' },
    rounds: { type: 'string', default: '8' },
    clients: { type: 'string', default: '8' },
    measure: { type: 'string', default: 'read,search,worklist,create' },
    variant: { type: 'string', default: Object.keys(variants).join() },
  },
});
const [patients, seconds, rounds, clients] = [
  values.patients,
  values.seconds,
  values.rounds,
  values.clients,
].map(Number) as [number, number, number, number];

interface Figures {
  perSecond: number[];
  /** Time of the server's process for one request, all threads, in microseconds. */
  cpu: number[];
}

print(`${describeMachine()}\n${new Date().toISOString()}`);
for (const engine of values.engine.split(',') as Engine[]) await measureEngine(engine);

async function measureEngine(engine: Engine): Promise<void> {
  const running: { variant: Variant; server: ServerUnderTest; close(): Promise<void> }[] = [];
  try {
    for (const variant of values.variant.split(',') as Variant[]) {
      const settings = variants[variant];
      const database = await openDatabase(engine);
      if (!database) return print(`\n${engine}: not measured, there is no MongoDB here`);
      const server = await startServer({ AUTH: 'off', ...database.settings, ...settings });
      const close = async () => {
        await server.stop();
        await database.close();
      };
      running.push({ variant, server, close });
      await load(server.base, patients);
    }
    print(`\n${engine}, ${clients} clients; median of ${rounds} rounds of ${seconds} s\n`);
    print('| | audit | requests/s | processor µs/request |\n|---|---|---|---|');
    for (const name of values.measure.split(',') as Measure[]) {
      const figures = new Map<Variant, Figures>();
      for (let round = 0; round < rounds; round++) {
        for (const { variant, server } of running) {
          const { perSecond, cpu } = await measureOne(server, name);
          const all = figures.get(variant) ?? { perSecond: [], cpu: [] };
          figures.set(variant, { perSecond: [...all.perSecond, perSecond], cpu: [...all.cpu, cpu] });
        }
      }
      const off = figures.get('off')!;
      for (const [variant, { perSecond, cpu }] of figures) {
        const part = (value: number, of: number) => `${Math.round((value / of - 1) * 100)} %`;
        print(
          `| ${titles[name]} | ${variant} | ${Math.round(median(perSecond))} (${part(median(perSecond), median(off.perSecond))}) | ${Math.round(median(cpu))} (${part(median(cpu), median(off.cpu))}) |`,
        );
      }
    }
  } finally {
    for (const { close } of running) await close();
  }
}

async function measureOne(
  server: ServerUnderTest,
  name: Measure,
): Promise<{ perSecond: number; cpu: number }> {
  const requests = requestsOn(patients)[name];
  const connections = Array.from({ length: clients }, () => new Connection(server.base));
  let before = 0;
  const { perSecond, done, errors } = await measure(
    async (client) => isRight(await connections[client]!.send(requests.next()), requests),
    { clients, seconds },
    async () => {
      before = await server.usage();
    },
  );
  const cpu = (((await server.usage()) - before) / done) * 1e6;
  for (const connection of connections) connection.close();
  if (errors > 0) throw new Error(`${name}: ${errors} wrong answers`);
  return { perSecond, cpu };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
