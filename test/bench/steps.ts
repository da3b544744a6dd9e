import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Resource } from '../../src/fhir/resource.ts';
import { withState } from '../../src/referral/workflow/states.ts';
import { type Call, Connection } from './connection.ts';
import { load } from './load.ts';
import { describeMachine } from './machine.ts';
import { type Figures, measure } from './measure.ts';
import { loadedId } from './population/bundles.ts';
import { startServer } from './server.ts';

/*
 * What the steps of referrals cost beside what they could cost at least, in one run. The goals, at 8 clients on two
 * cores, embedded: a step, by an operation or by an update, at least half as often as a plain update of the same Task;
 * the next steps and the overdue list at least as often as the worklist. Run with:
 * npx node test/bench/steps.ts [--patients 500] [--seconds 3] [--rounds 2]
 */
const clients = 8;

const { values } = parseArgs({
  options: {
    patients: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '2' },
  },
});
const [patients, seconds, rounds] = [values.patients, values.seconds, values.rounds].map(Number) as [
  number,
  number,
  number,
];

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-steps-'));
const server = await startServer({ DATA_DIR: folder });
// A connection that was idle for some seconds is closed: each client opens its own for one measure.
let connections: Connection[] = [];
function connect(): void {
  for (const connection of connections) connection.close();
  connections = Array.from({ length: clients }, () => new Connection(server.base));
}
const ask = async (call: Call): Promise<Resource> => {
  const connection = new Connection(server.base);
  const { status, body } = await connection.send(call);
  connection.close();
  if (status !== 200)
    throw new Error(`${call.method} ${call.path}: ${status} ${body.toString().slice(0, 1_000)}`);
  return JSON.parse(body.toString()) as Resource;
};
const operation = (task: Resource, name: string, ...parameter: object[]): Call => ({
  method: 'POST',
  path: `Task/${task.id}/$${name}`,
  body: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }),
});
const update = (task: Resource): Call => ({
  method: 'PUT',
  path: `Task/${task.id}`,
  body: JSON.stringify(task),
});

try {
  await load(server.base, patients);
  process.stdout.write(`${describeMachine()}\n${new Date().toISOString()}\n`);

  const counters = Array.from({ length: clients }, () => 0);
  const next = (client: number) => (counters[client] = counters[client]! + 1);
  const reason = { name: 'reason', valueCodeableConcept: { text: '等待患者' } };
  const worklist = `Task?owner=Organization/bench-lead&status=requested&_sort=-_lastUpdated&_count=20`;
  const due = new Date(Date.now() + 365 * 86_400_000).toISOString();
  // Before any step is taken: a Task says which it has taken, and so the lists would not be equally long to send.
  const requested: Resource[] = [];
  for (let client = 0; client < clients; client++) requested.push(await taskOf(2 * client));
  const asking: Record<string, (client: number) => Call> = {
    worklist: () => ({ method: 'GET', path: worklist }),
    'next steps': (client) => ({ method: 'GET', path: `Task/${requested[client]!.id}/$next-steps` }),
    'overdue list': () => ({
      method: 'GET',
      path: `Task?waiting-for=Organization/bench-lead&due=lt${due}&_sort=-_lastUpdated&_count=20`,
    }),
  };
  const stepping: Record<string, (client: number) => Call> = {
    'plain update of a Task': (client) =>
      update({ ...arrived[client]!, note: [{ text: `${next(client)}` }] }),
    'step by an update': (client) => {
      const state = next(client) % 2 ? 'in-progress:admitted' : 'in-progress:outpatient-care';
      // From here on this is where the Task stands, also for the plain updates of the next round.
      arrived[client] = withState(arrived[client]!, state);
      return update(arrived[client]);
    },
    'step by an operation': (client) =>
      next(client) % 2
        ? operation(accepted[client]!, 'hold', reason)
        : operation(accepted[client]!, 'resume'),
  };
  const best = new Map<string, Figures>();
  const inTurn = (calls: Record<string, (client: number) => Call>) =>
    Array.from({ length: rounds }, () => Object.entries(calls)).flat();
  for (const [name, call] of inTurn(asking)) await run(name, call);
  // Each client has a Task that was accepted, and one whose patient has arrived: no two wait for each other.
  const accepted: Resource[] = [];
  const arrived: Resource[] = [];
  for (let client = 0; client < clients; client++) {
    accepted.push(await acceptedTask(2 * client));
    const task = await acceptedTask(2 * client + 1);
    const encounter = { name: 'encounter', valueReference: { display: '就诊' } };
    arrived.push(await ask(operation(task, 'arrive', encounter)));
  }
  for (const [name, call] of inTurn(stepping)) await run(name, call);
  async function run(name: string, call: (client: number) => Call): Promise<void> {
    counters.fill(counters[0]! - (counters[0]! % 2));
    connect();
    const figures = await measure(
      async (client) => {
        const asked = call(client);
        const { status } = await connections[client]!.send(asked).catch(() => {
          connections[client] = new Connection(server.base);
          return connections[client].send(asked);
        });
        return status === 200;
      },
      { clients, seconds },
    );
    // Each client ends its round with the Task in the state that it began with.
    for (let client = 0; client < clients; client++)
      if (name === 'step by an operation' && counters[client]! % 2) await ask(call(client));
    if (figures.perSecond > (best.get(name)?.perSecond ?? 0)) best.set(name, figures);
    if (figures.errors > 0) throw new Error(`${name}: ${figures.errors} errors`);
  }
  const rate = (name: string) => best.get(name)!.perSecond;
  const base: Record<string, string> = {
    'step by an update': 'plain update of a Task',
    'step by an operation': 'plain update of a Task',
    'next steps': 'worklist',
    'overdue list': 'worklist',
  };
  for (const [name, { perSecond, p50, p99 }] of best) {
    const part = base[name] ? `  ${(perSecond / rate(base[name])).toFixed(2)} of ${base[name]}` : '';
    process.stdout.write(
      `${name.padEnd(24)} ${perSecond.toFixed(0).padStart(6)}/s  p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms${part}\n`,
    );
  }
} finally {
  for (const connection of connections) connection.close();
  await server.stop();
  rmSync(folder, { recursive: true });
}

/** The Task of a patient's referral. */
async function taskOf(patient: number): Promise<Resource> {
  const path = `Task?focus=ServiceRequest/${loadedId('ServiceRequest', patient, 1)}`;
  const { entry } = (await ask({ method: 'GET', path })) as unknown as {
    entry: { resource: Resource }[];
  };
  return entry[0]!.resource;
}

/** The same, accepted. */
async function acceptedTask(patient: number): Promise<Resource> {
  return ask(
    operation(
      await taskOf(patient),
      'accept',
      { name: 'department', valueString: '心血管内科' },
      { name: 'liaison', valueString: '李慧' },
      { name: 'arrival-period', valuePeriod: { end: '2083-01-01' } },
    ),
  );
}
