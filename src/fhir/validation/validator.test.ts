import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadDefinitions } from '../definitions/definitions.ts';
import type { Issue } from '../outcome.ts';
import { isError } from '../outcome.ts';
import { createValidator } from './validator.ts';

const validator = createValidator(loadDefinitions());

/** The errors of a resource by its base definition, as `place: code`. */
function errors(resource: unknown): string[] {
  return validator.validateBase(resource).filter(isError).map(line);
}

function line({ expression, code }: Issue): string {
  return `${expression?.[0]}: ${code}`;
}

const referral = {
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  subject: { reference: 'Patient/zhang-san' },
};

describe('a resource by its base definition', () => {
  test('a plain referral is right', () => {
    expect(validator.validateBase(referral)).toEqual([]);
  });

  test('what is no resource is refused', () => {
    for (const nothing of [undefined, null, 'x', [], {}, { resourceType: 5 }]) {
      expect(validator.validateBase(nothing)).toEqual([
        expect.objectContaining({ severity: 'error', code: 'structure' }),
      ]);
    }
    expect(errors({ resourceType: 'Referral' })).toEqual(['Referral: structure']);
    expect(errors({ resourceType: '__proto__' })).toEqual(['__proto__: structure']);
  });

  test('all that is wrong is reported at once, each with its place, both texts and the value', () => {
    const issues = validator.validateBase({
      ...referral,
      status: 'sent',
      authoredOn: '2024-02-30',
      urgency: 'high',
      note: [{ text: '一' }, { time: '2024-05-06' }],
    });
    expect(issues.map(line)).toEqual([
      'ServiceRequest.status: code-invalid',
      'ServiceRequest.authoredOn: value',
      'ServiceRequest: structure',
      'ServiceRequest.note[1]: required',
    ]);
    expect(issues[1]).toEqual({
      severity: 'error',
      code: 'value',
      text: {
        zh: '日期时间格式有误,应为日期或 YYYY-MM-DDThh:mm:ss+zz:zz',
        en: expect.stringContaining('dateTime'),
      },
      expression: ['ServiceRequest.authoredOn'],
      diagnostics: '2024-02-30',
    });
  });

  test('an element that is required is missed in what holds it', () => {
    const { subject, ...without } = referral;
    expect(subject).toBeDefined();
    expect(errors(without)).toEqual(['ServiceRequest: required']);
  });
});

describe('JSON', () => {
  test.each([
    ['an object for a list', { name: { family: '张' } }, 'Patient.name: structure'],
    ['a list for a single value', { gender: ['male'] }, 'Patient.gender: structure'],
    ['a string for an object', { maritalStatus: 'S' }, 'Patient.maritalStatus: structure'],
    ['an object for a string', { gender: { value: 'male' } }, 'Patient.gender: value'],
    ['a string for a boolean', { active: 'true' }, 'Patient.active: value'],
    ['an empty list', { name: [] }, 'Patient.name: structure'],
    ['an empty object', { name: [{}] }, 'Patient.name[0]: invariant'],
    ['an object with only an id', { name: [{ id: 'a' }] }, 'Patient.name[0]: invariant'],
    ['an empty string', { name: [{ text: '' }] }, 'Patient.name[0].text: value'],
    ['null', { gender: null }, 'Patient.gender: structure'],
    [
      'null in a list with nothing beside it',
      { name: [{ given: [null, '三'] }] },
      'Patient.name[0].given[0]: structure',
    ],
    ['a list in a list', { name: [[{ text: '张三' }]] }, 'Patient.name[0]: structure'],
    ['an unknown member', { fullName: '张三' }, 'Patient: structure'],
    ['an unknown member beside a primitive', { _gender: { code: 'x' } }, 'Patient.gender: structure'],
    ['only an id beside a primitive', { _gender: { id: 'g' } }, 'Patient.gender: invariant'],
  ])('%s is refused', (_, member, expected) => {
    expect(errors({ resourceType: 'Patient', ...member })).toContain(expected);
  });

  test('extensions of primitives, also in lists with nulls, are accepted', () => {
    const absent = {
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
      ],
    };
    const patient = {
      resourceType: 'Patient',
      _birthDate: absent,
      name: [{ given: ['三', null], _given: [null, absent] }],
    };
    expect(errors(patient)).toEqual([]);
  });
});

describe('choices', () => {
  const observation = { resourceType: 'Observation', status: 'final', code: { text: '血糖' } };

  test('one type is right, two are not', () => {
    expect(errors({ ...observation, valueString: '高' })).toEqual([]);
    expect(errors({ ...observation, valueString: '高', valueInteger: 7 })).toEqual([
      'Observation: structure',
    ]);
  });

  test('a type that the choice has not is named with those that it has', () => {
    const [issue] = validator.validateBase({ ...observation, valueReference: { reference: 'Patient/1' } });
    expect(issue?.text.en).toMatch(
      /"value\[x\]" cannot be of type Reference; allowed are: Quantity, CodeableConcept/,
    );
  });
});

describe('codes', () => {
  const allergy = { resourceType: 'AllergyIntolerance', patient: { reference: 'Patient/1' } };
  const active = {
    system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
    code: 'active',
  };

  test('a required concept has one coding of its value set', () => {
    expect(
      errors({ ...allergy, clinicalStatus: { coding: [{ system: 'urn:x', code: '1' }, active] } }),
    ).toEqual([]);
    expect(errors({ ...allergy, clinicalStatus: { coding: [{ system: 'urn:x', code: '1' }] } })).toEqual([
      'AllergyIntolerance.clinicalStatus: code-invalid',
    ]);
    expect(errors({ ...allergy, clinicalStatus: { text: '活动' } })).toContain(
      'AllergyIntolerance.clinicalStatus: code-invalid',
    );
  });

  test.each([
    ['a relative system', { system: 'icd', code: 'I10' }],
    [
      'a value set for a system',
      { system: 'http://hl7.org/fhir/ValueSet/observation-status', code: 'final' },
    ],
    [
      'a code that its system has not',
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'nope' },
    ],
  ])('%s is refused under any binding', (_, coding) => {
    expect(errors({ ...referral, bodySite: [{ coding: [coding] }] })).toEqual([
      'ServiceRequest.bodySite[0]: code-invalid',
    ]);
  });

  test('codes of systems that are kept elsewhere are judged by their form', () => {
    expect(errors({ resourceType: 'Binary', contentType: 'application/fhir+json; charset=utf-8' })).toEqual(
      [],
    );
    expect(errors({ resourceType: 'Binary', contentType: 'some file' })).toEqual([
      'Binary.contentType: code-invalid',
    ]);
    const money = (currency: string) => ({
      resourceType: 'Invoice',
      status: 'draft',
      totalNet: { value: 9.5, currency },
    });
    expect(errors(money('CNY'))).toEqual([]);
    expect(errors(money('RMB'))).toEqual(['Invoice.totalNet.currency: code-invalid']);
  });

  test('a name of a prototype is a code like any other', () => {
    expect(
      errors({ ...referral, quantityQuantity: { value: 1, system: 'constructor', code: 'toString' } }),
    ).toEqual(['ServiceRequest.quantity: code-invalid']);
    expect(errors({ ...referral, status: 'constructor' })).toEqual(['ServiceRequest.status: code-invalid']);
  });
});

describe('references', () => {
  test('one to a contained resource needs that resource, of a type that is allowed', () => {
    const contained = [{ resourceType: 'Medication', id: 'm' }];
    expect(errors({ ...referral, subject: { reference: '#p' } })).toEqual([
      'ServiceRequest.subject: invariant',
    ]);
    expect(errors({ ...referral, contained, subject: { reference: '#m' } })).toEqual([
      'ServiceRequest.subject: structure',
    ]);
  });

  test('one to another type outside is a warning, one with a wrong type stated an error', () => {
    const [issue] = validator.validateBase({ ...referral, subject: { reference: 'Observation/1' } });
    expect(issue).toMatchObject({ severity: 'warning', expression: ['ServiceRequest.subject'] });
    expect(errors({ ...referral, subject: { reference: 'Patient/1', type: 'Group' } })).toEqual([
      'ServiceRequest.subject: structure',
    ]);
  });
});

describe('contained resources', () => {
  const patient = { resourceType: 'Patient', id: 'p' };

  test.each([
    ['that nothing refers to', [patient, { ...patient, id: 'q' }], 'ServiceRequest.contained[1]: invariant'],
    ['without an id', [patient, { resourceType: 'Patient' }], 'ServiceRequest.contained[1]: required'],
    ['with the id of another', [patient, patient], 'ServiceRequest.contained[1]: duplicate'],
    ['with a version', [{ ...patient, meta: { versionId: '1' } }], 'ServiceRequest: invariant'],
    [
      'that contains another',
      [{ ...patient, contained: [{ resourceType: 'Group', id: 'g' }] }],
      'ServiceRequest: invariant',
    ],
  ])('one %s is refused', (_, contained, expected) => {
    expect(errors({ ...referral, subject: { reference: '#p' }, contained })).toContain(expected);
  });

  test('one that refers to its container is right', () => {
    const contained = [
      {
        resourceType: 'Provenance',
        id: 'v',
        target: [{ reference: '#' }],
        recorded: '2024-05-06T08:00:00Z',
        agent: [{ who: { reference: 'Practitioner/1' } }],
      },
    ];
    expect(errors({ ...referral, contained })).toEqual([]);
  });
});

describe('invariants', () => {
  test('a broken one is known by its key', () => {
    const [issue] = validator.validateBase({ ...referral, orderDetail: [{ text: '床旁' }] });
    expect(issue).toMatchObject({ severity: 'error', code: 'invariant', coding: { code: 'prr-1' } });
  });

  test.each([
    [
      'a period that ends before it starts',
      { occurrencePeriod: { start: '2024-05-07', end: '2024-05-06' } },
      'ServiceRequest.occurrence: invariant',
    ],
    [
      'an extension with a value and extensions',
      {
        extension: [
          { url: 'http://example.org/e', valueString: 'a', extension: [{ url: 'b', valueString: 'c' }] },
        ],
      },
      'ServiceRequest.extension[0]: invariant',
    ],
    [
      'an extension with neither',
      { extension: [{ url: 'http://example.org/e' }] },
      'ServiceRequest.extension[0]: invariant',
    ],
  ])('%s breaks one', (_, member, expected) => {
    expect(errors({ ...referral, ...member })).toEqual([expected]);
  });

  test('that a resource has no narrative is not held against it', () => {
    expect(validator.validateBase({ resourceType: 'Patient', active: true })).toEqual([]);
  });
});

describe('bundles and parameters', () => {
  test('the resources in them are checked, with the place in the whole', () => {
    const entry = [
      { fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520', resource: { ...referral, intent: 'wish' } },
    ];
    expect(errors({ resourceType: 'Bundle', type: 'collection', entry })).toEqual([
      'Bundle.entry[0].resource.intent: code-invalid',
    ]);
    const parameter = [{ name: 'resource', resource: { resourceType: 'Patient', gender: '男' } }];
    expect(errors({ resourceType: 'Parameters', parameter })).toEqual([
      'Parameters.parameter[0].resource.gender: code-invalid',
    ]);
  });

  test('a reference within a bundle is to a type that is allowed', () => {
    const organization = 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520';
    const request = (url: string) => ({ method: 'POST', url });
    const entry = [
      {
        fullUrl: organization,
        resource: { resourceType: 'Organization', name: '镇卫生院' },
        request: request('Organization'),
      },
      { resource: { ...referral, subject: { reference: organization } }, request: request('ServiceRequest') },
    ];
    expect(errors({ resourceType: 'Bundle', type: 'transaction', entry })).toEqual([
      'Bundle.entry[1].resource.subject: structure',
    ]);
  });
});

describe('hostile input', () => {
  test('names of prototypes are unknown elements', () => {
    const patient = JSON.parse(
      '{"resourceType":"Patient","__proto__":{"a":1},"constructor":{"b":2},"toString":"x"}',
    );
    expect(errors(patient)).toEqual(['Patient: structure', 'Patient: structure', 'Patient: structure']);
  });

  test('deep nesting ends', () => {
    let item: unknown = { linkId: '1', type: 'group' };
    for (let level = 0; level < 5000; level++) item = { linkId: String(level), type: 'group', item: [item] };
    const questionnaire = { resourceType: 'Questionnaire', status: 'draft', item: [item] };
    expect(
      validator.validateBase(questionnaire).some(({ text }) => text.en.startsWith('Nested deeper')),
    ).toBe(true);
  });

  test('many contained resources and references to them take no more than their number', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => String(i));
    const contained = many.map((id) => ({ resourceType: 'Basic', id, code: { text: 'x' } }));
    const supportingInfo = many.map((id) => ({ reference: `#${id}` }));
    const started = performance.now();
    expect(errors({ ...referral, contained, supportingInfo })).toEqual([]);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('of many errors some are listed, and that there are more', () => {
    const name = Array.from({ length: 100_000 }, () => ({ use: 'pen name' }));
    const issues = validator.validateBase({ resourceType: 'Patient', name });
    expect(issues).toHaveLength(201);
    expect(issues.at(-1)).toMatchObject({ severity: 'error', code: 'incomplete' });
  });

  test('long values are cut in what is reported', () => {
    const [issue] = validator.validateBase({ resourceType: 'Patient', gender: 'x'.repeat(1_000_000) });
    expect(issue?.diagnostics?.length).toBeLessThan(200);
    expect(issue?.text.en.length).toBeLessThan(500);
  });

  test('whatever JSON says that it is a resource, the answer is a list of issues', () => {
    const types = fc.constantFrom(
      'Patient',
      'Bundle',
      'Parameters',
      'Observation',
      'Questionnaire',
      'ValueSet',
      'CodeSystem',
    );
    const names = fc.constantFrom(
      'entry',
      'resource',
      'name',
      'item',
      'value',
      'valueQuantity',
      'extension',
      'url',
      'contained',
      'meta',
      'profile',
      'compose',
      'concept',
      'parameter',
      'code',
      'id',
      'reference',
    );
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.integer(),
        fc.constant(null),
        tie('object'),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
      object: fc.dictionary(names, tie('value'), { maxKeys: 5 }),
    })).object;
    fc.assert(
      fc.property(types, json, (resourceType, members) => {
        expect(Array.isArray(validator.validate({ ...(members as object), resourceType }))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
