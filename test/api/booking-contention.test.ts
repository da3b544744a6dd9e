import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { baseOf, type ServerProcess, startProcess } from '../environment/server-process.ts';
import { department, departmentAndSlots, slotParameter } from './appointments.ts';

const clients = 200;
const slots = 20;

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-booking-'));
const started: ServerProcess[] = [];
afterAll(async () => {
  for (const { child } of started) child.kill('SIGTERM');
  await Promise.all(started.map(({ gone }) => gone));
  rmSync(folder, { recursive: true });
});

/** The servers, each a process of its own, on one store. */
const arrangements = [
  ['one server on the embedded engine', () => [{ DATA_DIR: folder }]],
  ...(mongodbUri()
    ? ([
        [
          'two servers on one MongoDB',
          () => {
            const MONGODB_URI = newDatabaseUri(mongodbUri()!);
            return [{ MONGODB_URI }, { MONGODB_URI }];
          },
        ],
      ] as const)
    : []),
] as const satisfies readonly (readonly [string, () => readonly Record<string, string>[]])[];

describe.each(arrangements)('%s', (_, places) => {
  test(`${clients} clients book ${slots} slots at one moment: each slot is booked once, and all others are told so`, async () => {
    const processes = places().map((place) => startProcess('src/main.ts', { LOG_LEVEL: 'info', ...place }));
    started.push(...processes);
    const bases = await Promise.all(processes.map(baseOf));
    for (const base of bases) await untilReady(base);
    const send = (base: string, path: string, body: object) =>
      fetch(`${base}${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/fhir+json' },
        body: JSON.stringify(body),
      });
    expect((await send(bases[0]!, '/', departmentAndSlots(slots))).status).toBe(200);

    const statuses = await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        const base = bases[client % bases.length]!;
        // Of the ten that want a slot, five at each server, some know the operation and some do not.
        const slot = `slot-${Math.floor(client / bases.length) % slots}`;
        const answer = await (client % 3 === 0
          ? send(base, '/Appointment', appointmentIn(slot))
          : send(base, '/Appointment/$book', booking(slot)));
        await answer.body?.cancel();
        return answer.status < 300 ? 'booked' : answer.status;
      }),
    );
    expect(Map.groupBy(statuses, (status) => status).get('booked')).toHaveLength(slots);
    expect(new Set(statuses)).toEqual(new Set(['booked', 409]));

    const all = async (query: string): Promise<Resource[]> => {
      const { entry } = (await (await fetch(`${bases[0]}${query}`)).json()) as {
        entry: { resource: Resource }[];
      };
      return entry.map(({ resource }) => resource);
    };
    const appointments = await all('/Appointment?status=booked&_count=1000');
    expect(appointments.map(slotOf).sort()).toEqual(
      Array.from({ length: slots }, (_, n) => `Slot/slot-${n}`).sort(),
    );
    expect(await all('/Slot?status=busy&_count=1000')).toHaveLength(slots);
  });
});

function booking(slot: string): object {
  return {
    resourceType: 'Parameters',
    parameter: [slotParameter(slot), { name: 'patient', valueReference: { display: '张三' } }],
  };
}

function appointmentIn(slot: string): object {
  return {
    resourceType: 'Appointment',
    status: 'booked',
    start: '2083-03-01T08:00:00+08:00',
    end: '2083-03-01T08:15:00+08:00',
    slot: [{ reference: `Slot/${slot}` }],
    participant: [{ actor: { reference: department }, status: 'accepted' }],
  };
}

function slotOf({ slot }: Resource): string {
  return (slot as { reference: string }[])[0]!.reference;
}

async function untilReady(base: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await fetch(new URL('/readyz', base))).ok)
    if (Date.now() > end) throw new Error('The server is not ready');
}
