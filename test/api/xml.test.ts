import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import { loadXml } from '../../src/fhir/xml/xml.ts';
import { onEachEngine } from '../environment/server.ts';

const xml = await loadXml(loadDefinitions());
const fhirXml = 'application/fhir+xml';
const patient = (content: string) => `<Patient xmlns="http://hl7.org/fhir">${content}</Patient>`;
/** From so much white space on a body is large, whatever it says. */
const padding = ' '.repeat(200_000);

onEachEngine((server) => {
  const send = (method: 'post' | 'put' | 'patch', path: string, body: string, headers = {}) =>
    request(server.base)
      [method](path)
      .set({ 'Content-Type': fhirXml, Accept: fhirXml, ...headers })
      .send(body);
  const get = (path: string, accept = fhirXml) => server.get(path).set('Accept', accept);
  /** What an answer says, read as JSON. */
  const said = ({ text }: { text: string }) => JSON.parse(xml.read(Buffer.from(text), 64));

  test('what is created in XML is read in XML and in JSON, digit for digit, with the same version', async () => {
    const observation = `<Observation xmlns="http://hl7.org/fhir"><id value="glucose"/><status value="final"/><code><text value="血糖"/></code><valueQuantity><value value="6.10"/><unit value="mmol/L"/></valueQuantity></Observation>`;
    const created = await send('put', '/Observation/glucose', observation).expect(201);
    expect(created.headers).toMatchObject({ etag: 'W/"1"', 'content-type': `${fhirXml}; charset=utf-8` });
    expect(created.headers.location).toContain('/Observation/glucose/_history/1');
    expect(created.text).toContain('<value value="6.10"/>');

    const read = await get('/Observation/glucose').expect(200).expect('ETag', 'W/"1"');
    expect(read.text).toBe(created.text);
    const inJson = await server.get('/Observation/glucose').expect(200).expect('ETag', 'W/"1"');
    expect(inJson.text).toContain('"value":6.10');
    expect(said(read)).toEqual(inJson.body);
    await get('/Observation/glucose').set('If-None-Match', 'W/"1"').expect(304);
  });

  test.each([
    ['Accept: application/xml', '/Patient/x', 'application/xml', 'application/xml'],
    ['Accept: text/xml', '/Patient/x', 'text/xml', 'text/xml'],
    ['Accept of a version', '/Patient/x', 'application/fhir+xml; fhirVersion=4.0', fhirXml],
    [
      'Accept that names XML beside what there is not',
      '/Patient/x',
      'application/fhir+xml;q=0.5, text/html',
      fhirXml,
    ],
    ['_format=xml', '/Patient/x?_format=xml', 'application/fhir+json', fhirXml],
    ['_format=application/fhir+xml', '/Patient/x?_format=application/fhir+xml', '*/*', fhirXml],
    ['_format=text/xml', '/Patient/x?_format=text/xml', '*/*', 'text/xml'],
    ['_format=json', '/Patient/x?_format=json', fhirXml, 'application/fhir+json'],
    [
      'a browser, which accepts XML as it accepts pages',
      '/Patient/x',
      'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'application/fhir+json',
    ],
  ])('the form of the answer is that of %s', async (_, path, accept, type) => {
    await server.put('/Patient/x', { resourceType: 'Patient', id: 'x' });
    const { headers, text } = await get(path, accept).expect(200);
    expect(headers['content-type']).toBe(`${type}; charset=utf-8`);
    expect(headers.vary).toContain('Accept');
    expect(text.startsWith('{')).toBe(type.includes('json'));
  });

  test('who sends XML and accepts anything is answered in XML', async () => {
    const { text } = await send('post', '/Patient', patient(''), { Accept: '*/*' }).expect(201);
    expect(text).toContain('<Patient xmlns="http://hl7.org/fhir">');
  });

  test.each(['application/xml', 'text/xml; charset=utf-8', 'application/xml+fhir'])(
    'XML is also taken as %s',
    async (type) => {
      await send('post', '/Patient', patient('<active value="true"/>'), { 'Content-Type': type }).expect(201);
    },
  );

  test('_pretty indents', async () => {
    await server.put('/Patient/p', { resourceType: 'Patient', id: 'p' });
    const { text } = await get('/Patient/p?_pretty=true').expect(200);
    expect(text).toContain('\n  <id value="p"/>\n');
  });

  test('Prefer asks for nothing or for an outcome, as in JSON', async () => {
    const minimal = await send('post', '/Patient', patient(''), { Prefer: 'return=minimal' }).expect(201);
    expect(minimal.text).toBe('');
    const outcome = await send('post', '/Patient', patient(''), { Prefer: 'return=OperationOutcome' });
    expect(outcome.text).toContain('<OperationOutcome xmlns="http://hl7.org/fhir">');
  });

  test('a transaction in XML: its entries refer to each other, and its answer is XML', async () => {
    const transaction = `<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/>
      <entry><fullUrl value="urn:uuid:7d1f6a52-4ae9-4e1b-9d5e-000000000001"/>
        <resource><Organization><name value="清石镇卫生院"/></Organization></resource>
        <request><method value="POST"/><url value="Organization"/></request></entry>
      <entry><resource><Patient><name><text value="李雷"/></name><managingOrganization>
          <reference value="urn:uuid:7d1f6a52-4ae9-4e1b-9d5e-000000000001"/></managingOrganization></Patient></resource>
        <request><method value="POST"/><url value="Patient"/></request></entry></Bundle>`;
    const answer = said(await send('post', '/', transaction).expect(200));
    expect(answer).toMatchObject({
      resourceType: 'Bundle',
      type: 'transaction-response',
      entry: [{ response: { status: '201' } }, { response: { status: '201' } }],
    });
    const [organization] = /Organization\/[^/]+/.exec(answer.entry[0].response.location)!;
    const found = said(await get(`/Patient?organization=${organization}`).expect(200));
    expect(found).toMatchObject({
      total: 1,
      entry: [{ resource: { resourceType: 'Patient', managingOrganization: { reference: organization } } }],
    });
  });

  test('a batch tells what became of each entry, with outcomes inside', async () => {
    const batch = `<Bundle xmlns="http://hl7.org/fhir"><type value="batch"/><entry><request><method value="GET"/><url value="Patient/nobody"/></request></entry></Bundle>`;
    const answer = said(await send('post', '/', batch).expect(200));
    expect(answer.entry[0].response).toMatchObject({
      status: '404',
      outcome: { resourceType: 'OperationOutcome' },
    });
  });

  describe('what is refused is told in XML', () => {
    test.each<[string, () => request.Test, number, string]>([
      ['an unknown address', () => get('/Nothing/1'), 404, ''],
      ['nothing under an id', () => get('/Patient/nobody'), 404, 'Patient/nobody'],
      ['an unknown search parameter', () => get('/Patient?nme=a'), 400, 'nme'],
      ['no XML', () => send('post', '/Patient', '<Patient'), 400, 'line 1, column'],
      ['JSON that says it is XML', () => send('post', '/Patient', '{}'), 400, 'Not valid XML'],
      ['an unknown element', () => send('post', '/Patient', patient('\n<nme/>')), 400, 'line 2, column 1'],
      ['a wrong value', () => send('post', '/Patient', patient('<gender value="?"/>')), 400, 'gender'],
      ['another type', () => send('post', '/Observation', patient('')), 400, 'Observation'],
      [
        'entities',
        () => send('post', '/Patient', `<!DOCTYPE a [<!ENTITY a "b">]>${patient('<id value="&a;"/>')}`),
        400,
        'DOCTYPE',
      ],
      ['depth', () => send('post', '/Patient', '<a>'.repeat(100_000)), 400, 'Not valid XML'],
      [
        'a version that is not',
        () => send('put', '/Patient/v', patient('<id value="v"/>'), { 'If-Match': 'W/"9"' }),
        412,
        '',
      ],
    ])('%s', async (_, ask, status, text) => {
      const answer = await ask().expect(status);
      expect(answer.headers['content-type']).toBe(`${fhirXml}; charset=utf-8`);
      const outcome = said(answer);
      expect(outcome).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] });
      expect(outcome.issue[0].details.text).toContain(text);
    });

    test('every issue of a resource at once, each with its place', async () => {
      const wrong = patient('<gender value="unknown?"/><birthDate value="1962-13-01"/>');
      const { issue } = said(await send('post', '/Patient', wrong).expect(400));
      const places = issue.flatMap(({ expression }: { expression?: string[] }) => expression ?? []);
      expect(places).toEqual(expect.arrayContaining(['Patient.gender', 'Patient.birthDate']));
    });
  });

  test('what was asked for to be done later is fetched in XML', async () => {
    await server.put('/Patient/x', { resourceType: 'Patient', id: 'x' });
    const begun = await get('/Patient?_id=x').set('Prefer', 'respond-async').expect(202);
    const below = (url: string) => url.slice(server.base.length);
    const place = below(begun.headers['content-location']!);
    let state = await server.get(place);
    while (state.status === 202) state = await server.get(place);
    const fetched = await get(below(state.body.output[0].url))
      .expect(200)
      .expect('Content-Type', /fhir\+xml/);
    expect(said(fetched)).toMatchObject({ resourceType: 'Bundle', total: 1 });
  });

  test('a FHIRPath Patch comes as Parameters in XML', async () => {
    await server.put('/Patient/f', { resourceType: 'Patient', id: 'f', active: true });
    const patch = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>
      <part><name value="type"/><valueCode value="replace"/></part>
      <part><name value="path"/><valueString value="Patient.active"/></part>
      <part><name value="value"/><valueBoolean value="false"/></part></parameter></Parameters>`;
    expect(said(await send('patch', '/Patient/f', patch).expect(200))).toMatchObject({ active: false });
  });

  test('an XML Patch is refused with 415, and what is taken is named', async () => {
    const headers = { 'Content-Type': 'application/xml-patch+xml' };
    const refused = said(await send('patch', '/Patient/f', '<diff/>', headers).expect(415));
    expect(refused.issue[0].details.text).toContain(
      'application/json-patch+json, application/fhir+json, application/fhir+xml',
    );
  });

  test('an operation takes and gives XML', async () => {
    const outcome = said(
      await send('post', '/Patient/$validate', patient('<gender value="?"/>')).expect(200),
    );
    expect(outcome.issue[0].expression).toEqual(['Patient.gender']);
  });

  describe('a large body is answered as a small one is', () => {
    test.each([
      ['a create', patient('<active value="true"/>'), 201],
      ['a wrong value', patient('<gender value="?"/>'), 400],
      ['an unknown element', patient('<nme/>'), 400],
      ['another encoding', `<?xml version="1.0" encoding="GBK"?>${patient('')}`, 400],
    ])('%s', async (_, body, status) => {
      const small = said(await send('post', '/Patient', body).expect(status));
      const large = said(await send('post', '/Patient', body + padding).expect(status));
      expect({ ...large, id: 0, meta: 0 }).toEqual({ ...small, id: 0, meta: 0 });
    });

    test('more values than are taken', async () => {
      const name = `<name>${'<given value="a"/>'.repeat(510_000)}</name>`;
      await send('post', '/Patient', patient(name)).expect(413);
    });
  });

  test('a long answer is written in a thread of its own, and says the same', async () => {
    const item = Array.from({ length: 12_000 }, (_, n) => ({
      linkId: `l${n}`,
      text: '血压(收缩压/舒张压)',
      type: 'string',
    }));
    await server
      .put('/Questionnaire/long', { resourceType: 'Questionnaire', id: 'long', status: 'draft', item })
      .expect(201);
    const inJson = await server.get('/Questionnaire/long').expect(200);
    expect(inJson.text.length).toBeGreaterThan(524_288);
    const inXml = await get('/Questionnaire/long')
      .expect(200)
      .expect('Content-Type', `${fhirXml}; charset=utf-8`);
    expect(said(inXml)).toEqual(inJson.body);
  });

  describe('a Binary', () => {
    test('whose content is XML of another kind, such as a CDA document, comes back as it came', async () => {
      const document = '<ClinicalDocument xmlns="urn:hl7-org:v3"/>';
      const created = await send('post', '/Binary', document, { 'Content-Type': 'text/xml' }).expect(201);
      const id = said(created).id as string;
      const { text } = await get(`/Binary/${id}`, 'text/xml').expect(200).expect('Content-Type', 'text/xml');
      expect(text).toBe(document);
      expect(said(await get(`/Binary/${id}`).expect(200))).toMatchObject({ contentType: 'text/xml' });
    });

    test('is a resource in FHIR XML', async () => {
      const binary =
        '<Binary xmlns="http://hl7.org/fhir"><contentType value="text/plain"/><data value="YQ=="/></Binary>';
      const { id } = said(await send('post', '/Binary', binary).expect(201));
      const { text } = await get(`/Binary/${id}`, 'text/plain').expect(200);
      expect(text).toBe('a');
    });
  });

  test('the CapabilityStatement says so, in XML too', async () => {
    const statement = said(await get('/metadata').expect(200));
    expect(statement.format).toEqual(expect.arrayContaining(['application/fhir+xml', 'xml']));
    expect(statement.patchFormat).toContain('application/fhir+xml');
    expect(statement).toEqual((await server.get('/metadata')).body);
  });
});
