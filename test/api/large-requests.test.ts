import { request as httpRequest } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { onEachEngine } from '../environment/server.ts';

/** From so much white space on a body is large, whatever it says. */
const padding = ' '.repeat(200_000);

/** Ids, times and numbers of requests, which differ from one request to the next. */
const own = /"(?:\/fhir)?[0-9a-f]{8}-[0-9a-f-]{27}"|[0-9a-f]{8}-[0-9a-f-]{27}|"\d{4}-\d\d-\d\dT[^"]*"/g;

onEachEngine((server) => {
  /** The answer to a request, as it is and as a large one. */
  async function bothAnswers(
    method: 'post' | 'put' | 'patch',
    path: string,
    body: object,
    headers: Record<string, string> = {},
  ) {
    const answers = [];
    for (const text of [JSON.stringify(body), padding + JSON.stringify(body)]) {
      const { status, text: answered } = await request(server.base)
        [method](path)
        .set({ 'Content-Type': 'application/fhir+json', ...headers })
        .send(text);
      answers.push({
        status,
        body: answered.replace(own, '"…"').replace(/"versionId":"\d+"|W\/\\"\d+\\"/g, ''),
      });
    }
    return answers;
  }

  describe('a large request is answered as a small one is', () => {
    const patient = { resourceType: 'Patient', id: 'l', name: [{ text: '李雷' }], birthDate: '1980-05-06' };
    const post = (resource: object) => ({ resource, request: { method: 'POST', url: 'Patient' } });
    const bundle = (type: string, entry: object[]) => ({ resourceType: 'Bundle', type, entry });

    test.each<[string, Parameters<typeof bothAnswers>, number]>([
      ['a create', ['post', '/Patient', patient], 201],
      ['an update', ['put', '/Patient/l', patient], 200],
      ['an update of a version that is none', ['put', '/Patient/l', patient, { 'If-Match': 'W/"99"' }], 412],
      ['an id that is another', ['put', '/Patient/other', patient], 400],
      ['what is no date', ['post', '/Patient', { ...patient, birthDate: 'tomorrow' }], 400],
      ['another type', ['post', '/Observation', patient], 400],
      [
        'a patch',
        [
          'patch',
          '/Patient/l',
          [{ op: 'add', path: '/active', value: true }],
          { 'Content-Type': 'application/json-patch+json' },
        ],
        200,
      ],
      [
        'a patch that does not fit',
        [
          'patch',
          '/Patient/l',
          [{ op: 'remove', path: '/photo' }],
          { 'Content-Type': 'application/json-patch+json' },
        ],
        422,
      ],
      ['a validation', ['post', '/Patient/$validate', { ...patient, gender: 'x' }], 200],
      [
        'a transaction',
        ['post', '/', bundle('transaction', [post(patient), post({ ...patient, active: true })])],
        200,
      ],
      [
        'a transaction with a fault',
        ['post', '/', bundle('transaction', [post(patient), post({ ...patient, gender: 'x' })])],
        400,
      ],
      [
        'a batch',
        [
          'post',
          '/',
          bundle('batch', [
            post(patient),
            post({ ...patient, gender: 'x' }),
            { request: { method: 'GET', url: 'Patient/l' } },
            { request: { method: 'GET', url: 'Patient/nobody' } },
          ]),
        ],
        200,
      ],
      ['an operation that there is not', ['post', '/Patient/$nothing', patient], 404],
    ])('%s', async (_, asked, status) => {
      await server.put('/Patient/l', patient);
      const [small, large] = await bothAnswers(...asked);
      expect(large).toEqual(small);
      expect(large!.status).toBe(status);
    });

    test('broken JSON', async () => {
      const { body } = await server
        .post('/Patient')
        .set('Content-Type', 'application/fhir+json')
        .send(`{"resourceType":"Patient",${padding}}`)
        .expect(400);
      expect(body.issue[0].code).toBe('structure');
    });
  });

  test('what a large transaction creates refers to each other, is found, and is all there', async () => {
    const text = '村'.repeat(1_000);
    const entry = Array.from({ length: 100 }, (_, n) => ({
      fullUrl: `urn:uuid:7d1f6a52-4ae9-4e1b-9d5e-000000000${100 + n}`,
      resource: {
        resourceType: 'Organization',
        name: `卫生室${n} ${text}`,
        ...(n > 0 && { partOf: { reference: 'urn:uuid:7d1f6a52-4ae9-4e1b-9d5e-000000000100' } }),
      },
      request: { method: 'POST', url: 'Organization' },
    }));
    const { body } = await server
      .post('/', { resourceType: 'Bundle', type: 'transaction', entry })
      .expect(200);
    const parent = /Organization\/[^/]+/.exec(body.entry[0].response.location)![0];
    const found = await server.get(`/Organization?partof=${parent}&_summary=count`).expect(200);
    expect(found.body.total).toBe(99);
  });

  test('a conditional create that is large makes one, whoever sends it, and how', async () => {
    const identifier = [{ system: 'http://example.org/large', value: '1' }];
    const text = JSON.stringify({ resourceType: 'Patient', identifier });
    const create = (body: string) =>
      server
        .post('/Patient')
        .set({
          'Content-Type': 'application/fhir+json',
          'If-None-Exist': 'identifier=http://example.org/large|1',
        })
        .send(body)
        .then(({ status }) => status);
    const statuses = await Promise.all([text, padding + text, text, padding + text].map(create));
    expect(statuses.sort()).toEqual([200, 200, 200, 201]);
  });

  test('a large resource is found by a search parameter that was added', async () => {
    const parameter = {
      resourceType: 'SearchParameter',
      id: 'large-nickname',
      url: 'http://example.org/SearchParameter/large-nickname',
      name: 'LargeNickname',
      status: 'active',
      description: 'By nickname',
      code: 'large-nickname',
      base: ['Person'],
      type: 'string',
      expression: 'Person.name.text',
    };
    await server.put('/SearchParameter/large-nickname', parameter).expect(201);
    const person = { resourceType: 'Person', id: 'p', name: [{ text: '小王' }] };
    const large = padding + JSON.stringify(person);
    await server.put('/Person/p').set('Content-Type', 'application/fhir+json').send(large).expect(201);
    const { body } = await server.get(`/Person?large-nickname=${encodeURIComponent('小王')}`).expect(200);
    expect(body.entry).toHaveLength(1);
  });

  test('a read that is asked while a large body is worked at is answered before it', async () => {
    await server.put('/Patient/quick', { resourceType: 'Patient', id: 'quick' });
    const item = Array.from({ length: 30_000 }, (_, n) => ({ linkId: `l${n}`, text: 'q', type: 'string' }));
    const text = JSON.stringify({ resourceType: 'Questionnaire', status: 'draft', item });
    const order: string[] = [];

    // All but the last character, then as many reads as it takes until that has come.
    const sent = httpRequest(`${server.base}/Questionnaire/$validate`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/fhir+json', 'Content-Length': text.length },
    });
    const answered = new Promise<void>((resolve, reject) => {
      sent.once('error', reject);
      sent.once('response', (answer) => {
        order.push(`large ${answer.statusCode}`);
        answer.resume().once('end', resolve);
      });
    });
    await new Promise((resolve) => sent.write(text.slice(0, -1), resolve));
    for (let n = 0; n < 10; n++) await server.get('/Patient/quick').expect(200);
    sent.end(text.slice(-1));
    await server
      .get('/Patient/quick')
      .expect(200)
      .then(() => order.push('read'));
    await answered;
    expect(order).toEqual(['read', 'large 200']);
  });
});
