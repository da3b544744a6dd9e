import { beforeAll, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { type TakenStep, takenSteps } from '../../src/referral/workflow/taken-steps.ts';
import { onEachEngine, type TestServer } from '../environment/server.ts';
import { example, newReferral, referring, the } from './referrals.ts';

const hour = 3_600_000;
let start = Date.parse('2026-12-01T01:00:00Z');
let now = start;

/** Another day: the server's clock never goes back. */
function nextDay(): void {
  start += 24 * hour;
  now = start;
}

/** The steps that a Task says it has taken, each with the hours since the start. */
function hoursOf(task: Resource): string[] {
  return takenSteps(task).map(({ step, time }: TakenStep) => `${step} ${(time - start) / hour}`);
}

async function call(server: TestServer, task: string, name: string, parameter: object[] = []): Promise<void> {
  await server
    .post(`/Task/${task}/${name}`, { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) })
    .expect(200);
}

onEachEngine(
  (server) => {
    const { accepted, read } = referring(server);
    beforeAll(async () => {
      await server.post('/', example('community')).expect(200);
    });

    test('a Task tells which steps it has taken, when, and until when each was owed', async () => {
      nextDay();
      const { Task: task } = await accepted(newReferral());
      const owed = (await read('Task', task!)).extension as { url: string; valueDateTime?: string }[];
      const due = owed.find(({ url }) => url.endsWith('/due'))!.valueDateTime!;
      now = start + hour;
      await call(server, task!, '$acknowledge');
      now = start + 2 * hour;
      await call(server, task!, '$accept', [
        { name: 'arrival-period', valuePeriod: { end: '2026-12-08T17:30:00+08:00' } },
      ]);
      const stored = await read('Task', task!);
      expect(hoursOf(stored)).toEqual(['submit 0', 'acknowledge 1', 'accept 2']);
      expect(takenSteps(stored)[0]).not.toHaveProperty('due');
      expect(takenSteps(stored)[1]!.due).toBe(Date.parse(due));
    });

    test('what a client writes there does not count, and leaving it out takes nothing away', async () => {
      nextDay();
      const bundle = newReferral();
      const url = 'https://w3id.org/zhuanzhen/StructureDefinition/step-taken';
      const made = {
        url,
        extension: [
          { url: 'step', valueCode: 'arrive' },
          { url: 'time', valueDateTime: '2020-01-01' },
        ],
      };
      Object.assign(the(bundle, 'Task'), { extension: [made] });
      const { Task: task } = await accepted(bundle);
      expect(hoursOf(await read('Task', task!))).toEqual(['submit 0']);

      now = start + hour;
      const { extension: _, ...bare } = await read('Task', task!);
      await server.put(`/Task/${task}`, { ...bare, status: 'received' }).expect(200);
      expect(hoursOf(await read('Task', task!))).toEqual(['submit 0', 'acknowledge 1']);
    });
  },
  {},
  () => now,
);
