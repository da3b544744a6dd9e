import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

const system = 'http://example.org/tags';
const tag = (code: string, display?: string) => ({ system, code, ...(display && { display }) });
const security = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
const given = (valueMeta: object) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta }],
});

onEachEngine((server) => {
  /** Creates a patient with these tags, in two versions. */
  async function aPatient(id: string, tags: object[] = []) {
    const patient = { resourceType: 'Patient', id, ...(tags.length > 0 && { meta: { tag: tags } }) };
    await server.put(`/Patient/${id}`, { ...patient, gender: 'male' }).expect(201);
    return (await server.put(`/Patient/${id}`, { ...patient, gender: 'female' }).expect(200)).body;
  }
  const returned = (body: { parameter: { name: string; valueMeta: Record<string, unknown> }[] }) => {
    expect(body.parameter.map(({ name }) => name)).toEqual(['return']);
    return body.parameter[0]!.valueMeta;
  };

  test('$meta of a resource "returns the same meta as would be returned by accessing the resource directly"', async () => {
    const patient = await aPatient('meta-1', [tag('a')]);
    for (const answer of [
      await server.get('/Patient/meta-1/$meta').expect(200),
      await server.post('/Patient/meta-1/$meta').expect(200),
    ])
      expect(returned(answer.body)).toEqual(patient.meta);
    const { body } = await server.get('/Patient/meta-1/_history/1/$meta').expect(200);
    expect(returned(body)).toMatchObject({ versionId: '1', tag: [tag('a')] });
    await server.get('/Patient/meta-1/_history/9/$meta').expect(404);
    await server.get('/Patient/never/$meta').expect(404);
  });

  test('$meta of a type and of the system sums up the labels in use, each once', async () => {
    const basic = (code: string) => ({
      resourceType: 'Basic',
      code: { text: 'x' },
      meta: { tag: [tag('every'), tag(code)], security: [security] },
    });
    for (const code of ['one', 'two', 'three', 'two']) await server.post('/Basic', basic(code)).expect(201);
    const { body } = await server.get('/Basic/$meta').expect(200);
    const meta = returned(body);
    expect(meta.security).toEqual([security]);
    expect((meta.tag as { code: string }[]).map(({ code }) => code).sort()).toEqual([
      'every',
      'one',
      'three',
      'two',
    ]);
    expect(meta).not.toHaveProperty('versionId');
    const system = returned((await server.get('/$meta').expect(200)).body);
    expect((system.tag as { code: string }[]).map(({ code }) => code)).toEqual(
      expect.arrayContaining(['every', 'one', 'two', 'three']),
    );
    expect(returned((await server.get('/Substance/$meta').expect(200)).body)).toEqual({});
  });

  test('$meta-add adds labels without a new version, and they are searched by at once', async () => {
    const before = await aPatient('add-1', [tag('first', 'First')]);
    const { body } = await server
      .post(
        '/Patient/add-1/$meta-add',
        given({ tag: [tag('first', 'Renamed'), tag('second')], security: [security] }),
      )
      .expect(200);
    expect(returned(body)).toEqual({
      ...before.meta,
      tag: [tag('first', 'First'), tag('second')],
      security: [security],
    });

    const after = await server.get('/Patient/add-1').expect(200).expect('ETag', 'W/"2"');
    expect(after.body).toEqual({ ...before, meta: returned(body) });
    const found = await server.get(`/Patient?_tag=${system}|second&_id=add-1`).expect(200);
    expect(found.body.total).toBe(1);
    const history = await server.get('/Patient/add-1/_history').expect(200);
    expect(history.body.entry).toHaveLength(2);
  });

  test('$meta-delete takes labels by system and code; those that are not there are no error', async () => {
    await aPatient('delete-1', [tag('stays'), tag('goes', 'Goes')]);
    const { body } = await server
      .post('/Patient/delete-1/$meta-delete', given({ tag: [tag('goes'), tag('never-was')] }))
      .expect(200);
    expect(returned(body).tag).toEqual([tag('stays')]);
    const found = await server.get(`/Patient?_tag=${system}|goes&_id=delete-1`).expect(200);
    expect(found.body.total).toBe(0);
    await server.post('/Patient/delete-1/$meta-delete', given({ tag: [tag('stays')] })).expect(200);
    expect((await server.get('/Patient/delete-1').expect(200)).body.meta).not.toHaveProperty('tag');
  });

  test('labels of one version change in that version alone', async () => {
    await aPatient('version-1');
    await server.post('/Patient/version-1/_history/1/$meta-add', given({ tag: [tag('old')] })).expect(200);
    expect((await server.get('/Patient/version-1/_history/1').expect(200)).body.meta.tag).toEqual([
      tag('old'),
    ]);
    expect((await server.get('/Patient/version-1').expect(200)).body.meta).not.toHaveProperty('tag');
    const found = await server.get(`/Patient?_tag=${system}|old`).expect(200);
    expect(found.body.total).toBe(0);
    await server.post('/Patient/version-1/_history/1/$meta-delete', given({ tag: [tag('old')] })).expect(200);
    expect((await server.get('/Patient/version-1/_history/1').expect(200)).body.meta).not.toHaveProperty(
      'tag',
    );
  });

  test('a claim to a profile that the resource does not meet is refused with 422', async () => {
    await server.put('/Patient/claim-1', { resourceType: 'Patient', id: 'claim-1' }).expect(201);
    await server
      .post(
        '/Patient/claim-1/$meta-add',
        given({ profile: ['https://w3id.org/zhuanzhen/StructureDefinition/patient'] }),
      )
      .expect(422);
    expect((await server.get('/Patient/claim-1').expect(200)).body.meta).not.toHaveProperty('profile');
  });

  test.each([
    ['without a meta', { resourceType: 'Parameters' }],
    ['with a meta of another form', given({ tag: 'urgent' })],
    ['with another resource', { resourceType: 'Patient' }],
  ])('%s there is nothing to add: 400', async (_, sent) => {
    await server.put('/Patient/refused-1', { resourceType: 'Patient', id: 'refused-1' });
    await server.post('/Patient/refused-1/$meta-add', sent).expect(400);
  });

  test('an operation that changes something is not called by GET, and needs the resource', async () => {
    await server.get('/Patient/never/$meta-add').expect(405);
    await server.post('/Patient/never/$meta-add', given({ tag: [tag('a')] })).expect(404);
  });
});
