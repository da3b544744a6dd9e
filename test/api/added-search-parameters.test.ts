import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import { patientOf, village } from './villages.ts';

onEachEngine((server) => {
  const put = (changes: object = {}) => server.put('/SearchParameter/village', village(changes));
  const searched = async (query: string) =>
    (await server.get(`/Patient?${query}`).expect(200)).body.total as number;
  /** The names that Patient is searched by, as the CapabilityStatement has them. */
  async function names(): Promise<string[]> {
    const { body } = await server.get('/metadata').expect(200);
    const patient = body.rest[0].resource.find(({ type }: { type: string }) => type === 'Patient');
    return patient.searchParam.map(({ name }: { name: string }) => name);
  }

  test('a parameter that is added finds what was there before it, what comes after, and what changes', async () => {
    await server.get('/Patient?village=east').expect(400);
    await server.post('/Patient', patientOf('East village')).expect(201);
    const west = (await server.post('/Patient', patientOf('West village')).expect(201)).body;

    await put().expect(201);
    expect(await names()).toContain('village');
    expect(await searched('village=east')).toBe(1);
    await server.post('/Patient', patientOf('East village')).expect(201);
    expect(await searched('village=east')).toBe(2);
    await server.put(`/Patient/${west.id}`, { ...west, address: [{ line: ['East village'] }] }).expect(200);
    expect(await searched('village=east')).toBe(3);
  });

  test('another expression under the same URL indexes anew', async () => {
    await put({ type: 'token', expression: 'Patient.gender' }).expect(200);
    expect(await searched('village=east')).toBe(0);
    await server.post('/Patient', { resourceType: 'Patient', gender: 'other' }).expect(201);
    expect(await searched('village=other')).toBe(1);
  });

  test('one that is retired or deleted cannot be asked for any more', async () => {
    await put().expect(200);
    expect(await searched('village:missing=false')).toBe(3);
    await put({ status: 'retired' }).expect(200);
    await server.get('/Patient?village=east').expect(400);
    expect(await names()).not.toContain('village');
    await put().expect(200);
    expect(await searched('village=east')).toBe(3);
    await server.delete('/SearchParameter/village').expect(204);
    await server.get('/Patient?village=east').expect(400);
  });

  test('it can be chained to, sorted by, and be a reference that is included', async () => {
    await server
      .put('/SearchParameter/keeper', {
        ...village(),
        id: 'keeper',
        url: 'http://example.org/SearchParameter/patient-keeper',
        code: 'keeper',
        type: 'reference',
        expression: "Patient.extension('http://example.org/keeper').value",
        target: ['Practitioner'],
      })
      .expect(201);
    await server.put('/Practitioner/li', {
      resourceType: 'Practitioner',
      id: 'li',
      name: [{ family: '李' }],
    });
    const extension = [
      { url: 'http://example.org/keeper', valueReference: { reference: 'Practitioner/li' } },
    ];
    await server.put('/Patient/kept', { resourceType: 'Patient', id: 'kept', extension }).expect(201);
    expect(await searched('keeper=Practitioner/li')).toBe(1);
    expect(await searched('keeper:Practitioner.family=李')).toBe(1);
    const { body } = await server.get('/Patient?_id=kept&_include=Patient:keeper').expect(200);
    expect(body.entry.map((entry: { resource: { id: string } }) => entry.resource.id)).toEqual([
      'kept',
      'li',
    ]);
    await server.get('/Patient?_sort=keeper').expect(200);
  });

  test.each([
    ['an expression that is no FHIRPath', { expression: 'Patient.address.(line' }, 'SearchParameter'],
    ['no expression', { expression: undefined }, 'SearchParameter'],
    ['a name that is reserved', { code: '_mine' }, 'SearchParameter.code'],
    [
      'the URL of one of the server',
      { url: 'http://hl7.org/fhir/SearchParameter/individual-given' },
      'SearchParameter.url',
    ],
  ])('with %s it is refused with 422', async (_, changes, place) => {
    const { body } = await put(changes).expect(422);
    const errors = body.issue.filter(({ severity }: { severity: string }) => severity === 'error');
    expect(errors).toMatchObject([{ expression: [expect.stringMatching(place)] }]);
  });

  test('one that is not active is kept, and nothing more', async () => {
    await put({ status: 'draft', expression: 'Patient.address.(line' }).expect(201);
    await server.get('/Patient?village=east').expect(400);
  });
});
