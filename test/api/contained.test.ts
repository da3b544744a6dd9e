import { beforeAll, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

/** The addresses of what a search found, below the base. */
const found = (body: { entry?: { fullUrl: string }[] }) =>
  (body.entry ?? []).map(({ fullUrl }) => fullUrl.split('/fhir/')[1]!).sort();

onEachEngine((server) => {
  beforeAll(async () => {
    const amlodipine = {
      resourceType: 'Medication',
      id: 'm1',
      code: { coding: [{ system: 'http://x', code: 'C08CA01' }] },
    };
    await server.put('/Medication/alone', { ...amlodipine, id: 'alone' }).expect(201);
    await server
      .put('/MedicationRequest/request', {
        resourceType: 'MedicationRequest',
        id: 'request',
        contained: [amlodipine, { resourceType: 'Medication', id: 'm2', code: { text: 'other' } }],
        status: 'active',
        intent: 'order',
        subject: { display: '王芳' },
        medicationReference: { reference: '#m1' },
        supportingInformation: [{ reference: '#m2' }],
      })
      .expect(201);
  });

  test.each([
    ['"by default … contained resources are not searched"', '', ['Medication/alone']],
    ['"true" finds the container', '&_contained=true', ['MedicationRequest/request']],
    [
      '"both" finds what stands alone, too',
      '&_contained=both',
      ['Medication/alone', 'MedicationRequest/request'],
    ],
    [
      'the contained resource itself',
      '&_contained=true&_containedType=contained',
      ['MedicationRequest/request#m1'],
    ],
    [
      'both, the contained one itself',
      '&_contained=both&_containedType=contained',
      ['Medication/alone', 'MedicationRequest/request#m1'],
    ],
  ])('%s', async (_, form, expected) => {
    const { body } = await server.get(`/Medication?code=C08CA01${form}`).expect(200);
    expect(found(body)).toEqual(expected);
  });
});
