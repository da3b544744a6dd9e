import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { onEachEngine } from '../environment/server.ts';

/** So much text makes a resource one that is not looked into where others wait. */
const long = '转诊'.repeat(200_000);

/** What differs from one resource to the next, and the long text itself. */
const own =
  /"lastUpdated":"[^"]*"|"versionId":"\d+"|W\/\\?"\d+\\?"|"lastModified":"[^"]*"|_history\/\d+|_cursor=[^"]*|lastUpdated value="[^"]*"|versionId value="\d+"/g;

onEachEngine((server) => {
  const json = 'application/json-patch+json';
  const patched = (path: string) => request(server.base).patch(path);

  async function stored(id: string, text: string): Promise<void> {
    const { status } = await server.put(`/Basic/${id}`, {
      resourceType: 'Basic',
      id,
      code: { text: '附件' },
      extension: [{ url: 'http://example.org/size', valueDecimal: 1.5 }],
      text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>` },
    });
    expect([200, 201]).toContain(status);
  }

  /** The answer for a small resource and for a large one, but for what always differs. */
  async function bothAnswers(ask: (id: string) => Promise<{ status: number; text: string }>) {
    const answers = [];
    for (const [id, text] of [
      ['large-text', long],
      ['small-text', '转诊'],
    ] as const) {
      await stored(id, text);
      const { status, text: answered } = await ask(id);
      const body = answered.replaceAll(long, '转诊').replaceAll(id, 'id').replace(own, '');
      answers.push({ status, body });
    }
    return answers;
  }

  const patch = [{ op: 'add', path: '/code/text', value: '另一附件' }];
  const fhirPatch = {
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'replace' },
          { name: 'path', valueString: 'Basic.code.text' },
          { name: 'value', valueString: '另一附件' },
        ],
      },
    ],
  };
  const labels = {
    resourceType: 'Parameters',
    parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'http://example.org', code: 't' }] } }],
  };
  const bundle = (type: string, ...entry: object[]) => ({ resourceType: 'Bundle', type, entry });
  const got = (id: string) => ({ request: { method: 'GET', url: `Basic/${id}?_elements=code` } });

  describe('what is large and stored is looked into as what is small', () => {
    test.each<[string, number, (id: string) => Promise<{ status: number; text: string }>]>([
      ['a read of elements', 200, (id) => server.get(`/Basic/${id}?_elements=code`)],
      ['a read of the summary', 200, (id) => server.get(`/Basic/${id}?_summary=true`)],
      ['a search for elements', 200, (id) => server.get(`/Basic?_id=${id}&_elements=code`)],
      [
        'a search by a form',
        200,
        (id) => server.post('/Basic/_search').type('form').send(`_id=${id}&_summary=data`),
      ],
      ['a history of elements', 200, (id) => server.get(`/Basic/${id}/_history?_elements=code&_count=1`)],
      ['a read in XML', 200, (id) => server.get(`/Basic/${id}?_format=xml`)],
      ['a JSON Patch', 200, (id) => patched(`/Basic/${id}`).type(json).send(JSON.stringify(patch))],
      [
        'a JSON Patch by condition',
        200,
        (id) => patched(`/Basic?_id=${id}`).type(json).send(JSON.stringify(patch)),
      ],
      [
        'a JSON Patch that does not fit',
        422,
        (id) => patched(`/Basic/${id}`).type(json).send('[{"op":"remove","path":"/photo"}]'),
      ],
      [
        'a FHIRPath Patch',
        200,
        (id) => patched(`/Basic/${id}`).type('application/fhir+json').send(JSON.stringify(fhirPatch)),
      ],
      [
        'a patch of a version that is none',
        412,
        (id) => patched(`/Basic/${id}`).set('If-Match', 'W/"999"').type(json).send(JSON.stringify(patch)),
      ],
      ['labels', 200, (id) => server.post(`/Basic/${id}/$meta-add`, labels)],
      [
        'its own validation',
        200,
        (id) =>
          server.get(
            `/Basic/${id}/$validate?mode=profile&profile=http://hl7.org/fhir/StructureDefinition/Basic`,
          ),
      ],
      ['an entry of a batch', 200, (id) => server.post('/', bundle('batch', got(id), got('nobody')))],
      [
        'entries of a transaction',
        200,
        (id) =>
          server.post(
            '/',
            bundle('transaction', got(id), {
              resource: {
                resourceType: 'Binary',
                contentType: json,
                data: Buffer.from(JSON.stringify(patch)).toString('base64'),
              },
              request: { method: 'PATCH', url: `Basic/${id}` },
            }),
          ),
      ],
    ])('%s', async (_, status, ask) => {
      const [large, small] = await bothAnswers(ask);
      expect(large).toEqual(small);
      expect(large!.status).toBe(status);
    });
  });

  test('a decimal keeps its digits on the way', async () => {
    await stored('digits', long);
    const withDigits =
      '[{"op":"add","path":"/extension/-","value":{"url":"http://example.org/x","valueDecimal":1.50}}]';
    await patched('/Basic/digits').type(json).send(withDigits).expect(200);
    const { text } = await server.get('/Basic/digits?_elements=extension').expect(200);
    expect(text).toContain('"valueDecimal":1.50');
  });

  test('a read that is asked while a large resource is looked into is answered before it', async () => {
    await stored('much', '转'.repeat(1_500_000));
    await stored('little', '转诊');
    const order: string[] = [];
    const told = (name: string) => (answer: { status: number }) => order.push(`${name} ${answer.status}`);
    await Promise.all([
      server.get('/Basic/much?_elements=code').then(told('elements')),
      server.get('/Basic/little').then(told('read')),
    ]);
    expect(order).toEqual(['read 200', 'elements 200']);
  });
});
