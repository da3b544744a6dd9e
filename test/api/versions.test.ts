import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

const patient = {
  resourceType: 'Patient',
  name: [{ family: '王', given: ['芳'] }],
  gender: 'female',
  birthDate: '1962-03-08',
};

onEachEngine((server) => {
  test('a patient is created, read, changed, and both versions stay readable', async () => {
    const created = await server.post('/Patient', patient).expect(201);
    const id = created.body.id as string;
    expect(created.headers.location).toBe(`${server.base}/Patient/${id}/_history/1`);
    expect(created.headers.etag).toBe('W/"1"');
    expect(created.body.meta.versionId).toBe('1');

    const read = await server.get(`/Patient/${id}`).expect(200);
    expect(read.headers['content-type']).toBe('application/fhir+json; charset=utf-8');
    expect(read.headers['last-modified']).toBe(new Date(read.body.meta.lastUpdated).toUTCString());
    expect(read.body).toEqual(created.body);

    await server
      .put(`/Patient/${id}`, { ...patient, id, birthDate: '1962-03-09' })
      .expect(200)
      .expect('ETag', 'W/"2"');
    expect((await server.get(`/Patient/${id}/_history/1`).expect(200)).body.birthDate).toBe('1962-03-08');
    expect((await server.get(`/Patient/${id}/_history/2`).expect(200)).body.birthDate).toBe('1962-03-09');
  });

  test('decimals come back digit for digit', async () => {
    const text =
      '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}';
    const { body } = await server
      .post('/Observation')
      .set('Content-Type', 'application/fhir+json')
      .send(text)
      .expect(201);
    const read = await server.get(`/Observation/${body.id}`).expect(200);
    expect(read.text).toContain('"value":1.50}');
    const found = await server.get(`/Observation?_id=${body.id}&_pretty=true`).expect(200);
    expect(found.text).toMatch(/"value": 1\.50\n/);
  });

  test('a client may choose the id', async () => {
    const created = await server.put('/Patient/chosen-1', { ...patient, id: 'chosen-1' }).expect(201);
    expect(created.headers.location).toBe(`${server.base}/Patient/chosen-1/_history/1`);
    await server.put('/Patient/chosen-2', { ...patient, id: 'other' }).expect(400);
    await server.put('/Patient/chosen-2', patient).expect(400);
  });

  test('what was deleted is gone (410), what never was is not found (404), and its history shows the deletion', async () => {
    const { body } = await server.post('/Patient', patient).expect(201);
    await server.delete(`/Patient/${body.id}`).expect(204);
    await server.delete(`/Patient/${body.id}`).expect(204);
    await server.get(`/Patient/${body.id}`).expect(410);
    await server.get(`/Patient/${body.id}/_history/2`).expect(410);
    await server.get('/Patient/never').expect(404);
    const { body: history } = await server.get(`/Patient/${body.id}/_history`).expect(200);
    expect(history.entry.map((entry: { request: { method: string } }) => entry.request.method)).toEqual([
      'DELETE',
      'POST',
    ]);
    await server
      .put(`/Patient/${body.id}`, { ...patient, id: body.id })
      .expect(201)
      .expect('ETag', 'W/"3"');
  });

  test('an update of a version that is not the current one is refused with 412', async () => {
    const { body } = await server.post('/Patient', patient).expect(201);
    await server
      .put(`/Patient/${body.id}`, { ...patient, id: body.id })
      .set('If-Match', 'W/"1"')
      .expect(200);
    const refused = await server
      .put(`/Patient/${body.id}`, { ...patient, id: body.id })
      .set('If-Match', 'W/"1"')
      .expect(412);
    expect(refused.body.issue[0]).toMatchObject({ severity: 'error', code: 'conflict' });
    await server.get(`/Patient/${body.id}`).expect('ETag', 'W/"2"');
  });

  test('a client that has the current version gets 304', async () => {
    const { body, headers } = await server.post('/Patient', patient).expect(201);
    await server.get(`/Patient/${body.id}`).set('If-None-Match', headers.etag!).expect(304);
    await server.get(`/Patient/${body.id}`).set('If-Modified-Since', headers['last-modified']!).expect(304);
    await server.get(`/Patient/${body.id}`).set('If-None-Match', 'W/"7"').expect(200);
  });

  test('Prefer decides what a create gives back', async () => {
    const minimal = await server.post('/Patient', patient).set('Prefer', 'return=minimal').expect(201);
    expect(minimal.text).toBe('');
    const outcome = await server
      .post('/Patient', patient)
      .set('Prefer', 'return=OperationOutcome')
      .expect(201);
    expect(outcome.body.resourceType).toBe('OperationOutcome');
  });

  test('the same conditional create twice gives one patient; two matches are refused with 412', async () => {
    const identified = { ...patient, identifier: [{ system: 'urn:oid:1.2.3', value: 'conditional-1' }] };
    const condition = 'identifier=urn:oid:1.2.3|conditional-1';
    const first = await server.post('/Patient', identified).set('If-None-Exist', condition).expect(201);
    const second = await server.post('/Patient', identified).set('If-None-Exist', condition).expect(200);
    expect(second.body.id).toBe(first.body.id);
    await server.post('/Patient', identified).expect(201);
    await server.post('/Patient', identified).set('If-None-Exist', condition).expect(412);
  });

  test('many clients that send the same conditional create at one moment get one patient', async () => {
    const identified = { ...patient, identifier: [{ system: 'urn:oid:1.2.3', value: 'race' }] };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        server.post('/Patient', identified).set('If-None-Exist', 'identifier=urn:oid:1.2.3|race'),
      ),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
  });

  test('conditional update: none creates, one updates, another id is refused with 400, many with 412', async () => {
    const identified = { ...patient, identifier: [{ system: 'urn:oid:1.2.3', value: 'update-1' }] };
    const path = `/Patient?identifier=${encodeURIComponent('urn:oid:1.2.3|update-1')}`;
    const created = await server.put(path, identified).expect(201);
    const updated = await server.put(path, { ...identified, gender: 'male' }).expect(200);
    expect(updated.body.id).toBe(created.body.id);
    expect(updated.body.gender).toBe('male');
    await server.put(path, { ...identified, id: 'another' }).expect(400);
    await server.post('/Patient', identified).expect(201);
    await server.put(path, identified).expect(412);
    await server.delete(path).expect(412);
  });
});
