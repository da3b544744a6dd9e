import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { onEachEngine } from '../environment/server.ts';

interface Sent {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}
interface Answered {
  status: number;
  text: string;
  took: number;
}

/** No request may take longer, in milliseconds, on a slow machine that runs other tests at the same time. */
const patience = 10_000;
const fhir = { 'Content-Type': 'application/fhir+json' };

onEachEngine((server) => {
  /** Sends a request as it is: nothing is encoded or corrected on the way. */
  function send({ method, path, headers = {}, body }: Sent): Promise<Answered> {
    const { hostname, port, pathname } = new URL(server.base);
    const began = performance.now();
    return new Promise((resolve, reject) => {
      const sent = httpRequest({ hostname, port, method, path: pathname + path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            text: Buffer.concat(chunks).toString(),
            took: performance.now() - began,
          }),
        );
      });
      sent.setTimeout(patience, () => sent.destroy(new Error(`${method} ${path.slice(0, 200)} hangs`)));
      // A server may refuse a large body before it has all of it.
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Whatever comes, the answer comes soon, is not the server's own failure, and says in FHIR what is wrong. */
  async function survives(sent: Sent): Promise<Answered> {
    const answer = await send(sent);
    const shown = `${sent.method} ${sent.path.slice(0, 300)} → ${answer.status} ${answer.text.slice(0, 300)}`;
    if (answer.status >= 500 && answer.status !== 501) throw new Error(shown);
    if (answer.took > patience) throw new Error(`${answer.took} ms: ${shown}`);
    if (answer.status >= 400 && sent.method !== 'HEAD')
      expect(JSON.parse(answer.text)).toMatchObject({
        resourceType: 'OperationOutcome',
        issue: expect.any(Array),
      });
    return answer;
  }
  const get = (path: string, headers: Record<string, string> = {}) =>
    survives({ method: 'GET', path, headers });
  const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    survives({ method: 'POST', path, headers: { ...fhir, ...headers }, body });
  const patient = (members: string) => `{"resourceType":"Patient"${members && `,${members}`}}`;
  const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

  beforeAll(async () => {
    // The first large body waits for the thread that large bodies are for.
    await server
      .post('/Patient')
      .set(fhir)
      .send(`${' '.repeat(200_000)}${patient('')}`);
    await post('/Patient', patient('"name":[{"family":"王","given":["芳"]}],"gender":"female"'));
    await survives({ method: 'PUT', path: '/Patient/here', headers: fhir, body: patient('"id":"here"') });
  });

  describe('a search', () => {
    test('with a huge _count gives no more than a page', async () => {
      expect((await get('/Patient?_count=999999999')).status).toBe(200);
      expect((await get('/Patient?_count=99999999999999999999')).status).toBe(400);
      expect((await get('/Patient?_count=-1')).status).toBe(400);
      expect((await get('/Patient?_count=1e9')).status).toBe(400);
    });

    test.each([
      ['10,000 commas', `/Patient?name=${','.repeat(10_000)}`],
      ['10,000 alternatives', `/Patient?name=${'a,'.repeat(5_000)}a`],
      ['10,000 tokens', `/Patient?identifier=${'a|b,'.repeat(3_000)}`],
      ['many parameters', `/Patient?${'name=a&'.repeat(1_500)}`],
      ['many includes', `/Patient?${'_include=Patient:organization&'.repeat(400)}`],
      ['many sort keys', `/Patient?_sort=${'name,'.repeat(2_000)}`],
      [
        'a long chain',
        `/Observation?${'subject:Patient.general-practitioner:Practitioner.'.repeat(50)}name=a`,
      ],
      ['long _has', `/Patient?${'_has:Observation:subject:'.repeat(100)}code=a`],
      ['a deep filter', `/Patient?_filter=${encodeURIComponent(nested(3_000, '(', ')'))}`],
      ['a wide filter', `/Patient?_filter=${encodeURIComponent('name eq a or '.repeat(700))}name%20eq%20b`],
      ['a value of only backslashes', `/Patient?name=${'%5C'.repeat(4_000)}`],
      ['a value of only dollars', `/Observation?code-value-quantity=${'$'.repeat(10_000)}`],
      ['a value of only pipes', `/Observation?code=${'|'.repeat(10_000)}`],
    ])('with %s is answered soon', async (_, path) => {
      const { status } = await get(path);
      expect([200, 400, 403, 413, 414, 431]).toContain(status);
    });

    test.each([
      '%00',
      'a%00b',
      '%ED%A0%80',
      '%EF%BF%BF',
      '%F0%9F%98%80',
      '%E2%80%AE',
      '%0A%0D',
      '$where',
      '.*',
      '(?!)',
    ])('for the value %s finds nothing or refuses it, by every type of parameter', async (value) => {
      for (const parameter of [
        'name',
        'name:exact',
        'name:contains',
        'identifier',
        'identifier:of-type',
        'gender:not',
        'gender:in',
        'general-practitioner',
        'general-practitioner:identifier',
        'birthdate',
        '_id',
        '_lastUpdated',
        '_profile',
        '_tag:text',
        '_text',
        '_content',
        '_list',
        '_filter',
        '_sort',
        '_include',
        '_elements',
        '_summary',
        '_total',
        '_cursor',
        '_type',
        'link:Patient.name',
        '_has:Observation:subject:code',
      ]) {
        const { status } = await get(`/Patient?${parameter}=${value}`);
        expect([200, 400]).toContain(status);
      }
      await get(`/RiskAssessment?probability=${value}`);
      await get(`/Observation?value-quantity=${value}`);
      await get(`/ValueSet?url:below=${value}`);
      await get(`/Patient?${value}=1`);
      await get(`/Patient?name:${value}=1`);
    });

    test.each([
      '1'.repeat(5_000),
      `1e${'9'.repeat(300)}`,
      '-1e-999999999',
      `0.${'0'.repeat(5_000)}1`,
      'NaN',
      'Infinity',
      '0x10',
      '1e400|http://unitsofmeasure.org|kg',
      `5|http://unitsofmeasure.org|${'kg.'.repeat(500)}kg`,
      '5|http://unitsofmeasure.org|10*999999999',
    ])('for the strange number %#', async (value) => {
      for (const path of [
        '/RiskAssessment?probability=',
        '/Observation?value-quantity=',
        '/Observation?date=gt',
      ])
        expect([200, 400]).toContain((await get(path + encodeURIComponent(value))).status);
    });

    test.each([
      '9999-12-31T23:59:60Z',
      '0000',
      '99999',
      '2026-02-30',
      '2026-13',
      '-0001-01-01',
      `2026-01-01T00:00:00.${'9'.repeat(3_000)}Z`,
    ])('for the strange date %#', async (value) => {
      expect([200, 400]).toContain((await get(`/Patient?birthdate=${value}`)).status);
      expect([200, 400]).toContain((await get(`/Patient/_history?_since=${value}`)).status);
    });

    test('by texts that make careless patterns backtrack takes no longer', async () => {
      const evil = [
        `${'a'.repeat(8_000)}!`,
        '(a+)+$'.repeat(500),
        '\\'.repeat(3_000),
        `${' '.repeat(4_000)}x`,
        '-'.repeat(8_000),
      ];
      for (const value of evil.map(encodeURIComponent))
        for (const parameter of [
          'name',
          'name:contains',
          'identifier',
          'birthdate',
          '_filter',
          '_elements',
          '_sort',
          '_include',
          '_has:A:b:c',
          '_text',
        ])
          await get(`/Patient?${parameter}=${value}`);
    });

    test('by a cursor that was made up is refused', async () => {
      for (const cursor of ['AAAA', 'e30', '', Buffer.from('{"values":[{"$gt":""}]}').toString('base64url')])
        expect([200, 400]).toContain((await get(`/Patient?_cursor=${cursor}`)).status);
    });
  });

  describe('an address', () => {
    test.each([
      '/%',
      '/%zz',
      '/Patient/%E0%A4%A',
      '/Patient?name=%',
      '/Patient?%=1',
      '/Patient?name=%C0%80',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/Patient/..%2f..%2fx',
    ])('%s is refused', async (path) => {
      const { status } = await get(path);
      expect([400, 404]).toContain(status);
    });

    test('may be long, have strange ids, or go nowhere', async () => {
      for (const path of [
        `/Patient/${'a'.repeat(10_000)}`,
        `/Patient/${'a'.repeat(65)}`,
        `/${'Patient/'.repeat(500)}`,
        '/Patient/here/_history/99999999999999999999',
        '/Patient/here/_history/-1',
        '/Patient/here/_history/1%00',
        '/Patient/__proto__',
        '/__proto__',
        '/constructor/toString',
        '/Patient/%00',
        '/Patient/%F0%9F%98%80/_history',
        '/Patient/$',
        '/$__proto__',
        '/Patient/here/__proto__',
        '/Patient/here/*/_search',
        '/_async/__proto__',
        '/?_type=__proto__',
        '/_history?_type=constructor',
        '/Patient?__proto__=1',
        '/Patient?constructor:missing=true',
        '/Patient?name:__proto__=x',
        '/Patient?_sort=__proto__',
        '/Patient?_include=__proto__:constructor',
      ])
        expect([400, 404, 405, 414]).toContain((await get(path)).status);
      expect(
        (
          await survives({
            method: 'PUT',
            path: `/Patient/${'a'.repeat(65)}`,
            headers: fhir,
            body: patient(`"id":"${'a'.repeat(65)}"`),
          })
        ).status,
      ).toBe(400);
    });

    test('without HTTP is answered or closed, and the server goes on', async () => {
      const { hostname, port } = new URL(server.base);
      for (const text of [
        '\x00\x01\x02\r\n\r\n',
        'GET\r\n\r\n',
        `GET /fhir/${'a'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
        'POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      ])
        await new Promise<void>((resolve) => {
          const socket = connect(Number(port), hostname, () => socket.write(text));
          socket.on('error', () => {}).on('data', () => socket.destroy());
          socket.on('close', () => resolve());
          socket.setTimeout(patience, () => socket.destroy());
        });
      expect((await get('/Patient/here')).status).toBe(200);
    });
  });

  describe('a header', () => {
    const values = [
      '',
      '*',
      'W/',
      '"',
      'W/"',
      'W/"abc"',
      `W/"${'9'.repeat(400)}"`,
      ','.repeat(3_000),
      'W/"1",'.repeat(500),
      '__proto__',
      '\u00ff\u00fe',
      '-1',
      'Tue, 99 Foo 0000 99:99:99 GMT',
      '; q=1; ; =',
      '='.repeat(2_000),
    ];

    test.each([
      'If-Match',
      'If-None-Match',
      'If-Modified-Since',
      'If-None-Exist',
      'Prefer',
      'X-Request-Id',
      'Accept-Encoding',
      'Origin',
    ])('%s may hold anything', async (name) => {
      for (const value of values) {
        const headers = { ...fhir, [name]: value };
        await get('/Patient/here', { [name]: value });
        await get('/Patient', { [name]: value });
        await survives({ method: 'PUT', path: '/Patient/headers', headers, body: patient('"id":"headers"') });
        await post('/Patient', patient(''), { [name]: value });
      }
    });

    test('Accept and Content-Type that are not understood are 406 and 415', async () => {
      for (const value of values.filter((value) => value !== '')) {
        expect([200, 406]).toContain((await get('/Patient/here', { Accept: value })).status);
        const { status } = await survives({
          method: 'POST',
          path: '/Patient',
          headers: { 'Content-Type': value },
          body: patient(''),
        });
        expect(status).toBe(415);
      }
    });

    test('a Prefer that wants what there is not is ignored', async () => {
      expect(
        (await get('/Patient', { Prefer: 'return=__proto__, handling=constructor, wait=99999999999' }))
          .status,
      ).toBe(200);
    });
  });

  describe('a body', () => {
    test.each([
      ['deep arrays', `{"resourceType":"Patient","name":${nested(50_000, '[', ']')}}`, 400],
      ['deep objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, 400],
      [
        'deep extensions',
        patient(`"extension":[${'{"url":"a","extension":['.repeat(200)}${']}'.repeat(200)}]`),
        400,
      ],
      ['__proto__ as a member', patient('"__proto__":{"gender":"male"}'), 400],
      ['constructor as a member', patient('"constructor":{"prototype":{"x":1}}'), 400],
      ['__proto__ as its type', '{"resourceType":"__proto__"}', 400],
      ['no end', '{"resourceType":"Patient","name":[', 400],
      ['NUL bytes in a value', patient('"name":[{"family":"a\\u0000b"}]'), undefined],
      ['a lone surrogate', patient('"name":[{"family":"a\\ud800b"}]'), undefined],
      [
        'lone surrogates in an identifier',
        patient('"identifier":[{"system":"\\udfff","value":"\\ud800"}]'),
        undefined,
      ],
      ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 400],
      ['UTF-16', Buffer.from(patient(''), 'utf16le'), 400],
      ['a giant number', patient(`"multipleBirthInteger":${'9'.repeat(100_000)}`), 400],
      [
        'a giant exponent',
        '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1e999999999}}',
        undefined,
      ],
      [
        'a giant decimal',
        `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":0.${'1'.repeat(100_000)}}}`,
        undefined,
      ],
      ['a very long id', patient(`"id":"${'a'.repeat(1_000_000)}"`), 400],
      ['a million spaces in a name', patient(`"name":[{"family":"${' '.repeat(1_000_000)}x"}]`), undefined],
      ['100,000 names', patient(`"name":[${Array(100_000).fill('{"family":"a"}').join(',')}]`), undefined],
      ['a date of 100,000 digits', patient(`"birthDate":"${'1'.repeat(100_000)}"`), 400],
      [
        'a narrative that never ends',
        patient(
          `"text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">${'<p>'.repeat(100_000)}</div>"}`,
        ),
        400,
      ],
      [
        'entities in a narrative',
        patient(
          '"text":{"status":"generated","div":"<!DOCTYPE a [<!ENTITY b \\"c\\">]><div xmlns=\\"http://www.w3.org/1999/xhtml\\">&b;</div>"}',
        ),
        400,
      ],
      [
        'a reference that backtracks',
        patient(`"managingOrganization":{"reference":"${'a/'.repeat(100_000)}"}`),
        undefined,
      ],
      [
        'contained resources that contain each other',
        patient(
          '"contained":[{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"#a"},"type":"seealso"}]}]',
        ),
        undefined,
      ],
      [
        'an expression that never ends',
        '{"resourceType":"SearchParameter","url":"http://example.org/x","name":"x","status":"active","description":"x","code":"x","base":["Patient"],"type":"string","expression":"Patient.descendants().descendants().descendants()"}',
        undefined,
      ],
    ])('with %s', async (_, body, expected) => {
      const type = /"resourceType":"([A-Z]\w+)"/.exec(body.toString())?.[1] ?? 'Patient';
      const { status } = await post(`/${type}`, body);
      if (expected !== undefined) expect(status).toBe(expected);
      else expect([201, 400, 413, 422]).toContain(status);
      expect((await get('/Patient/here')).status).toBe(200);
      expect(({} as Record<string, unknown>).gender).toBeUndefined();
    });

    test('that is a compression bomb is refused with 413, or 400 when it is none', async () => {
      const zeros = Buffer.alloc(200_000_000, ' ');
      for (const [encoding, body] of [
        ['gzip', gzipSync(zeros)],
        ['br', brotliCompressSync(zeros.subarray(0, 50_000_000))],
      ] as const)
        expect((await post('/Patient', body, { 'Content-Encoding': encoding })).status).toBe(413);
      for (const encoding of ['gzip', 'deflate', 'br'])
        expect((await post('/Patient', 'not compressed', { 'Content-Encoding': encoding })).status).toBe(400);
      expect(
        (await post('/Patient', gzipSync(patient('')).subarray(0, 20), { 'Content-Encoding': 'gzip' }))
          .status,
      ).toBe(400);
      expect((await post('/Patient', patient(''), { 'Content-Encoding': 'x'.repeat(1_000) })).status).toBe(
        415,
      );
    });

    test.each([
      ['null', 'null'],
      ['a number', '1'],
      ['a text', '"x"'],
      ['a list of nothing', '[null]'],
      ['nothing', ''],
    ])('that is %s is refused wherever a resource is wanted', async (_, body) => {
      for (const path of ['/Patient', '/', '/Bundle', '/Parameters'])
        expect((await post(path, body)).status).toBe(400);
      for (const path of ['/Patient/here', '/Patient?_id=here'])
        for (const method of ['PUT', 'PATCH'])
          expect((await survives({ method, path, headers: fhir, body })).status).toBe(400);
      const patch = { 'Content-Type': 'application/json-patch+json' };
      expect((await survives({ method: 'PATCH', path: '/Patient/here', headers: patch, body })).status).toBe(
        400,
      );
    });

    test('of operations may be anything', async () => {
      for (const body of [
        '{"resourceType":"Parameters","parameter":{}}',
        '{"resourceType":"Parameters","parameter":[null,1,"x",[],{"name":1},{"name":"resource"},{"name":"resource","resource":null}]}',
        '{"resourceType":"Parameters","parameter":[{"name":"mode","valueCode":"__proto__"}]}',
      ])
        for (const path of [
          '/Patient/$validate',
          '/Patient/here/$validate',
          '/Patient/here/$meta-add',
          '/Patient/here/$everything',
          '/Patient/$referral-history',
        ])
          await post(path, body);
    });
  });

  describe('of random requests none makes the server fail', () => {
    const word = fc.constantFrom(
      'Patient',
      'Observation',
      'Bundle',
      'Binary',
      'Nothing',
      'here',
      '_history',
      '_search',
      'metadata',
      '*',
      '$meta',
      '$validate',
      '$everything',
      '1',
      '..',
      '__proto__',
      '%00',
      '%ff',
      '%',
      ';',
      '~',
      '\\',
      '[',
      '😀',
    );
    const text = fc.oneof(
      fc.string({ maxLength: 30, unit: 'binary' }),
      fc.string({ maxLength: 20 }),
      fc.constantFrom(
        '',
        ',',
        '|',
        '$',
        ':',
        '.',
        'true',
        '2026',
        'gt5',
        '\u0000',
        '\ud800',
        'a|b',
        'Patient/1',
        '-name',
        'Patient:*',
      ),
    );
    const name = fc.constantFrom(
      'name',
      'identifier',
      'birthdate',
      'gender',
      'organization',
      '_id',
      '_lastUpdated',
      '_tag',
      '_profile',
      '_has:Observation:subject:code',
      'link:Patient.name',
      'organization.name',
      '_filter',
      '_list',
      '_text',
      '_content',
      '_sort',
      '_include',
      '_revinclude',
      '_summary',
      '_elements',
      '_count',
      '_total',
      '_cursor',
      '_type',
      '_since',
      '_at',
      '_format',
      '_pretty',
      'value-quantity',
      'code-value-quantity',
      'start',
      'mode',
      'profile',
      '__proto__',
    );
    const modifier = fc.constantFrom(
      '',
      '',
      '',
      ':missing',
      ':exact',
      ':contains',
      ':not',
      ':in',
      ':below',
      ':above',
      ':of-type',
      ':identifier',
      ':text',
      ':Patient',
      ':iterate',
      ':x',
      ':',
      '.',
      ':missing:missing',
    );
    const escaped = (value: string) => encodeURIComponent(value.toWellFormed());
    const query = fc
      .array(fc.tuple(name, modifier, text), { maxLength: 4 })
      .map((parts) => parts.map(([n, m, value]) => `${n}${m}=${escaped(value)}`).join('&'));
    const path = fc
      .tuple(fc.array(word, { maxLength: 5 }), query)
      .map(
        ([parts, query]) =>
          `/${parts.map((part) => (part.startsWith('%') ? part : encodeURI(part.toWellFormed()))).join('/')}${query && `?${query}`}`,
      );
    const header = fc.string({ maxLength: 40 }).map((value) => value.replace(/[^\t\x20-\x7e]/g, ''));
    const headers = fc.record(
      {
        'If-Match': header,
        'If-None-Match': header,
        'If-None-Exist': header,
        'If-Modified-Since': header,
        Prefer: header,
        Accept: fc.oneof(header, fc.constant('*/*')),
        'X-Request-Id': header,
      },
      { requiredKeys: [] },
    );
    const junk = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        true,
        -1,
        1e300,
        '',
        'x',
        [],
        {},
        [null],
        [[]],
        { x: 1 },
        { toString: null, valueOf: 1 },
        '\u0000',
        '\ud800',
        '1.',
        'Patient/1',
        '#',
        '2026-02-30',
      ),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const models: object[] = [
      {
        resourceType: 'Patient',
        id: 'here',
        meta: { tag: [{ system: 'a', code: 'b' }], profile: ['http://example.org/x'] },
        text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
        contained: [{ resourceType: 'Organization', id: 'o' }],
        extension: [{ url: 'http://example.org/e', valueString: 'x' }],
        identifier: [{ system: 'a', value: 'b' }],
        name: [{ family: 'a', given: ['b'], period: { start: '2026' } }],
        birthDate: '1962-03-08',
        managingOrganization: { reference: '#o' },
        multipleBirthInteger: 1,
      },
      {
        resourceType: 'Observation',
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
        subject: { reference: 'Patient/here' },
        effectivePeriod: { start: '2026-01-01', end: '2026-01-02' },
        valueQuantity: { value: 1.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
        component: [{ code: { text: 'x' }, valueInteger: 1 }],
      },
      {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          {
            fullUrl: 'urn:uuid:0b1f8a52-9f0d-4a55-8f0b-3a8a2a1c0001',
            resource: {
              resourceType: 'Flag',
              status: 'active',
              code: { text: 'x' },
              subject: { reference: 'Patient?identifier=a|b' },
            },
            request: { method: 'POST', url: 'Flag', ifNoneExist: 'identifier=1' },
          },
          { request: { method: 'GET', url: 'Patient?name=a' } },
          { request: { method: 'DELETE', url: 'Flag/1' } },
        ],
      },
      {
        resourceType: 'Bundle',
        type: 'batch',
        entry: [
          {
            resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data: 'W10=' },
            request: { method: 'PATCH', url: 'Patient/here' },
          },
          { request: { method: 'HEAD', url: 'Patient/here/$meta' } },
        ],
      },
      {
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'operation',
            part: [
              { name: 'type', valueCode: 'add' },
              { name: 'path', valueString: 'Patient' },
              { name: 'name', valueString: 'gender' },
              { name: 'value', valueCode: 'male' },
            ],
          },
        ],
      },
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'meta', valueMeta: { tag: [{ system: 'a', code: 'b' }] } },
          { name: 'resource', resource: { resourceType: 'Patient' } },
          { name: 'mode', valueCode: 'create' },
        ],
      },
      {
        resourceType: 'SearchParameter',
        url: 'http://example.org/fuzz',
        name: 'x',
        status: 'active',
        description: 'x',
        code: 'fuzz',
        base: ['Patient'],
        type: 'string',
        expression: 'Patient.name.family',
      },
    ];
    /** A resource, some places of which hold something else. */
    const body = fc
      .tuple(
        fc.constantFrom(...models),
        fc.array(fc.tuple(fc.array(fc.nat(8), { maxLength: 6 }), junk), { maxLength: 3 }),
      )
      .map(([model, changes]) => {
        const changed = structuredClone(model);
        for (const [route, value] of changes) replaceAt(changed, route, value);
        return JSON.stringify(changed);
      });
    const runs = { numRuns: 250, interruptAfterTimeLimit: 20_000 };

    test('of addresses and headers', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'DELETE', 'POST'),
          path,
          headers,
          async (method, path, headers) => {
            await survives({ method, path, headers });
          },
        ),
        runs,
      );
    });

    test('of bodies', async () => {
      const places = fc.constantFrom(
        '/Patient',
        '/Observation',
        '/Bundle',
        '/',
        '/Patient/$validate',
        '/Patient/here/$meta-add',
        '/SearchParameter',
        '/Patient/here',
      );
      const methods = fc.constantFrom('POST', 'PUT', 'PATCH');
      await fc.assert(
        fc.asyncProperty(methods, places, headers, body, async (method, path, headers, body) => {
          await survives({ method, path, headers: { ...headers, ...fhir }, body });
        }),
        runs,
      );
    });

    test('of patches', async () => {
      const pointer = fc.constantFrom(
        '',
        '/',
        '/name',
        '/name/0',
        '/name/-',
        '/name/0/given/0',
        '/__proto__/x',
        '/meta',
        '/id',
        '/resourceType',
        '~',
        '/~2',
        '/a/b/c',
        '/name/99999999999',
      );
      const operation = fc.record(
        {
          op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
          path: fc.oneof(pointer, junk),
          from: fc.oneof(pointer, junk),
          value: junk,
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 4 }), async (operations) => {
          await survives({
            method: 'PATCH',
            path: '/Patient/here',
            headers: { 'Content-Type': 'application/json-patch+json' },
            body: JSON.stringify(operations),
          });
        }),
        runs,
      );
    });

    test('of bytes', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 200 }),
          fc.constantFrom('identity', 'gzip', 'br', 'deflate'),
          async (bytes, encoding) => {
            const answer = await post('/Patient', Buffer.from(bytes), { 'Content-Encoding': encoding });
            expect(answer.status).toBe(400);
          },
        ),
        { ...runs, numRuns: 100 },
      );
    });
  });
});

/** Puts a value at the place that a route of numbers leads to, each the number of a member. */
function replaceAt(holder: object, route: readonly number[], value: unknown): void {
  const names = Object.keys(holder);
  if (names.length === 0) return;
  const name = names[(route[0] ?? 0) % names.length]!;
  const members = holder as Record<string, unknown>;
  const member = members[name];
  if (route.length > 1 && typeof member === 'object' && member !== null)
    replaceAt(member, route.slice(1), value);
  // A copy: the next change may go into it.
  else members[name] = structuredClone(value);
}
