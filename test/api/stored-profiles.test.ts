import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

const url = (name: string) => `https://yongan.example/StructureDefinition/${name}`;

/** A profile by its differential alone, as authors write them. */
const profile = (id: string, element: object[], more: object = {}) => ({
  resourceType: 'StructureDefinition',
  id,
  url: url(id),
  name: 'Profile',
  status: 'active',
  fhirVersion: '4.0.1',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: { element: [{ id: 'Patient', path: 'Patient' }, ...element] },
  ...more,
});
const withBirthDate = profile('with-birth-date', [
  { id: 'Patient.birthDate', path: 'Patient.birthDate', min: 1 },
]);
const patient = (profileName: string, more: object = {}) => ({
  resourceType: 'Patient',
  meta: { profile: [url(profileName)] },
  name: [{ text: '王秀兰' }],
  ...more,
});

onEachEngine((server) => {
  const put = (resource: { resourceType: string; id: string }) =>
    server.put(`/${resource.resourceType}/${resource.id}`, resource);

  test('a resource is held to a profile as soon as that is stored, and no more once it is deleted', async () => {
    await server.post('/Patient', patient('with-birth-date')).expect(201);
    await put(withBirthDate).expect(201);
    const { body } = await server.post('/Patient', patient('with-birth-date')).expect(422);
    expect(body.issue).toContainEqual(
      expect.objectContaining({ severity: 'error', code: 'required', expression: ['Patient'] }),
    );
    await server.post('/Patient', patient('with-birth-date', { birthDate: '1962-03-08' })).expect(201);
    await server.delete('/StructureDefinition/with-birth-date').expect(204);
    await server.post('/Patient', patient('with-birth-date')).expect(201);
  });

  test('$validate takes a stored profile by its URL', async () => {
    await put(withBirthDate);
    const path = `/Patient/$validate?profile=${url('with-birth-date')}`;
    const severities = async (sent: object) =>
      (await server.post(path, sent).expect(200)).body.issue.map(
        ({ severity }: { severity: string }) => severity,
      );
    expect(await severities({ resourceType: 'Patient' })).toContain('error');
    expect(await severities({ resourceType: 'Patient', birthDate: '1962-03-08' })).not.toContain('error');
  });

  test('a profile of a profile holds what both say', async () => {
    await put(withBirthDate);
    await put(
      profile('with-gender', [{ id: 'Patient.gender', path: 'Patient.gender', min: 1 }], {
        baseDefinition: url('with-birth-date'),
      }),
    );
    const { body } = await server.post('/Patient', patient('with-gender')).expect(422);
    expect(body.issue.map(({ details }: { details: { text: string } }) => details.text).join()).toMatch(
      /birthDate.*gender|gender.*birthDate/,
    );
  });

  test('a code of a stored code system that is complete is one of its codes', async () => {
    const system = 'https://yongan.example/CodeSystem/village';
    const coded = (code: string) => ({ resourceType: 'Basic', code: { coding: [{ system, code }] } });
    await server.post('/Basic', coded('nowhere')).expect(201);
    await put({
      ...{ resourceType: 'CodeSystem', id: 'village', url: system },
      ...{ status: 'active', content: 'complete', concept: [{ code: 'a' }, { code: 'b' }] },
    } as { resourceType: string; id: string }).expect(201);
    const { body } = await server.post('/Basic', coded('nowhere')).expect(400);
    expect(body.issue[0]).toMatchObject({ code: 'code-invalid', expression: ['Basic.code'] });
    await server.post('/Basic', coded('a')).expect(201);
  });

  test('what is sent as a large request is held to it as well', async () => {
    await put(withBirthDate);
    const large = patient('with-birth-date', { text: { status: 'generated', div: narrative(200_000) } });
    await server.post('/Patient', large).expect(422);
    await server.post('/Patient', { ...large, birthDate: '1962-03-08' }).expect(201);
  });

  test('R4 itself stays what it is, whatever is stored under its URLs', async () => {
    await put({
      ...{ resourceType: 'ValueSet', id: 'gender', status: 'active' },
      url: 'http://hl7.org/fhir/ValueSet/administrative-gender',
      compose: { include: [{ system: 'http://example.org', concept: [{ code: '男' }] }] },
    } as { resourceType: string; id: string }).expect(201);
    await server.post('/Patient', { resourceType: 'Patient', gender: '男' }).expect(400);
  });
});

function narrative(length: number): string {
  return `<div xmlns="http://www.w3.org/1999/xhtml"><p>${'转诊'.repeat(length / 2)}</p></div>`;
}
