import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

const urn = (at: number) => `urn:uuid:0b1f8a52-9f0d-4a55-8f0b-3a8a2a1c000${at}`;
const patient = { resourceType: 'Patient', id: 'p', gender: 'female' };
const practitioner = { resourceType: 'Practitioner', id: 'wang' };
const composition = {
  resourceType: 'Composition',
  status: 'final',
  type: { text: '转诊记录' },
  subject: { reference: urn(1) },
  date: '2026-03-01',
  author: [{ reference: urn(2) }],
  title: '转诊记录',
};
const header = {
  resourceType: 'MessageHeader',
  eventUri: 'http://example.org/referral',
  source: { endpoint: 'http://example.org/his' },
};
const entryOf = (resource: object, at: number) => ({
  fullUrl: urn(at),
  resource,
});
const bundle = (type: string, resources: object[], more: object = {}) => ({
  resourceType: 'Bundle',
  type,
  ...more,
  entry: resources.map(entryOf),
});
const identified = {
  identifier: { system: 'urn:oid:1.2.3', value: 'd-1' },
  timestamp: '2026-03-01T09:00:00+08:00',
};

/** "Bundles … may also be stored" (http://hl7.org/fhir/R4/bundle.html): at /Bundle they are resources like any other. */
onEachEngine((server) => {
  test.each([
    ['collection', bundle('collection', [patient])],
    ['document', bundle('document', [composition, patient, practitioner], identified)],
    ['message', bundle('message', [header, patient])],
  ])('a %s is stored, read, changed, searched and deleted', async (type, sent) => {
    const created = (await server.post('/Bundle', sent).expect(201)).body;
    expect(created.entry).toEqual(sent.entry);
    expect((await server.get(`/Bundle/${created.id}`).expect(200)).body).toEqual(created);
    expect((await server.get(`/Bundle?type=${type}`).expect(200)).body.total).toBe(1);
    await server
      .put(`/Bundle/${created.id}`, { ...sent, id: created.id })
      .expect(200)
      .expect('ETag', 'W/"2"');
    await server.delete(`/Bundle/${created.id}`).expect(204);
    await server.get(`/Bundle/${created.id}`).expect(410);
  });

  test('what is in a stored bundle is not stored by itself', async () => {
    await server.post('/Bundle', bundle('collection', [patient])).expect(201);
    await server.get('/Patient/p').expect(404);
  });

  test('a document is found by its identifier', async () => {
    const { body } = await server
      .post('/Bundle', bundle('document', [composition, patient, practitioner], identified))
      .expect(201);
    const found = (await server.get('/Bundle?identifier=urn:oid:1.2.3|d-1').expect(200)).body;
    expect(found.entry[0].resource.id).toBe(body.id);
  });

  test('a transaction that is posted to /Bundle is kept, not run', async () => {
    const transaction = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: { resourceType: 'Flag' }, request: { method: 'PUT', url: 'Patient/q' } }],
    };
    const { status } = await server.post('/Bundle', transaction);
    expect([201, 400, 422]).toContain(status);
    await server.get('/Patient/q').expect(404);
  });
});
