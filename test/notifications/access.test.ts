import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import type { Actor } from '../../src/interactions/actor.ts';
import { askingOn, consentOf, recipient, system } from '../access/asking.ts';
import { clientDevice, given, organization, secure } from '../environment/access.ts';
import { onEachEngine } from '../environment/server.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { toldHere } from './subscribing.ts';

const at = (house: string, roles: string[], more: Partial<Actor> = {}): Actor => ({
  organization: `Organization/${house}`,
  client: `Device/${house}-his`,
  roles,
  ...more,
});
const township = at('qingshi', ['referrer']);
const hospital = at('county', ['receiver']);
const other = at('other', ['receiver']);
const platform = at('region', ['platform'], { purpose: 'TREAT' });

onEachEngine(
  (server) => {
    let receiver: Receiver;
    let paths = 0;
    const ask = askingOn(server);
    beforeAll(async () => {
      receiver = await startReceiver();
      for (const who of [township, hospital, other, platform]) {
        const house = who.organization!.slice('Organization/'.length);
        await given(
          server,
          organization(house),
          clientDevice(`${house}-his`, { roles: who.roles, organization: who.organization! }),
        );
      }
    });
    afterAll(() => receiver.down());

    /** A subscription of an actor to all Tasks, and what its receiver is told. */
    async function subscribed(who: Actor, criteria = 'Task') {
      const path = `/at-${++paths}`;
      const { body, status, text } = await ask(who, 'POST', '/Subscription', {
        resourceType: 'Subscription',
        status: 'requested',
        reason: 'Tasks',
        criteria,
        channel: { type: 'rest-hook', endpoint: `${receiver.url}${path}`, payload: 'application/fhir+json' },
      });
      if (status !== 201) throw new Error(text);
      await until(who, body.id!, 'active');
      const own = (all: readonly Receiver['received'][number][]) =>
        all.filter((each) => each.path.startsWith(`${path}/`));
      return {
        id: body.id!,
        told: async (least: number) =>
          own(await receiver.until((all) => own(all).length >= least)).map((each) =>
            each.path.slice(path.length + 1),
          ),
      };
    }

    async function until(who: Actor, id: string, wanted: string): Promise<Resource> {
      for (;;) {
        const { body } = await ask(who, 'GET', `/Subscription/${id}`);
        if (body.status === wanted) return body;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }

    /** The township asks a house for something about a patient of its own. */
    async function aTask(house: string): Promise<{ task: string; patient: string }> {
      const {
        shown: [patient],
      } = await ask(township, 'POST', '/Patient', { resourceType: 'Patient' });
      const {
        shown: [task],
      } = await ask(township, 'POST', '/Task', {
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        for: { reference: patient },
        requester: { reference: township.organization },
        owner: { reference: `Organization/${house}` },
      });
      return { task: task!, patient: patient! };
    }

    async function numbersOf(who: Actor, id: string): Promise<string[]> {
      const { body } = await ask(who, 'GET', `/Subscription/${id}/$events`);
      const [status] = body.entry as { resource: { parameter: (Element & { part?: Element[] })[] } }[];
      return status!.resource.parameter
        .filter(({ name }) => name === 'notification-event')
        .map(({ part }) => String(part![0]!.valueString));
    }

    test('one is told of what one may see, and the numbers tell nothing of the rest', async () => {
      const own = await subscribed(hospital);
      const foreign = await aTask('other');
      const first = await aTask('county');
      await aTask('other');
      const second = await aTask('county');
      expect(await own.told(2)).toEqual([first.task, second.task]);
      expect(await numbersOf(hospital, own.id)).toEqual(['1', '2']);
      const { text } = await ask(hospital, 'GET', `/Subscription/${own.id}/$events?content=full-resource`);
      expect(text).not.toContain(foreign.task);
    });

    test('what one may no longer see when it would be told is not told, and leaves no gap', async () => {
      const own = await subscribed(hospital);
      await receiver.down();
      const denied = await aTask('county');
      const consent = consentOf(denied.patient, { type: 'deny', actor: [recipient('county')] });
      expect((await ask(township, 'POST', '/Consent', consent)).status).toBe(201);
      const left = await aTask('county');
      await receiver.up();
      expect(await own.told(1)).toEqual([left.task]);
      expect(await numbersOf(hospital, own.id)).toEqual(['1']);
    });

    test('a search may look into other resources, as far as one may see these', async () => {
      const own = await subscribed(hospital, 'Task?requester:Organization.name=qingshi');
      const { task } = await aTask('county');
      expect(await own.told(1)).toEqual([task]);
    });

    test('a platform that says why is told of referrals, and sees its own subscription', async () => {
      const own = await subscribed(platform);
      const { task } = await aTask('county');
      expect(await own.told(1)).toEqual([task]);
    });

    test('a subscription is its organization’s alone', async () => {
      const { id } = await subscribed(hospital);
      expect((await ask(other, 'GET', `/Subscription/${id}`)).status).toBe(404);
      expect((await ask(other, 'GET', `/Subscription/${id}/$events`)).status).toBe(404);
      const { body } = await ask(other, 'GET', '/Subscription/$status');
      expect(JSON.stringify(body)).not.toContain(id);
    });

    test('who was let in and no longer is, is told nothing more', async () => {
      const own = await subscribed(hospital);
      await given(
        server,
        clientDevice('county-his', {
          roles: hospital.roles,
          organization: hospital.organization!,
          status: 'inactive',
        }),
      );
      await aTask('county');
      const failed = await until(system, own.id, 'error');
      expect(failed.error).toContain('no longer let in');
      expect(await own.told(0)).toEqual([]);
      await given(
        server,
        clientDevice('county-his', { roles: hospital.roles, organization: hospital.organization! }),
      );
    });

    test.each([
      [
        'an administrator, who is of no organization',
        { roles: ['administrator'], client: 'Device/x' } as Actor,
      ],
      [
        'whose scopes permit nothing of the type',
        { ...hospital, scopes: [{ context: 'system', type: 'Subscription', permissions: 'cruds' }] } as Actor,
      ],
    ])('nobody subscribes who may not see it: %s', async (_, who) => {
      const { status } = await ask(who, 'POST', '/Subscription', {
        resourceType: 'Subscription',
        status: 'requested',
        reason: 'Tasks',
        criteria: 'Task',
        channel: { type: 'rest-hook', endpoint: receiver.url },
      });
      expect(status).toBe(403);
    });

    test('what one is told is recorded, with the patient whom it is about', async () => {
      const own = await subscribed(other);
      const { task, patient } = await aTask('other');
      expect(await own.told(1)).toEqual([task]);
      const { store } = server.running.server;
      const recorded = (
        await store.search({ type: 'AuditEvent', filter: { kind: 'all' }, sort: [], limit: 500 })
      ).map(({ version }) => JSON.parse(version.text) as Resource);
      const told = recorded.find(
        ({ entity }) =>
          (entity as { what: { reference?: string } }[]).some(
            ({ what }) => what.reference === `Subscription/${own.id}`,
          ) && (entity as { what: { reference?: string } }[]).some(({ what }) => what.reference === patient),
      );
      expect(told).toMatchObject({ action: 'R', outcome: '0' });
      expect(JSON.stringify(told!.agent)).toContain('Organization/other');
    });

    test('the topics are for all to read', async () => {
      const { shown } = await ask(
        township,
        'GET',
        '/Basic?code=http://hl7.org/fhir/fhir-types%7CSubscriptionTopic',
      );
      expect(shown).toContain('Basic/topic-referral-task');
      expect((await ask(township, 'GET', '/Basic/topic-overdue')).status).toBe(200);
    });
  },
  { ...secure, ...toldHere },
);
