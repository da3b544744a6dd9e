import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { type Receiver, startReceiver } from './receiver.ts';

/** A server that may tell whoever listens on this machine, and soon tries again. */
const settings = {
  SUBSCRIPTION_NETWORKS: '127.0.0.0/8',
  SUBSCRIPTION_HTTP: 'on',
  SUBSCRIPTION_RETRY: '10',
  SUBSCRIPTION_PATIENCE: '1500',
};

const secret = 'a secret of thirty-two characters';
const secretUrl = 'https://w3id.org/zhuanzhen/StructureDefinition/signing-secret';

function aSubscription(criteria: string, channel: Element): Resource {
  return {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'to be told / 接收通知',
    criteria,
    channel: { type: 'rest-hook', ...channel },
  };
}

onEachEngine((server) => {
  let receiver: Receiver;
  let count = 0;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.down());

  /** Whoever listens at a path of its own, with a subscription to patients of a family name of their own. */
  async function subscribed(channel: Element = {}) {
    const family = `name-${++count}`;
    const endpoint = `${receiver.url}/${family}`;
    const { body, status } = await server.post(
      '/Subscription',
      aSubscription(`Patient?family=${family}`, { endpoint, ...channel }),
    );
    if (status !== 201) throw new Error(JSON.stringify(body));
    const id = body.id as string;
    await statusOf(id, 'active');
    return {
      id,
      family,
      write: async (given: string) =>
        (await server.post('/Patient', { resourceType: 'Patient', name: [{ family, given: [given] }] })).body
          .id as string,
      told: async (least: number) => {
        const own = (all: Receiver['received']) => all.filter(({ path }) => path.startsWith(`/${family}`));
        return own(await receiver.until((all) => own([...all]).length >= least));
      },
    };
  }

  /** Waits until a subscription has a status. */
  async function statusOf(id: string, wanted: string): Promise<Resource> {
    for (;;) {
      const { body } = await server.get(`/Subscription/${id}`);
      if (body.status === wanted) return body;
    }
  }

  describe('a subscription to a search', () => {
    test('is told without a body that something matches, each time that it is written', async () => {
      const { write, told, family } = await subscribed();
      const id = await write('San');
      await server.post('/Patient', { resourceType: 'Patient', name: [{ family: 'somebody else' }] });
      await server.put(`/Patient/${id}`, { resourceType: 'Patient', id, name: [{ family, given: ['Si'] }] });
      const received = await told(2);
      expect(received.map(({ method, path, body }) => [method, path, body])).toEqual([
        ['POST', `/${family}`, ''],
        ['POST', `/${family}`, ''],
      ]);
    });

    test('with a media type gets each resource, by an update, in the order of the writes', async () => {
      const { write, told, family } = await subscribed({ payload: 'application/fhir+json' });
      const ids = [await write('1'), await write('2'), await write('3')];
      const received = await told(3);
      expect(received.map(({ method, path }) => [method, path])).toEqual(
        ids.map((id) => ['PUT', `/${family}/Patient/${id}`]),
      );
      expect(received[0]!.headers['content-type']).toBe('application/fhir+json');
      const { body } = await server.get(`/Patient/${ids[0]}`);
      expect(JSON.parse(received[0]!.body)).toEqual(body);
    });

    test('gets XML where it wants that', async () => {
      const { write, told } = await subscribed({ payload: 'application/fhir+xml' });
      await write('San');
      const [received] = await told(1);
      expect(received!.body).toMatch(/<Patient xmlns="http:\/\/hl7.org\/fhir">/);
    });

    test('is told nothing more once it is off, or deleted', async () => {
      const { id, write, told } = await subscribed();
      const other = await subscribed();
      await write('1');
      await told(1);
      const { body } = await server.get(`/Subscription/${id}`);
      await server.put(`/Subscription/${id}`, { ...body, status: 'off' });
      await server.delete(`/Subscription/${other.id}`);
      await write('2');
      await other.write('1');
      const last = await subscribed();
      await last.write('1');
      await last.told(1);
      expect(await told(1)).toHaveLength(1);
      expect(await other.told(0)).toHaveLength(0);
    });
  });

  describe('a receiver', () => {
    test('that was down gets all, in order, when it is up again', async () => {
      const { write, told } = await subscribed({ payload: 'application/fhir+json' });
      await receiver.down();
      const ids = [await write('1'), await write('2'), await write('3')];
      await receiver.up();
      const received = await told(3);
      expect(received.map(({ path }) => path.split('/').at(-1))).toEqual(ids);
    });

    test('that answers that it cannot is asked again, and what is behind waits', async () => {
      const { write, told } = await subscribed({ payload: 'application/fhir+json' });
      let failures = 0;
      receiver.answer = () => (failures++ < 2 ? 503 : 200);
      const ids = [await write('1'), await write('2')];
      const received = await told(4);
      receiver.answer = 200;
      expect(received.map(({ path }) => path.split('/').at(-1))).toEqual([ids[0], ids[0], ids[0], ids[1]]);
    });

    test('that is gone for too long puts the subscription into error, which says why, until it is asked for again', async () => {
      const { id, write, told } = await subscribed({ payload: 'application/fhir+json' });
      receiver.answer = 503;
      const first = await write('1');
      const failed = await statusOf(id, 'error');
      expect(failed.error).toBe('HTTP 503');
      const second = await write('2');
      receiver.answer = 200;
      const before = (await told(1)).length;
      await server.put(`/Subscription/${id}`, { ...failed, status: 'requested' });
      const received = (await told(before + 2)).slice(before);
      expect(received.map(({ path }) => path.split('/').at(-1))).toEqual([first, second]);
      expect((await statusOf(id, 'active')).error).toBeUndefined();
    });
  });

  describe('secrets', () => {
    test('go to the receiver, and are shown to nobody again', async () => {
      const { id, write, told } = await subscribed({
        payload: 'application/fhir+json',
        header: ['Authorization: Bearer top-secret', 'X-Station: 7'],
        extension: [{ url: secretUrl, valueString: secret }],
      });
      await write('San');
      const [{ headers, body }] = (await told(1)) as [Receiver['received'][number]];
      expect(headers).toMatchObject({ authorization: 'Bearer top-secret', 'x-station': '7' });
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const signature = createHmac('sha256', secret).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${signature}`);

      for (const path of [
        `/Subscription/${id}`,
        `/Subscription/${id}/_history`,
        `/Subscription?_id=${id}`,
        `/Subscription/${id}/_history/1`,
      ]) {
        const { text } = await server.get(path);
        expect(text).not.toMatch(/top-secret|thirty-two/);
        expect(text).toContain('Authorization: ***');
      }
    });

    test('stay when what was read is sent back with its masks', async () => {
      const { id, write, told } = await subscribed({
        header: ['Authorization: Bearer top-secret'],
        extension: [{ url: secretUrl, valueString: secret }],
      });
      const { body } = await server.get(`/Subscription/${id}`);
      const { status } = await server.put(`/Subscription/${id}`, { ...body, reason: 'another' });
      expect(status).toBe(200);
      await write('San');
      const [{ headers }] = (await told(1)) as [Receiver['received'][number]];
      expect(headers.authorization).toBe('Bearer top-secret');
      expect(headers['webhook-signature']).toBeDefined();
    });

    test('are not made of a mask that hides nothing', async () => {
      const { status, body } = await server.post(
        '/Subscription',
        aSubscription('Patient?family=x', { endpoint: receiver.url, header: ['Authorization: ***'] }),
      );
      expect(status).toBe(422);
      expect(JSON.stringify(body)).toContain('Authorization');
    });
  });

  describe('what the server cannot do is refused, and said in both languages', () => {
    test.each([
      ['another channel', 'Patient', { type: 'email', endpoint: 'mailto:a@example.org' }, 422, 'rest-hook'],
      ['no endpoint', 'Patient', {}, 422, 'address'],
      ['a payload', 'Patient', { endpoint: 'http://127.0.0.1/a', payload: 'text/plain' }, 422, 'fhir'],
      ['a target inside', 'Patient', { endpoint: 'http://10.0.0.1/a' }, 422, 'own network'],
      [
        'a header of its own',
        'Patient',
        { endpoint: 'http://127.0.0.1/a', header: ['Host: a'] },
        422,
        'Host',
      ],
      ['an unknown type', 'Nothing?a=b', { endpoint: 'http://127.0.0.1/a' }, 400, 'topic'],
      ['an unknown parameter', 'Patient?nothing=b', { endpoint: 'http://127.0.0.1/a' }, 400, 'nothing'],
      [
        'an unknown topic',
        'http://example.org/t',
        { endpoint: 'http://127.0.0.1/a', payload: 'application/fhir+json' },
        400,
        'topic',
      ],
    ] as [string, string, Element, number, string][])('%s', async (_, criteria, channel, status, word) => {
      const answer = await server.post('/Subscription', aSubscription(criteria, channel));
      expect(answer.status).toBe(status);
      expect(answer.text).toContain(word);
      expect(answer.text).toMatch(/[一-鿿]/);
    });
  });
}, settings);
