import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { loadXml } from '../../src/fhir/xml/xml.ts';
import { apiKey, clientDevice, given, organization, secure } from '../environment/access.ts';
import { onEachEngine } from '../environment/server.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { heartbeat, readNotification, toldHere, toTopic } from './subscribing.ts';

const key = apiKey('county-his');
const otherKey = apiKey('other-his');

const withoutExtension = ({ extension: _, ...channel }: Element) => channel;

onEachEngine(
  (server) => {
    beforeAll(async () => {
      for (const [house, { registered }] of [
        ['county', key],
        ['other', otherKey],
      ] as const)
        await given(
          server,
          organization(house),
          clientDevice(`${house}-his`, {
            roles: ['receiver'],
            organization: `Organization/${house}`,
            apiKeys: [registered],
          }),
        );
    });
    const post = (path: string, body: object) => server.post(path, body).set('X-Api-Key', key.key);
    const get = (path: string, as = key) => server.get(path).set('X-Api-Key', as.key);

    async function subscribe(subscription: Resource): Promise<string> {
      const { body } = await post('/Subscription', subscription).expect(201);
      for (;;) if ((await get(`/Subscription/${body.id}`)).body.status === 'active') return body.id as string;
    }

    /** A Task of the house itself; its id. */
    async function aTask(): Promise<string> {
      const { body } = await post('/Task', {
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        businessStatus: {
          coding: [{ system: 'https://w3id.org/zhuanzhen/CodeSystem/x', code: 'x' }],
        },
      }).expect(201);
      return body.id as string;
    }

    /** A socket, and what comes over it. */
    async function connect(url: string, headers: Record<string, string> = {}) {
      const socket = new WebSocket(url, { headers });
      const messages: string[] = [];
      const changed = new EventTarget();
      socket.on('message', (data) => {
        messages.push(String(data));
        changed.dispatchEvent(new Event('message'));
      });
      await once(socket, 'open');
      return {
        socket,
        messages,
        until: async (count: number) => {
          while (messages.length < count) await once(changed, 'message');
          return messages;
        },
      };
    }

    async function tokenFor(path: string, as = key) {
      const { body } = await get(path, as).expect(200);
      const value = (name: string) =>
        Object.entries((body.parameter as Element[]).find((each) => each.name === name)!).find(([member]) =>
          member.startsWith('value'),
        )![1] as string;
      return { token: value('token'), url: value('websocket-url') };
    }

    const plain = {
      resourceType: 'Subscription',
      status: 'requested',
      reason: 'x',
      criteria: 'Task',
      channel: { type: 'websocket' },
    };
    const bundled = () => ({
      ...toTopic('referral-task', [], 'id-only', { type: 'websocket' }),
      criteria: 'Task',
      channel: {
        ...(toTopic('referral-task', [], 'id-only', { type: 'websocket' }).channel as Element),
        extension: [heartbeat(1)],
      },
    });

    describe('a websocket', () => {
      test('that is bound with a token gets a handshake, then what has waited, then what comes', async () => {
        const id = await subscribe(bundled() as Resource);
        const waited = await aTask();
        const { token, url } = await tokenFor(`/Subscription/${id}/$get-ws-binding-token`);
        const { socket, until } = await connect(url);
        socket.send(`bind-with-token ${token}`);
        await until(2);
        const next = await aTask();
        const told = (await until(3)).map(readNotification).filter(({ type }) => type !== 'heartbeat');
        expect(told[0]).toMatchObject({ type: 'handshake', count: 0 });
        expect(told[1]!.events).toMatchObject([{ number: 1, focus: `Task/${waited}` }]);
        if (told[2]) expect(told[2].events).toMatchObject([{ number: 2, focus: `Task/${next}` }]);
        for (let count = 3; ; count++)
          if ((await until(count)).map(readNotification).some(({ type }) => type === 'heartbeat')) break;
        socket.close();

        const missed = await aTask();
        const since = async () => {
          const { text } = await get(`/Subscription/${id}/$events?eventsSinceNumber=3`).expect(200);
          return readNotification(text).events;
        };
        let events = await since();
        while (events.length === 0) events = await since();
        expect(events).toMatchObject([{ number: 3, focus: `Task/${missed}` }]);
      });

      test('tells in XML where the subscription says so, as in JSON', async () => {
        const channel = { type: 'websocket', payload: 'application/fhir+xml; fhirVersion=4.0' };
        const asked = toTopic('referral-task', [], 'full-resource', channel);
        const id = await subscribe({ ...asked, criteria: 'Task' });
        const task = await aTask();
        const { token, url } = await tokenFor(`/Subscription/${id}/$get-ws-binding-token`);
        const { socket, until } = await connect(url);
        socket.send(`bind-with-token ${token}`);
        const { read } = await loadXml(server.running.server.definitions);
        const [handshake, told] = (await until(2)).map((text) => {
          expect(text).toMatch(/^(?:<\?xml[^>]*>)?\s*<Bundle xmlns="http:\/\/hl7.org\/fhir">/);
          return readNotification(read(Buffer.from(text), 64));
        });
        expect(handshake).toMatchObject({ type: 'handshake', count: 0, events: [] });
        expect(told).toMatchObject({
          events: [{ number: 1, focus: `Task/${task}` }],
          entries: [{ resource: { resourceType: 'Task', id: task, intent: 'order' } }],
        });
        socket.close();
      });

      test('of R4 is bound by its id, by whoever may see the subscription, and pinged', async () => {
        const id = await subscribe(plain as Resource);
        const { url } = await tokenFor(`/Subscription/${id}/$get-ws-binding-token`);
        const { socket, until } = await connect(url, { 'X-Api-Key': key.key });
        socket.send(`bind ${id}`);
        await until(1);
        await aTask();
        expect(await until(2)).toEqual([`bound ${id}`, `ping ${id}`]);
        socket.close();
      });

      test.each([
        ['without a token and a key', {}, (id: string) => `bind ${id}`],
        ['with the key of another house', { 'X-Api-Key': otherKey.key }, (id: string) => `bind ${id}`],
        ['with a token that is none', {}, () => 'bind-with-token abc'],
      ])('is closed when it binds what is not for it: %s', async (_, headers, message) => {
        const id = await subscribe(plain as Resource);
        const { url } = await tokenFor(`/Subscription/${id}/$get-ws-binding-token`);
        const { socket, messages } = await connect(url, headers as Record<string, string>);
        socket.send(message(id));
        const [code] = await once(socket, 'close');
        expect(code).toBe(1008);
        expect(messages).toEqual([]);
      });

      test('is not opened by a page of another origin, nor with a wrong key, nor elsewhere', async () => {
        const url = `${server.base.replace(/^http/, 'ws')}/websocket`;
        const refused = (address: string, headers: Record<string, string>) =>
          new Promise((resolve) =>
            new WebSocket(address, { headers }).on('error', ({ message }) => resolve(message)),
          );
        expect(await refused(url, { Origin: 'https://evil.example.org' })).toContain('403');
        expect(await refused(url, { 'X-Api-Key': 'wrong' })).toContain('401');
        expect(await refused(`${url}s`, {})).toContain('404');
      });

      test('has no token of another house', async () => {
        const id = await subscribe(plain as Resource);
        await get(`/Subscription/${id}/$get-ws-binding-token`, otherKey).expect(404);
      });
    });

    describe('the channel message', () => {
      let receiver: Receiver;
      beforeAll(async () => {
        receiver = await startReceiver();
      });
      afterAll(() => receiver.down());

      test('brings the notification as the focus of a message', async () => {
        const { channel, ...rest } = bundled();
        await subscribe({
          ...rest,
          channel: { ...withoutExtension(channel), type: 'message', endpoint: `${receiver.url}/fhir` },
        } as unknown as Resource);
        const task = await aTask();
        const isTold = ({ body }: { body: string }) => body.includes(`Task/${task}`);
        const [told] = (await receiver.until((all) => all.some(isTold))).filter(isTold);
        expect([told!.method, told!.path]).toEqual(['POST', '/fhir/$process-message']);
        const message = JSON.parse(told!.body) as {
          type: string;
          entry: { fullUrl: string; resource: Resource }[];
        };
        const [header, focus] = message.entry;
        expect(message.type).toBe('message');
        expect(header!.resource).toMatchObject({
          resourceType: 'MessageHeader',
          destination: [{ endpoint: `${receiver.url}/fhir` }],
          focus: [{ reference: focus!.fullUrl }],
        });
        expect(readNotification(JSON.stringify(focus!.resource)).events).toMatchObject([
          { focus: `Task/${task}` },
        ]);
      });
    });
  },
  { ...secure, ...toldHere },
);
