import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { localDay } from '../../src/referral/registers/local-time.ts';
import { closedWeeks } from '../../src/referral/registers/weekly/week.ts';
import { example, newReferral, replaced, the } from '../api/referrals.ts';
import { mongodbUri, newDatabaseUri } from '../environment/mongodb.ts';
import { untilReadable } from '../environment/ready.ts';
import { engines, onEachEngine } from '../environment/server.ts';
import { baseOf, startProcess } from '../environment/server-process.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { readNotification, toldHere, topic, toTopic, untilStatus } from './subscribing.ts';

const [township, hospital] = ['qingshi-health-centre', 'yongan-county-hospital'] as const;
const system = 'https://w3id.org/zhuanzhen/sid/weekly-ledger';
const day = 86_400_000;

/** A referral of the example that was written on another day. */
function writtenOn(date: string) {
  const bundle = newReferral();
  const [written] = String(the(bundle, 'ServiceRequest').authoredOn).split('T');
  return replaced(bundle, { [written!]: date, '2026-11-23T17:30': '2099-12-31T17:30' });
}

/** What a receiver was told at a path, once there are so many events. */
async function toldAt(receiver: Receiver, path: string, least: number) {
  const events = (all: readonly Receiver['received'][number][]) =>
    all
      .filter((each) => each.path === path)
      .map(({ body }) => readNotification(body))
      .filter(({ type }) => type === 'event-notification')
      .flatMap((told) => told.events.map((event, index) => ({ ...event, entry: told.entries[index] })));
  return events(await receiver.until((all) => events(all).length >= least));
}

let now = Date.parse('2026-11-18T11:00:00+08:00');

onEachEngine(
  (server) => {
    let receiver: Receiver;
    beforeAll(async () => {
      receiver = await startReceiver();
      await server.post('', example('community')).expect(200);
    });
    afterAll(() => receiver.down());

    async function subscribed(path: string, filters: string[], content: string) {
      const channel = { endpoint: `${receiver.url}${path}` };
      const subscription = toTopic('ledger-ready', filters, content, channel);
      const { body } = await server.post('/Subscription', subscription).expect(201);
      await untilStatus(server.get, body.id, 'active');
    }

    test('the ledger of a closed week is told once to all whose institution it is of', async () => {
      await subscribed('/all', [], 'id-only');
      await subscribed('/own', [`custodian=Organization/${township}`], 'full-resource');
      await subscribed('/others', ['Bundle?custodian=Organization/hekou-health-centre'], 'id-only');
      const weeks: string[] = [];
      for (let week = 0; week < 2; week++) {
        await server.post('', writtenOn(localDay(now))).expect(200);
        now = closedWeeks(now + 7 * day, 1)[0]!.until;
        weeks.push(closedWeeks(now, 1)[0]!.name);
        await Promise.all([server.running.jobs.round(), server.running.jobs.round()]);
        await server.running.jobs.round();
        now += 3 * day;
      }
      const all = await toldAt(receiver, '/all', 4);
      expect(all.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
      const ledgers: Resource[] = await Promise.all(
        all.map(async ({ focus }) => (await server.get(`/${focus}`).expect(200)).body),
      );
      const named = ledgers.map(({ identifier }) => (identifier as { value: string }).value);
      expect(named.sort()).toEqual(
        weeks.flatMap((week) => [`${week}/${township}`, `${week}/${hospital}`]).sort(),
      );
      const own = await toldAt(receiver, '/own', 2);
      expect(own.map(({ entry }) => entry!.resource!.identifier)).toEqual(
        weeks.map((week) => ({ system, value: `${week}/${township}` })),
      );
      expect(await toldAt(receiver, '/others', 0)).toEqual([]);
      const { body } = await server.get(`/Bundle?custodian=Organization/${township}`).expect(200);
      expect(body.total).toBe(2);
      // The clock of the next engine goes on from here.
      now += day;
    });

    test('other documents are not told of, and the topic is one that the server names', async () => {
      const { body } = await server.get('/metadata').expect(200);
      expect(JSON.stringify(body)).toContain(topic('ledger-ready'));
      const unknown = toTopic('ledger-ready', ['owner=Organization/x'], 'id-only', {
        endpoint: receiver.url,
      });
      const { body: refused } = await server.post('/Subscription', unknown).expect(400);
      expect(JSON.stringify(refused)).toContain('custodian, identifier, timestamp');
    });
  },
  { ...toldHere, JOB_INTERVAL: '3600000' },
  () => now,
);

describe.each(engines)('by several processes on the %s engine', (engine) => {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-ledger-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a week that ended while none was running is told once for each institution', async () => {
    const receiver = await startReceiver();
    const place: Record<string, string> =
      engine === 'MongoDB' ? { MONGODB_URI: newDatabaseUri(mongodbUri()!) } : { DATA_DIR: folder };
    const settings = { ...toldHere, ...place };
    const send = async (base: string, path: string, body: object): Promise<Resource> => {
      const answer = await fetch(`${base}${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/fhir+json' },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(await answer.text());
      return answer.json() as Promise<Resource>;
    };

    const alone = startProcess('src/main.ts', { ...settings, JOB_INTERVAL: '3600000' });
    const base = await baseOf(alone);
    await untilReadable(base);
    await send(base, '', example('community'));
    const channel = { endpoint: receiver.url };
    const { id } = await send(base, '/Subscription', toTopic('ledger-ready', [], 'id-only', channel));
    for (;;) {
      const answer = await fetch(`${base}/Subscription/${id}`);
      if (((await answer.json()) as Resource).status === 'active') break;
    }
    const [last] = closedWeeks(Date.now(), 1);
    await send(base, '', writtenOn(localDay(last!.from + 2 * day)));
    alone.child.kill('SIGTERM');
    await alone.gone;

    const processes =
      engine === 'MongoDB'
        ? [0, 1].map(() => startProcess('src/main.ts', { ...settings, JOB_INTERVAL: '100' }))
        : [startProcess('src/main.ts', { ...settings, JOB_INTERVAL: '100', WORKERS: '2' })];
    for (const each of processes) await baseOf(each);
    await toldAt(receiver, '/', 2);
    for (const { child, gone } of processes) {
      child.kill('SIGTERM');
      await gone;
    }
    const told = await toldAt(receiver, '/', 2);
    expect(told.map(({ number }) => number)).toEqual([1, 2]);
    expect(new Set(told.map(({ focus }) => focus)).size).toBe(2);
    await receiver.down();
  }, 180_000);
});
