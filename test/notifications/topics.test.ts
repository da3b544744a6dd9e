import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { example, newReferral } from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import {
  heartbeat,
  maxCount,
  readNotification,
  readStatus,
  toldHere,
  topic,
  toTopic,
  untilStatus,
} from './subscribing.ts';

const hour = 3_600_000;
let now = Date.now();

onEachEngine(
  (server) => {
    let receiver: Receiver;
    let paths = 0;
    beforeAll(async () => {
      receiver = await startReceiver();
      await server.post('', example('community')).expect(200);
    });
    afterAll(() => receiver.down());

    /** A receiver at a path of its own, and its subscription, which is active. */
    async function subscribed(id: string, filters: string[], content: string, extension: object[] = []) {
      const path = `/at-${++paths}`;
      const channel = { endpoint: `${receiver.url}${path}`, ...(extension.length > 0 && { extension }) };
      const { body } = await server
        .post('/Subscription', toTopic(id, filters, content, channel as never))
        .expect(201);
      await untilStatus(server.get, body.id, 'active');
      return {
        id: body.id as string,
        told: async (least: number, type = 'event-notification') => {
          const own = (all: readonly Receiver['received'][number][]) =>
            all
              .filter((each) => each.path === path)
              .map((each) => readNotification(each.body))
              .filter((each) => each.type === type);
          return own(await receiver.until((all) => own(all).length >= least));
        },
      };
    }

    /** A new referral; the id of its Task. */
    async function refer(): Promise<string> {
      const { body } = await server.post('', newReferral()).expect(200);
      const { response } = (body.entry as { response: { location: string } }[]).find((each) =>
        each.response.location.includes('/Task/'),
      )!;
      return /Task\/([^/]+)/.exec(response.location)![1]!;
    }

    const owner = 'Task?owner=Organization/yongan-county-hospital';

    test('a receiver is asked by a handshake before it is told anything, and refuses by its answer', async () => {
      const { told } = await subscribed('referral-task', [], 'id-only');
      const [handshake] = await told(1, 'handshake');
      expect(handshake).toMatchObject({
        status: 'requested',
        count: 0,
        topic: topic('referral-task'),
        events: [],
      });

      receiver.answer = 404;
      const channel = { endpoint: `${receiver.url}/not-here` };
      const { body } = await server.post('/Subscription', toTopic('referral-task', [], 'empty', channel));
      const failed = await untilStatus(server.get, body.id, 'error');
      receiver.answer = 200;
      expect(failed.error).toBe('HTTP 404');
    });

    test.each([
      ['empty', undefined, 0],
      ['id-only', 'Task', 0],
      ['full-resource', 'Task', 1],
    ] as const)('with the content %s one is told just so much', async (content, focus, resources) => {
      const { told } = await subscribed('referral-task', [owner], content);
      const task = await refer();
      const [notification] = await told(1);
      expect(notification).toMatchObject({ status: 'active', count: 1, events: [{ number: 1 }] });
      expect(notification!.topic).toBe(content === 'empty' ? undefined : topic('referral-task'));
      expect(notification!.events[0]!.focus).toBe(focus && `${focus}/${task}`);
      const shown = notification!.entries.filter(({ resource }) => resource !== undefined);
      expect(shown.filter(({ resource }) => resource!.resourceType === 'Task')).toHaveLength(resources);
      if (content === 'empty') expect(notification!.entries).toEqual([]);
      // The referral comes along with its Task.
      else expect(notification!.events[0]!.context).toEqual([expect.stringMatching(/^ServiceRequest\//)]);
    });

    test('each step is told to those whose filters it meets, by the numbers of each', async () => {
      const all = await subscribed('referral-task', [owner], 'id-only');
      const accepted = await subscribed('referral-task', [owner, 'status=accepted'], 'id-only');
      const others = await subscribed('referral-task', ['owner=Organization/nobody'], 'id-only');
      const requests = await subscribed('referral-request', ['direction=up'], 'id-only');
      const task = await refer();
      await server
        .post(`/Task/${task}/$accept`, {
          resourceType: 'Parameters',
          parameter: [
            { name: 'arrival-period', valuePeriod: { end: new Date(now + 24 * hour).toISOString() } },
          ],
        })
        .expect(200);
      const numbersOf = (notifications: Awaited<ReturnType<typeof all.told>>) =>
        notifications.flatMap(({ events }) => events.map(({ number, focus }) => [number, focus]));
      expect(numbersOf(await all.told(2)).slice(0, 2)).toEqual([
        [1, `Task/${task}`],
        [2, `Task/${task}`],
      ]);
      expect(numbersOf(await accepted.told(1))).toEqual([[1, `Task/${task}`]]);
      expect(numbersOf(await requests.told(1))[0]).toEqual([1, expect.stringMatching(/^ServiceRequest\//)]);
      expect(await others.told(0)).toEqual([]);
    });

    test('who has missed something sees by the number how many there are, and catches up by $events', async () => {
      const { id, told } = await subscribed('referral-task', [owner], 'id-only', [maxCount(1)]);
      await refer();
      await told(1);
      await receiver.down();
      const tasks = [await refer(), await refer()];
      const statusNow = async () =>
        readStatus((await server.get(`/Subscription/${id}/$status`)).body.entry[0].resource as Resource);
      for (;;) if ((await statusNow()).count === 3) break;
      expect(await statusNow()).toMatchObject({ type: 'query-status', status: 'active', count: 3 });

      const { text } = await server.get(
        `/Subscription/${id}/$events?eventsSinceNumber=2&content=full-resource`,
      );
      const missed = readNotification(text);
      expect(missed).toMatchObject({ type: 'query-event', count: 3 });
      expect(missed.events.map(({ number, focus }) => [number, focus])).toEqual([
        [2, `Task/${tasks[0]}`],
        [3, `Task/${tasks[1]}`],
      ]);
      expect(missed.entries.filter(({ resource }) => resource?.resourceType === 'Task')).toHaveLength(2);
      await receiver.up();
      expect((await told(3)).map(({ events }) => events.map(({ number }) => number))).toEqual([
        [1],
        [2],
        [3],
      ]);
    });

    test('what the receiver does not want is left to a person, who can have it sent again', async () => {
      const { id, told } = await subscribed('referral-task', [owner], 'id-only');
      const refused = await refer();
      await told(1);
      receiver.answer = ({ body }) => (body.includes(`Task/${refused}`) ? 422 : 200);
      await server.post(`/Task/${refused}/$accept`, {
        resourceType: 'Parameters',
        parameter: [
          { name: 'arrival-period', valuePeriod: { end: new Date(now + 24 * hour).toISOString() } },
        ],
      });
      const next = await refer();
      for (;;) {
        const last = (await told(1)).at(-1)!;
        if (last.events.some(({ focus }) => focus === `Task/${next}`)) break;
        await receiver.until((all) => all.length > 0);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const dead = readNotification((await server.get(`/Subscription/${id}/$dead-letters`)).text);
      expect(dead.error).toBe('2: HTTP 422');
      expect(dead.events).toMatchObject([{ number: 2, focus: `Task/${refused}` }]);

      receiver.answer = 200;
      const before = (await told(1)).length;
      await server
        .post(`/Subscription/${id}/$resend`, {
          resourceType: 'Parameters',
          parameter: [
            { name: 'eventsSinceNumber', valueString: '2' },
            { name: 'eventsUntilNumber', valueString: '2' },
          ],
        })
        .expect(200);
      for (;;) {
        const again = (await told(before + 1)).slice(before).flatMap(({ events }) => events);
        if (again.some(({ number, focus }) => number === 2 && focus === `Task/${refused}`)) break;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(readNotification((await server.get(`/Subscription/${id}/$dead-letters`)).text).events).toEqual(
        [],
      );
    });

    test('a heartbeat says that the line stands when there is nothing to tell', async () => {
      const { told } = await subscribed('referral-task', ['owner=Organization/nobody'], 'empty', [
        heartbeat(1),
      ]);
      const [beat] = await told(1, 'heartbeat');
      expect(beat).toMatchObject({ status: 'active', count: 0, events: [] });
    });

    test('when the time for the next step has passed it is told, once', async () => {
      const { told, id } = await subscribed('overdue', [owner], 'id-only');
      const task = await refer();
      now += 14 * 24 * hour;
      const own = async () =>
        (await told(1)).flatMap(({ events }) => events).filter(({ focus }) => focus === `Task/${task}`);
      for (;;) if ((await own()).length > 0) break;
      // A note on it is no new term.
      const { body } = await server.get(`/Task/${task}`);
      await server.put(`/Task/${task}`, { ...body, note: [{ text: '已电话联系' }] });
      now += hour;
      const after = await subscribed('referral-task', [owner], 'id-only');
      await refer();
      await after.told(1);
      const { text } = await server.get(`/Subscription/${id}/$events`);
      expect(readNotification(text).events.filter(({ focus }) => focus === `Task/${task}`)).toHaveLength(1);
    });

    describe('the CapabilityStatement', () => {
      test('names the topics and where websockets are', async () => {
        const { body } = await server.get('/metadata');
        const [rest] = body.rest as {
          extension: object[];
          resource: { type: string; extension?: object[] }[];
        }[];
        expect(rest!.extension).toEqual([
          expect.objectContaining({ valueUri: expect.stringMatching(/^ws:.*\/websocket$/) }),
        ]);
        const { extension } = rest!.resource.find(({ type }) => type === 'Subscription')!;
        expect(extension).toEqual(
          expect.arrayContaining([expect.objectContaining({ valueCanonical: topic('referral-task') })]),
        );
      });

      test('the topics can be read', async () => {
        const { body } = await server.get('/Basic?code=http://hl7.org/fhir/fhir-types|SubscriptionTopic');
        expect(body.total ?? body.entry.length).toBeGreaterThanOrEqual(3);
      });
    });
  },
  toldHere,
  () => now,
);
