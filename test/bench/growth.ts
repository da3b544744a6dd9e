import { parseArgs } from 'node:util';
import { type Call, Connection } from './connection.ts';
import { openDatabase } from './database.ts';
import { load } from './load.ts';
import { describeMachine } from './machine.ts';
import { type Figures, measure } from './measure.ts';
import { median } from './median.ts';
import { type Engine, type Measure, measures, titles } from './plan.ts';
import { isRight, requestsOn } from './requests.ts';
import { type ServerUnderTest, startServer } from './server.ts';

/*
 * How the rows of the bench grow with the data: the same requests on two servers at once, one with few and one with many
 * patients, in turns, so that what else the machine does slows both. The goal: p99 at the larger size is at most 1.5 times
 * that at the smaller. Run with: npx node test/bench/growth.ts --sizes 1000,200000
 */
const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'embedded' },
    sizes: { type: 'string', default: '1000,20000' },
    measure: { type: 'string', default: measures.join() },
    seconds: { type: 'string', default: '0.5' },
    rounds: { type: 'string', default: '6' },
    clients: { type: 'string', default: '4' },
  },
});
const goal = 1.5;
const [seconds, rounds, clients] = [values.seconds, values.rounds, values.clients].map(Number) as [
  number,
  number,
  number,
];

interface Size {
  patients: number;
  server: ServerUnderTest;
  requests: ReturnType<typeof requestsOn>;
  close(): Promise<void>;
}

interface Sample extends Figures {
  /** Processor time of the server for one request, in milliseconds. */
  cpu: number;
}

const sizes: Size[] = [];
process.stdout.write(`${describeMachine()}\n${new Date().toISOString()}\n`);
try {
  for (const patients of values.sizes.split(',').map(Number)) {
    const database = await openDatabase(values.engine as Engine);
    if (!database) throw new Error(`There is no ${values.engine} here`);
    const server = await startServer(database.settings);
    const close = async () => {
      await server.stop();
      await database.close();
    };
    sizes.push({ patients, server, requests: requestsOn(patients), close });
    const began = performance.now();
    await load(server.base, patients);
    const perSecond = (patients * 11_000) / (performance.now() - began);
    process.stdout.write(`${patients} patients loaded, ${perSecond.toFixed(0)} resources/s\n`);
  }
  process.stdout.write(
    `\n${'medians of rounds'.padEnd(40)}  ${sizes.map(({ patients }) => `p99 ms at ${patients}`.padStart(18)).join('')}  ratio   p50 ratio   CPU ratio\n`,
  );
  for (const name of values.measure.split(',') as Measure[]) {
    const samples = sizes.map((): Sample[] => []);
    for (let round = 0; round < rounds; round++)
      for (const [n, size] of sizes.entries()) samples[n]!.push(await sample(size, name));
    const [least, most] = [samples[0]!, samples.at(-1)!];
    const ratio = (of: (each: Sample) => number) => median(most.map(of)) / median(least.map(of));
    const p99 = ratio((each) => each.p99);
    process.stdout.write(
      `${titles[name].padEnd(40)}  ${samples
        .map((all) =>
          median(all.map((each) => each.p99))
            .toFixed(2)
            .padStart(18),
        )
        .join('')}  ${p99.toFixed(2)} ${p99 <= goal ? 'met  ' : 'short'}  ${ratio((each) => each.p50)
        .toFixed(2)
        .padStart(5)}  ${ratio((each) => each.cpu)
        .toFixed(2)
        .padStart(10)}\n`,
    );
  }
} finally {
  for (const { close } of sizes) await close();
}

/** One round of a measure at a size. */
async function sample({ server, requests: all }: Size, name: Measure): Promise<Sample> {
  const requests = all[name];
  const connections = Array.from({ length: clients }, () => new Connection(server.base));
  const ask = (call: Call) => connections[0]!.send(call);
  try {
    await requests.prepare?.(ask);
    let before = 0;
    const figures = await measure(
      async (client) => isRight(await connections[client]!.send(requests.next()), requests),
      { clients, seconds },
      async () => {
        before = await server.usage();
      },
    );
    if (figures.errors > 0) throw new Error(`${name}: ${figures.errors} wrong answers`);
    return { ...figures, cpu: (((await server.usage()) - before) * 1_000) / figures.done };
  } finally {
    for (const connection of connections) connection.close();
  }
}
