import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';

const icd = 'https://yongan.example/CodeSystem/icd-10';
const wards = 'https://yongan.example/CodeSystem/wards';
const profile = 'https://yongan.example/StructureDefinition/hypertension';
const listed = 'https://yongan.example/ValueSet/township-list';

const condition = (coding: object, more: object = {}): Resource => ({
  resourceType: 'Condition',
  subject: { display: '王秀兰' },
  code: { coding: [coding] },
  ...more,
});

onEachEngine((server) => {
  beforeAll(async () => {
    const load = async (url: string, version: string, codes: readonly string[], content = 'complete') =>
      server
        .post('/CodeSystem/$load-codes', {
          ...{ resourceType: 'CodeSystem', status: 'active', url, version, content, caseSensitive: true },
          concept: codes.map((code) => ({ code, display: `病 ${code}` })),
        })
        .expect(200);
    await load(icd, '1.0', ['I10', 'I10.x00x002', 'I11', 'I99.old']);
    await load(icd, '2.0', ['I10', 'I10.x00x002', 'I10.x00x009', 'I11', 'K29.500']);
    await load(wards, '1', ['cardiology'], 'fragment');
    await server
      .put('/ValueSet/township-list', {
        ...{ resourceType: 'ValueSet', id: 'township-list', url: listed, status: 'active' },
        compose: {
          include: [{ system: icd, filter: [{ property: 'concept', op: 'is-a', value: 'I10' }] }],
          exclude: [{ system: icd, concept: [{ code: 'I10.x00x009' }] }],
        },
      })
      .expect(201);
    await server
      .put('/StructureDefinition/hypertension', {
        ...{ resourceType: 'StructureDefinition', id: 'hypertension', url: profile, name: 'Hypertension' },
        ...{ status: 'active', kind: 'resource', abstract: false, type: 'Condition', fhirVersion: '4.0.1' },
        baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Condition',
        derivation: 'constraint',
        differential: {
          element: [
            { id: 'Condition', path: 'Condition' },
            {
              ...{ id: 'Condition.code', path: 'Condition.code' },
              binding: { strength: 'required', valueSet: listed },
            },
          ],
        },
      })
      .expect(201);
  });

  const claims = { meta: { profile: [profile] } };
  const severities = async (resource: Resource) => {
    const { body } = await server.post('/Condition/$validate', resource).expect(200);
    return (body.issue as { severity: string; details: { text: string } }[])
      .filter(({ details }) => /code|代码/.test(details.text))
      .map(({ severity }) => severity);
  };

  describe('a code of a system whose table is there', () => {
    test('is taken where the table has it, in whichever edition', async () => {
      for (const code of ['I10', 'I10.x00x009', 'I99.old'])
        expect(await severities(condition({ system: icd, code }))).toEqual([]);
      await server.post('/Condition', condition({ system: icd, code: 'I10' })).expect(201);
    });

    test('is refused where no edition has it, or not the one that is named', async () => {
      expect(await severities(condition({ system: icd, code: 'I10.x00x00' }))).toEqual(['error']);
      expect(await severities(condition({ system: icd, version: '2.0', code: 'I99.old' }))).toEqual([
        'error',
      ]);
      expect(await severities(condition({ system: icd, version: '3.0', code: 'I99.old' }))).toEqual([]);
      const { body } = await server.post('/Condition', condition({ system: icd, code: 'X99' })).expect(400);
      expect(body.issue[0]).toMatchObject({ code: 'code-invalid', expression: ['Condition.code'] });
      await server
        .put('/Condition/patched', { ...condition({ system: icd, code: 'I10' }), id: 'patched' })
        .expect(201);
      const change = [{ op: 'replace', path: '/code/coding/0/code', value: 'X99' }];
      await server.patch('/Condition/patched', change).expect(400);
    });

    test('and so each code of a transaction', async () => {
      const entry = (code: string) => ({
        resource: condition({ system: icd, code }),
        request: { method: 'POST', url: 'Condition' },
      });
      const { body } = await server
        .post('', { resourceType: 'Bundle', type: 'transaction', entry: [entry('I10'), entry('X98')] })
        .expect(400);
      expect(body.issue[0].expression).toEqual(['Bundle.entry[1].resource.code']);
    });
  });

  test('of a part of a table it is said that it is one', async () => {
    expect(await severities(condition({ system: wards, code: 'cardiology' }))).toEqual([]);
    expect(await severities(condition({ system: wards, code: 'oncology' }))).toEqual(['warning']);
  });

  describe('a binding to a value set by the hierarchy of a table', () => {
    test.each([
      ['the code itself', 'I10', true],
      ['a code below it', 'I10.x00x002', true],
      ['one that is excluded', 'I10.x00x009', false],
      ['another one of the table', 'I11', false],
    ])('%s', async (_, code, isIn) => {
      const found = await severities(condition({ system: icd, code }, claims));
      expect(found).toEqual(isIn ? [] : ['error']);
    });

    test('holds what is written', async () => {
      await server.post('/Condition', condition({ system: icd, code: 'I11' }, claims)).expect(422);
      await server.post('/Condition', condition({ system: icd, code: 'I10.x00x002' }, claims)).expect(201);
    });
  });

  test('a table that is loaded anew counts for the next request', async () => {
    const url = 'https://yongan.example/CodeSystem/anew';
    const load = (...codes: string[]) =>
      server
        .post('/CodeSystem/$load-codes', {
          ...{ resourceType: 'CodeSystem', status: 'active', url, version: '1', content: 'complete' },
          concept: codes.map((code) => ({ code })),
        })
        .expect(200);
    await load('a');
    await server.post('/Condition', condition({ system: url, code: 'b' })).expect(400);
    await load('a', 'b');
    await server.post('/Condition', condition({ system: url, code: 'b' })).expect(201);
    const { body } = await server.get(`/CodeSystem?url=${url}`).expect(200);
    await server.delete(`/CodeSystem/${body.entry[0].resource.id}`);
    await server.post('/Condition', condition({ system: url, code: 'c' })).expect(201);
  });
});
