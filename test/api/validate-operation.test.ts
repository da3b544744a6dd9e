import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

/** Valid, but not by the project's profile, which asks for the sex. */
const patient = { resourceType: 'Patient', birthDate: '1962-03-08' };
const invalid = { ...patient, gender: 'unknown?' };
const patientProfile = 'https://w3id.org/zhuanzhen/StructureDefinition/patient';

const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const resource = (it: object) => ({ name: 'resource', resource: it });
const mode = (valueCode: string) => ({ name: 'mode', valueCode });
const profile = (valueUri: string) => ({ name: 'profile', valueUri });

onEachEngine((server) => {
  const severities = (body: { issue: { severity: string }[] }) => body.issue.map(({ severity }) => severity);
  const validated = async (path: string, sent: object) => {
    const { body } = await server.post(path, sent).expect(200);
    expect(body.resourceType).toBe('OperationOutcome');
    return severities(body);
  };

  test('a valid resource is answered with 200 and an outcome without errors', async () => {
    expect(await validated('/Patient/$validate', patient)).toEqual(['information']);
    expect(await validated('/Patient/$validate', parameters(resource(patient)))).toEqual(['information']);
  });

  test('"This operation returns a 200 OK whether or not the resource is valid"', async () => {
    expect(await validated('/Patient/$validate', invalid)).toContain('error');
    expect(await validated('/Patient/$validate', parameters(resource(invalid)))).toContain('error');
    const { body } = await server.post('/Patient/$validate', invalid).expect(200);
    expect(body.issue[0].expression).toEqual(['Patient.gender']);
  });

  test('nothing is kept of what is validated', async () => {
    await server
      .post('/Flag/$validate', parameters(resource({ resourceType: 'Flag' }), mode('create')))
      .expect(200);
    expect((await server.get('/Flag?_summary=count').expect(200)).body.total).toBe(0);
  });

  test('by a profile that is nominated, in the body or in the address', async () => {
    expect(
      await validated('/Patient/$validate', parameters(resource(patient), profile(patientProfile))),
    ).toContain('error');
    expect(await validated(`/Patient/$validate?profile=${patientProfile}`, patient)).toContain('error');
  });

  test('"if … the server cannot validate against the nominated profile, it SHALL return an error"', async () => {
    const unknown = profile('http://example.org/StructureDefinition/nothing');
    const { body } = await server
      .post('/Patient/$validate', parameters(resource(patient), unknown))
      .expect(400);
    expect(body.issue[0].code).toBe('not-supported');
  });

  test.each([
    ['no resource', parameters()],
    ['another type of resource', { resourceType: 'Flag' }],
    ['a mode that there is not', parameters(resource(patient), mode('perhaps'))],
    ['the mode update without an instance', parameters(resource(patient), mode('update'))],
    ['the mode delete without an instance', parameters(mode('delete'))],
    ['two resources', parameters(resource(patient), resource(patient))],
    ['a resource that is none', parameters({ name: 'resource', resource: 'Patient' })],
  ])('with %s nothing can be validated: 400', async (_, sent) => {
    await server.post('/Patient/$validate', sent).expect(400);
  });

  test('mode create asks the rules that a create is held to', async () => {
    const referral = {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      category: [
        { coding: [{ system: 'https://w3id.org/zhuanzhen/CodeSystem/referral-direction', code: 'up' }] },
      ],
      subject: { reference: 'Patient/none' },
    };
    expect(await validated('/ServiceRequest/$validate', parameters(resource(referral)))).not.toContain(
      'error',
    );
    expect(
      await validated('/ServiceRequest/$validate', parameters(resource(referral), mode('create'))),
    ).toContain('error');
  });

  test('mode update looks at the resource that would be replaced', async () => {
    await server.put('/Patient/to-update', { ...patient, id: 'to-update' }).expect(201);
    const update = (it: object) =>
      validated('/Patient/to-update/$validate', parameters(resource(it), mode('update')));
    expect(await update({ ...patient, id: 'to-update' })).toEqual(['information']);
    expect(await update({ ...patient, id: 'another' })).toContain('error');
    expect(await update(patient)).toContain('error');
  });

  test('mode delete ignores the content, and needs something to delete', async () => {
    await server.put('/Patient/to-delete', { ...patient, id: 'to-delete' }).expect(201);
    expect(await validated('/Patient/to-delete/$validate', parameters(mode('delete')))).toEqual([
      'information',
    ]);
    await server.post('/Patient/never/$validate', parameters(mode('delete'))).expect(404);
    await server.get('/Patient/to-delete').expect(200);
  });

  test('mode profile checks what is stored against a profile', async () => {
    await server.put('/Patient/stored', { ...patient, id: 'stored' }).expect(201);
    const sent = parameters(mode('profile'), profile(patientProfile));
    expect(await validated('/Patient/stored/$validate', sent)).toContain('error');
    await server.post('/Patient/stored/$validate', parameters(mode('profile'))).expect(400);
    await server
      .post('/Patient/stored/$validate', parameters(mode('profile'), resource(patient)))
      .expect(400);
    expect(
      (await server.get(`/Patient/stored/$validate?mode=profile&profile=${patientProfile}`).expect(200)).body
        .resourceType,
    ).toBe('OperationOutcome');
  });

  test('Parameters can be validated themselves', async () => {
    expect(await validated('/Parameters/$validate', parameters({ name: 'a', valueBoolean: true }))).toEqual([
      'information',
    ]);
    expect(await validated('/Parameters/$validate', parameters({ valueBoolean: true }))).toContain('error');
  });
});
