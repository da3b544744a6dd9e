import { describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

/** The mistakes that vendors make most, and what their programmer reads: the words that tell how to mend it. */
onEachEngine((server) => {
  const observation = (changes: object) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    subject: { reference: 'Patient/1' },
    ...changes,
  });
  const patient = (changes: object) => ({ resourceType: 'Patient', ...changes });
  const told = async (sent: object): Promise<string[]> => {
    const type = (sent as { resourceType?: string }).resourceType ?? 'Patient';
    const { body } = await server.post(`/${type}/$validate`, sent);
    return body.issue.map(({ details }: { details: { text: string } }) => details.text);
  };

  describe('a mistake is told in words that say how to mend it, in both languages', () => {
    test.each<[string, object, string, string]>([
      [
        'a Chinese word for an element',
        patient({ birthDay: '2020-01-01' }),
        '最接近的是「birthDate」',
        'the nearest is "birthDate"',
      ],
      ['a date with slashes', patient({ birthDate: '2024/01/02' }), 'YYYY-MM-DD', 'YYYY-MM-DD'],
      ['a code as text', observation({ code: '8867-4' }), '如 {"coding":[', 'such as {"coding":['],
      [
        'a reference as text',
        observation({ subject: 'Patient/1' }),
        '如 {"reference":"Patient/1"}',
        'such as {"reference"',
      ],
      [
        'a Chinese word for a code',
        patient({ gender: '男' }),
        '可用代码:male, female, other, unknown',
        'the codes are: male',
      ],
      [
        'mmHg for a unit',
        observation({ valueQuantity: { value: 120, system: 'http://unitsofmeasure.org', code: 'mmHg' } }),
        '应为「mm[Hg]」',
        'it is written "mm[Hg]"',
      ],
      [
        'a unit that is none',
        observation({ valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'foo' } }),
        '单位代码「foo」不属于',
        'The unit "foo" is not one of',
      ],
      [
        'a right code under a wrong system',
        {
          resourceType: 'Condition',
          clinicalStatus: { coding: [{ system: 'http://example.org/status', code: 'active' }] },
          subject: { reference: 'Patient/1' },
        },
        '该代码属于 http://terminology.hl7.org/CodeSystem/condition-clinical',
        'it is one of http://terminology.hl7.org/CodeSystem/condition-clinical',
      ],
      [
        'a reference without a type',
        observation({ subject: { reference: '1' } }),
        '如 Patient/1',
        'such as Patient/1',
      ],
      [
        'a reference to a type that is none',
        observation({ subject: { reference: 'Patients/1' } }),
        '「Patients」不存在',
        'no resource type "Patients"',
      ],
      [
        'a profile of ours that there is not',
        patient({ meta: { profile: ['https://w3id.org/zhuanzhen/StructureDefinition/patients'] } }),
        'https://w3id.org/zhuanzhen/StructureDefinition/patient',
        'under that address there are',
      ],
      [
        'a blood pressure without the code of the panel',
        observation({
          category: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' },
              ],
            },
          ],
          code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
          effectiveDateTime: '2026-11-20',
          meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bp'] },
        }),
        '缺少必填元素「coding (http://loinc.org|85354-9)」',
        '"coding (http://loinc.org|85354-9)" is required',
      ],
      [
        'a code that a small code system has not, where nothing binds it',
        {
          resourceType: 'Basic',
          code: {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'diagnosis' },
            ],
          },
        },
        '可用代码:problem-list-item, encounter-diagnosis',
        'its codes are: problem-list-item, encounter-diagnosis',
      ],
      ['null', patient({ gender: null }), '没有值时应省略', 'leave it out'],
      [
        'an entity that XML does not know',
        patient({
          text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">a&nbsp;b</div>' },
        }),
        '&nbsp;',
        '&nbsp;',
      ],
    ])('%s', async (_, sent, zh, en) => {
      const texts = await told(sent);
      const halves = texts.map((text) => text.split(' / '));
      expect(halves.some(([chinese]) => chinese!.includes(zh))).toBe(true);
      expect(halves.some(([, english]) => english?.includes(en))).toBe(true);
    });
  });

  test('a unit that is called like a member of every object is no unit', async () => {
    const valueQuantity = { value: 1, system: 'http://unitsofmeasure.org', code: 'constructor' };
    expect((await told(observation({ valueQuantity }))).join()).not.toContain('native code');
  });

  test('where JSON has other names than FHIRPath, the place is given in JSON too', async () => {
    const sent = observation({ valueQuantity: { value: '76' } });
    const { body } = await server.post('/Observation', sent).expect(400);
    const [issue] = body.issue;
    expect(issue.expression).toEqual(['Observation.value.value']);
    expect(issue.diagnostics).toMatch(/ \| JSON: valueQuantity\.value$/);

    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: sent, request: { method: 'POST', url: 'Observation' } }],
    };
    const refused = await server.post('/', bundle).expect(400);
    expect(refused.body.issue[0].diagnostics).toContain('JSON: entry[0].resource.valueQuantity.value');
  });

  test('a unit that is none is refused with 422, for it breaks no structure', async () => {
    const valueQuantity = { value: 76, system: 'http://unitsofmeasure.org', code: 'bpm' };
    const { body } = await server.post('/Observation', observation({ valueQuantity })).expect(422);
    expect(body.issue[0]).toMatchObject({ severity: 'error', code: 'code-invalid' });
  });

  test('without a resourceType the message names it', async () => {
    const { body } = await server.post('/Patient', { name: [{ text: '王秀兰' }] }).expect(400);
    expect(body.issue[0].details.text).toContain('缺少 resourceType');
  });

  test('the error comes first, and its sentence where clients look (HAPI shows diagnostics of the first issue)', async () => {
    const { body } = await server
      .post('/Patient', {
        resourceType: 'Patient',
        extension: [{ url: 'http://example.org/unknown', valueString: 'x' }],
        gender: 'zzz',
      })
      .expect(400);
    expect(body.issue[0].severity).toBe('error');
    expect(body.issue[0].diagnostics).toContain(body.issue[0].details.text);
    expect(body.issue.map(({ severity }: { severity: string }) => severity)).toContain('information');
  });

  test('base, profile and rules are told at once', async () => {
    const { body } = await server
      .post('/ServiceRequest', {
        resourceType: 'ServiceRequest',
        status: 'aktive',
        intent: 'order',
        subject: { reference: 'Patient/1' },
        category: [
          { coding: [{ system: 'https://w3id.org/zhuanzhen/CodeSystem/referral-direction', code: 'up' }] },
        ],
      })
      .expect(400);
    const text = JSON.stringify(body);
    expect(text).toContain('aktive');
    expect(text).toContain('referral-rule');
    expect(text).toMatch(/缺少必填元素/);
  });
});
