import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

const system = 'urn:oid:1.2.3';
const identified = (value: string, more: object = {}) => ({
  resourceType: 'Patient',
  identifier: [{ system, value }],
  ...more,
});
const by = (value: string) => `identifier=${encodeURIComponent(`${system}|${value}`)}`;
const makeFemale = [{ op: 'add', path: '/gender', value: 'female' }];
const femaleByPath = {
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'add' },
        { name: 'path', valueString: 'Patient' },
        { name: 'name', valueString: 'gender' },
        { name: 'value', valueCode: 'female' },
      ],
    },
  ],
};

/** http://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #3.1.0.7.1 (conditional delete), #patch */
onEachEngine((server) => {
  const store = async (value: string) => (await server.post('/Patient', identified(value)).expect(201)).body;
  const patchJson = (path: string) =>
    server.patch(path, makeFemale).set('Content-Type', 'application/json-patch+json');

  test('conditional create: none creates (201), one "ignores the post and returns 200", several are 412', async () => {
    const post = () => server.post('/Patient', identified('c')).set('If-None-Exist', by('c'));
    const created = await post().expect(201);
    const repeated = await post().expect(200);
    expect(repeated.headers.location).toBe(created.headers.location);
    expect(repeated.body.id).toBe(created.body.id);
    await store('c');
    await post().expect(412);
  });

  test('conditional create without usable criteria is refused', async () => {
    await server.post('/Patient', identified('x')).set('If-None-Exist', 'colour=red').expect(400);
    await server.post('/Patient', identified('x')).set('If-None-Exist', '').expect(412);
    await server.post('/Patient', identified('x')).set('If-None-Exist', 'identifier=%').expect(400);
  });

  test('conditional update: no match without id creates; no match with an id is an update as create', async () => {
    const created = await server.put(`/Patient?${by('u1')}`, identified('u1')).expect(201);
    expect(created.headers.location).toContain(`/Patient/${created.body.id}/_history/1`);
    const chosen = await server.put(`/Patient?${by('u2')}`, identified('u2', { id: 'u2' })).expect(201);
    expect(chosen.body.id).toBe('u2');
  });

  test('conditional update: one match updates; another id is 400; several are 412', async () => {
    const { id } = await store('u3');
    const updated = await server
      .put(`/Patient?${by('u3')}`, identified('u3', { gender: 'male' }))
      .expect(200);
    expect(updated.body).toMatchObject({ id, gender: 'male' });
    await server.put(`/Patient?${by('u3')}`, identified('u3', { id })).expect(200);
    await server.put(`/Patient?${by('u3')}`, identified('u3', { id: 'other' })).expect(400);
    await store('u3');
    await server.put(`/Patient?${by('u3')}`, identified('u3')).expect(412);
  });

  test('conditional update, patch and delete need criteria', async () => {
    await server.put('/Patient', identified('x')).expect(412);
    await patchJson('/Patient').expect(412);
    await server.delete('/Patient').expect(412);
    await server.delete('/Patient?colour=red').expect(400);
  });

  test('conditional patch: one match is patched, none is 404, several are 412', async () => {
    await store('p');
    expect((await patchJson(`/Patient?${by('p')}`).expect(200)).body.gender).toBe('female');
    await store('p2');
    expect((await server.patch(`/Patient?${by('p2')}`, femaleByPath).expect(200)).body.gender).toBe('female');
    await patchJson(`/Patient?${by('nobody')}`).expect(404);
    await store('p');
    await patchJson(`/Patient?${by('p')}`).expect(412);
  });

  test('conditional patch with If-Match holds against the one match', async () => {
    await store('pm');
    await patchJson(`/Patient?${by('pm')}`)
      .set('If-Match', 'W/"7"')
      .expect(412);
    await patchJson(`/Patient?${by('pm')}`)
      .set('If-Match', 'W/"1"')
      .expect(200);
  });

  test('conditional delete: "performs an ordinary delete on the matching resource"; several are refused with 412', async () => {
    const { id } = await store('d');
    await server.delete(`/Patient?${by('d')}`).expect(204);
    await server.get(`/Patient/${id}`).expect(410);
    await server.delete(`/Patient?${by('d')}`).expect(204);
    const first = await store('d2');
    await store('d2');
    await server.delete(`/Patient?${by('d2')}`).expect(412);
    await server.get(`/Patient/${first.id}`).expect(200);
  });
});

onEachEngine(
  (server) => {
    test('where the server is set to, a conditional delete deletes all that match, and nothing else', async () => {
      for (const _ of [1, 2, 3]) await server.post('/Patient', identified('many')).expect(201);
      await server.post('/Patient', identified('other')).expect(201);
      await server.delete(`/Patient?${by('many')}`).expect(204);
      const { body } = await server.get('/Patient').expect(200);
      expect(body.total).toBe(1);
      const { body: capabilities } = await server.get('/metadata').expect(200);
      expect(capabilities.rest[0].resource[0].conditionalDelete).toBe('multiple');
    });
  },
  { CONDITIONAL_DELETE_MULTIPLE: 'true' },
);
