import { beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import type { Element } from '../../src/fhir/resource.ts';
import { townshipRow } from '../api/intake-rows.ts';
import { example } from '../api/referrals.ts';
import { apiKey, clientDevice, given, secure } from '../environment/access.ts';
import { onEachEngine } from '../environment/server.ts';

onEachEngine((server) => {
  const keys = Object.fromEntries(
    ['qingshi-health-centre', 'hekou-health-centre', 'medical-affairs'].map((id) => [id, apiKey(id)]),
  );
  const origin = () => request(new URL(server.base).origin);
  const as = (client: string) => ({ 'X-Api-Key': keys[client]!.key });
  const send = (client: string, row: object) => origin().post('/intake/referrals').set(as(client)).send(row);

  beforeAll(async () => {
    const { router, server: own } = server.running;
    const body = example('community');
    await router('POST', []).route.run(own, { method: 'POST', query: [], prefer: {}, body });
    await given(
      server,
      ...Object.entries(keys).map(([id, { registered }]) =>
        clientDevice(id, {
          roles: id === 'medical-affairs' ? ['medical-affairs'] : ['referrer', 'receiver'],
          organization: `Organization/${id === 'medical-affairs' ? 'qingshi-health-centre' : id}`,
          apiKeys: [registered],
        }),
      ),
    );
  });

  test('nobody takes part in the flat form without saying who they are; what it takes is for all to read', async () => {
    await origin().post('/intake/referrals').send(townshipRow()).expect(401);
    await origin().post('/intake/steps').send({}).expect(401);
    await origin().get('/intake/referrals').expect(401);
    for (const path of [
      'referrals/schema',
      'steps/schema',
      'referrals/template.xlsx',
      'referrals/template.csv',
    ])
      await origin().get(`/intake/${path}`).expect(200);
  });

  test('an institution sends for itself alone, and lists what it may see', async () => {
    const row = townshipRow();
    const { body } = await send('qingshi-health-centre', row).expect(200);
    expect(body.results[0]).toMatchObject({ result: 'accepted', task: expect.stringMatching(/^Task\//) });
    await send('hekou-health-centre', townshipRow()).expect(403);

    const list = async (client: string) => {
      const path = '/intake/referrals?organization=Organization/qingshi-health-centre';
      const { body: page } = await origin().get(path).set(as(client)).expect(200);
      return page.referrals.map(({ number }: Element) => number);
    };
    expect(await list('qingshi-health-centre')).toContain(row.转诊单号);
    expect(await list('hekou-health-centre')).toEqual([]);
    await origin()
      .post('/intake/steps')
      .set(as('hekou-health-centre'))
      .send({ 转诊单号: row.转诊单号, 操作: '签收' })
      .expect(404);
  });

  test('each row that is taken in, and each list, is recorded with the patients that it is about', async () => {
    const { body } = await send('qingshi-health-centre', townshipRow())
      .set('X-Request-Id', 'flat-1')
      .expect(200);
    const { patient } = body.results[0];
    await origin().get('/intake/referrals').set(as('qingshi-health-centre')).expect(200);
    const { body: events } = await server
      .get(`/AuditEvent?patient=${patient}&_count=100`)
      .set(as('medical-affairs'))
      .expect(200);
    const told: Element[] = events.entry.map(({ resource }: { resource: Element }) => resource);
    expect(told.filter(({ action }) => action === 'C').length).toBeGreaterThan(5);
    expect(told.some(({ action }) => action === 'E')).toBe(true);
    expect(JSON.stringify(told)).toContain('flat-1');
  });
}, secure);
