import { describe, expect, test } from '@jest/globals';
import { type Definitions, loadDefinitions } from '../../definitions/definitions.ts';
import { isError } from '../../outcome.ts';
import type { Element, Resource } from '../../resource.ts';
import { createValidator } from '../validator.ts';

const official = loadDefinitions();
const url = 'http://example.org/StructureDefinition/profile';

/** The official definitions and a few more. */
function definitionsWith(...more: Element[]): Definitions {
  return {
    ...official,
    find: <T extends Resource>(type: string, canonical: string) =>
      (more.find((one) => one.resourceType === type && one.url === canonical.split('|')[0]) as
        | T
        | undefined) ?? official.find<T>(type, canonical),
  };
}

/** A profile on a type, from the elements that it constrains: the rest of its snapshot says nothing new. */
function profile(type: string, element: Element[], more: Element = {}): Element {
  const root = { id: type, path: type, min: 0, max: '*' };
  return {
    resourceType: 'StructureDefinition',
    url,
    type,
    kind: 'resource',
    derivation: 'constraint',
    snapshot: { element: [root, ...element] },
    ...more,
  };
}

/** The errors of a resource by a profile of these elements, as `place: text`. */
function errors(element: Element[], resource: Element, ...more: Element[]): string[] {
  const type = resource.resourceType as string;
  const validator = createValidator(definitionsWith(profile(type, element), ...more));
  const issues = validator.validateProfile(url, resource as Resource);
  return issues.filter(isError).map(({ expression, text }) => `${expression?.[0]}: ${text.en}`);
}

const patient = { resourceType: 'Patient' };
const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };

describe('cardinality', () => {
  test('a profile can demand, forbid and limit what the base definition allows', () => {
    const elements = [
      { id: 'Patient.birthDate', path: 'Patient.birthDate', min: 1, max: '1', type: [{ code: 'date' }] },
      { id: 'Patient.photo', path: 'Patient.photo', min: 0, max: '0', type: [{ code: 'Attachment' }] },
      { id: 'Patient.name', path: 'Patient.name', min: 0, max: '1', type: [{ code: 'HumanName' }] },
    ];
    expect(errors(elements, { ...patient, birthDate: '1980-01-01', name: [{ text: '张三' }] })).toEqual([]);
    expect(
      errors(elements, { ...patient, photo: [{ title: 'x' }], name: [{ text: '张三' }, { text: '李四' }] }),
    ).toEqual([
      'Patient: "birthDate" is required',
      'Patient: "photo" is not allowed here',
      'Patient: "name" can occur at most 1 times, but occurs 2 times',
    ]);
  });

  test('a rule about a part holds wherever the whole is', () => {
    const elements = [
      {
        id: 'Patient.contact.name',
        path: 'Patient.contact.name',
        min: 1,
        max: '1',
        type: [{ code: 'HumanName' }],
      },
      {
        id: 'Patient.contact',
        path: 'Patient.contact',
        min: 0,
        max: '*',
        type: [{ code: 'BackboneElement' }],
      },
    ].reverse();
    expect(errors(elements, { ...patient, contact: [{ name: { text: '王五' } }, { telecom: [] }] })).toEqual([
      'Patient.contact[1]: "name" is required',
    ]);
  });
});

describe('values', () => {
  const status = (rule: Element) => [
    {
      id: 'Observation.status',
      path: 'Observation.status',
      min: 1,
      max: '1',
      type: [{ code: 'code' }],
      ...rule,
    },
  ];

  test('fixed values and patterns', () => {
    expect(errors(status({ fixedCode: 'final' }), observation)).toEqual([]);
    expect(errors(status({ fixedCode: 'amended' }), observation)).toEqual([
      'Observation.status: The value must be exactly "amended"',
    ]);
    expect(errors(status({ patternCode: 'amended' }), observation)).toEqual([
      'Observation.status: The value must have "amended"',
    ]);
  });

  test('lengths and limits', () => {
    const value = (rule: Element) => [
      { id: 'Observation.value[x]', path: 'Observation.value[x]', min: 0, max: '1', ...rule },
    ];
    const types = [{ code: 'integer' }, { code: 'string' }, { code: 'dateTime' }];
    expect(errors(value({ type: types, maxLength: 3 }), { ...observation, valueString: '血压高' })).toEqual(
      [],
    );
    expect(errors(value({ type: types, maxLength: 2 }), { ...observation, valueString: '血压高' })).toEqual([
      'Observation.value: Longer than 2 characters',
    ]);
    expect(
      errors(value({ type: types, minValueInteger: 0, maxValueInteger: 10 }), {
        ...observation,
        valueInteger: 11,
      }),
    ).toEqual(['Observation.value: Must not be more than 10']);
    expect(
      errors(value({ type: types, minValueDateTime: '2024-01-01' }), {
        ...observation,
        valueDateTime: '2023-12-31T10:00:00Z',
      }),
    ).toEqual(['Observation.value: Must not be less than 2024-01-01']);
  });

  test('a choice is narrowed', () => {
    const elements = [
      {
        id: 'Observation.value[x]',
        path: 'Observation.value[x]',
        min: 1,
        max: '1',
        type: [{ code: 'Quantity' }],
      },
    ];
    expect(errors(elements, { ...observation, valueQuantity: { value: 1 } })).toEqual([]);
    expect(errors(elements, { ...observation, valueString: '1' })).toEqual([
      'Observation: "value[x]" cannot be of type string; allowed are: Quantity',
    ]);
  });

  test('a required binding is an error, an extensible one a warning where it draws on the system', () => {
    const sets = {
      resourceType: 'ValueSet',
      url: 'http://example.org/ValueSet/marital',
      compose: {
        include: [
          { system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', concept: [{ code: 'M' }] },
        ],
      },
    };
    const married = (code: string, system = 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus') => ({
      ...patient,
      maritalStatus: { coding: [{ system, code }] },
    });
    const bound = (strength: string) => [
      {
        id: 'Patient.maritalStatus',
        path: 'Patient.maritalStatus',
        min: 0,
        max: '1',
        type: [{ code: 'CodeableConcept' }],
        binding: { strength, valueSet: 'http://example.org/ValueSet/marital' },
      },
    ];
    const issues = (strength: string, resource: Element) =>
      createValidator(definitionsWith(profile('Patient', bound(strength)), sets))
        .validateProfile(url, resource as Resource)
        .map(({ severity }) => severity);
    expect(issues('required', married('M'))).toEqual([]);
    expect(issues('required', married('S'))).toEqual(['error']);
    expect(issues('required', married('1', 'urn:oid:1.2'))).toEqual(['error']);
    expect(issues('extensible', married('S'))).toEqual(['warning']);
    expect(issues('extensible', married('1', 'urn:oid:1.2'))).toEqual([]);
    expect(issues('preferred', married('S'))).toEqual([]);
  });

  test('a constraint is told in both languages when it is written in both', () => {
    const constraint = [
      {
        key: 'x-1',
        severity: 'error',
        human: '须有姓名 / There must be a name',
        expression: 'name.exists()',
      },
    ];
    const validator = createValidator(
      definitionsWith(
        profile('Patient', [], {
          snapshot: { element: [{ id: 'Patient', path: 'Patient', min: 0, max: '*', constraint }] },
        }),
      ),
    );
    expect(validator.validateProfile(url, patient)).toEqual([
      {
        severity: 'error',
        code: 'invariant',
        text: { zh: '不满足规则 x-1:须有姓名', en: 'Rule x-1 is broken: There must be a name' },
        expression: ['Patient'],
        coding: { code: 'x-1' },
      },
    ]);
  });
});

describe('slices', () => {
  const identifiers = (
    slicing: Element,
    ...slices: [name: string, min: number, max: string, rules: Element[]][]
  ) => [
    {
      id: 'Patient.identifier',
      path: 'Patient.identifier',
      min: 0,
      max: '*',
      type: [{ code: 'Identifier' }],
      slicing,
    },
    ...slices.flatMap(([name, min, max, rules]) => [
      {
        id: `Patient.identifier:${name}`,
        path: 'Patient.identifier',
        sliceName: name,
        min,
        max,
        type: [{ code: 'Identifier' }],
      },
      ...rules.map((rule) => ({
        min: 0,
        max: '1',
        ...rule,
        id: `Patient.identifier:${name}.${rule.at}`,
        path: `Patient.identifier.${rule.at}`,
      })),
    ]),
  ];
  const bySystem = { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' };
  const system = (fixedUri: string) => ({ at: 'system', min: 1, type: [{ code: 'uri' }], fixedUri });
  const value = { at: 'value', min: 1, type: [{ code: 'string' }] };
  const residentId = { system: 'urn:oid:2.16.156.10011.1.3', value: '11010519491231002X' };
  const recordNumber = { system: 'urn:oid:2.16.156.10011.1.2', value: '1' };
  const slices: Parameters<typeof identifiers>[1][] = [
    ['residentId', 1, '1', [system(residentId.system), value]],
    ['record', 0, '1', [system(recordNumber.system)]],
  ];
  const check = (slicing: Element, identifier: Element[]) =>
    errors(identifiers(slicing, ...slices), { ...patient, identifier });

  test('by value: each slice has its own number and rules, what belongs to none is right', () => {
    expect(check(bySystem, [residentId, recordNumber, { system: 'urn:oid:1.1', value: '2' }])).toEqual([]);
    expect(check(bySystem, [recordNumber])).toEqual([
      'Patient: "identifier (urn:oid:2.16.156.10011.1.3)" is required',
    ]);
    expect(check(bySystem, [residentId, residentId])).toEqual([
      'Patient: "identifier (urn:oid:2.16.156.10011.1.3)" can occur at most 1 times, but occurs 2 times',
    ]);
    expect(check(bySystem, [recordNumber, { system: residentId.system }])).toEqual([
      'Patient.identifier[1]: "value" is required',
    ]);
  });

  test('closed, ordered and open at the end', () => {
    const other = { system: 'urn:oid:1.1' };
    expect(check({ ...bySystem, rules: 'closed' }, [residentId, other])).toEqual([
      'Patient.identifier[1]: Belongs to none of the slices of "identifier"',
    ]);
    expect(check({ ...bySystem, ordered: true }, [residentId, other, recordNumber])).toEqual([]);
    expect(check({ ...bySystem, ordered: true }, [recordNumber, residentId])).toEqual([
      'Patient.identifier[1]: The slices of "identifier" are out of order',
    ]);
    expect(check({ ...bySystem, rules: 'openAtEnd' }, [residentId, other])).toEqual([]);
    expect(check({ ...bySystem, rules: 'openAtEnd' }, [other, residentId])).toEqual([
      'Patient.identifier[1]: The slices of "identifier" are out of order',
    ]);
  });

  test('by pattern and by existence', () => {
    const pattern = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] };
    const byType = identifiers({ discriminator: [{ type: 'pattern', path: 'type' }], rules: 'open' }, [
      'medicalRecord',
      1,
      '1',
      [{ at: 'type', min: 1, type: [{ code: 'CodeableConcept' }], patternCodeableConcept: pattern }],
    ]);
    expect(errors(byType, { ...patient, identifier: [{ type: { ...pattern, text: '病案号' } }] })).toEqual(
      [],
    );
    expect(errors(byType, { ...patient, identifier: [{ value: '1' }] })).toEqual([
      'Patient: "identifier (http://terminology.hl7.org/CodeSystem/v2-0203|MR)" is required',
    ]);

    const byPeriod = identifiers({ discriminator: [{ type: 'exists', path: 'period' }], rules: 'open' }, [
      'current',
      0,
      '1',
      [{ at: 'period', max: '0', type: [{ code: 'Period' }] }],
    ]);
    expect(
      errors(byPeriod, { ...patient, identifier: [{ value: '1' }, { value: '2', period: { end: '2020' } }] }),
    ).toEqual([]);
    expect(errors(byPeriod, { ...patient, identifier: [{ value: '1' }, { value: '2' }] })).toHaveLength(1);
  });

  test('by type, of a choice and of what is referred to', () => {
    const byType = [
      {
        id: 'Observation.value[x]',
        path: 'Observation.value[x]',
        min: 0,
        max: '1',
        slicing: { discriminator: [{ type: 'type', path: '$this' }], rules: 'closed' },
      },
      {
        id: 'Observation.value[x]:valueQuantity',
        path: 'Observation.value[x]',
        sliceName: 'valueQuantity',
        min: 0,
        max: '1',
        type: [{ code: 'Quantity' }],
      },
      {
        id: 'Observation.value[x]:valueQuantity.code',
        path: 'Observation.value[x].code',
        min: 1,
        max: '1',
        type: [{ code: 'code' }],
      },
    ];
    expect(errors(byType, { ...observation, valueQuantity: { value: 5 } })).toEqual([
      'Observation.value: "code" is required',
    ]);
    expect(errors(byType, { ...observation, valueString: '5' })).toEqual([
      'Observation.value: Belongs to none of the slices of "value[x]"',
    ]);

    const base = 'http://hl7.org/fhir/StructureDefinition/';
    const byTarget = [
      {
        id: 'Observation.performer',
        path: 'Observation.performer',
        min: 0,
        max: '*',
        slicing: { discriminator: [{ type: 'type', path: 'resolve()' }], rules: 'open' },
        type: [{ code: 'Reference' }],
      },
      {
        id: 'Observation.performer:organization',
        path: 'Observation.performer',
        sliceName: 'organization',
        min: 1,
        max: '1',
        type: [{ code: 'Reference', targetProfile: [`${base}Organization`] }],
      },
    ];
    expect(
      errors(byTarget, {
        ...observation,
        performer: [{ reference: 'Practitioner/1' }, { reference: 'Organization/1' }],
      }),
    ).toEqual([]);
    expect(errors(byTarget, { ...observation, performer: [{ reference: 'Practitioner/1' }] })).toHaveLength(
      1,
    );
  });

  test('by profile: what follows it belongs to the slice', () => {
    const withName = profile(
      'Patient',
      [{ id: 'Patient.name', path: 'Patient.name', min: 1, max: '*', type: [{ code: 'HumanName' }] }],
      {
        url: 'http://example.org/StructureDefinition/named',
      },
    );
    const type = [{ code: 'Patient', profile: [withName.url as string] }];
    const entries = [
      {
        id: 'Bundle.entry',
        path: 'Bundle.entry',
        min: 0,
        max: '*',
        slicing: { discriminator: [{ type: 'profile', path: 'resource' }], rules: 'open' },
        type: [{ code: 'BackboneElement' }],
      },
      {
        id: 'Bundle.entry:named',
        path: 'Bundle.entry',
        sliceName: 'named',
        min: 1,
        max: '1',
        type: [{ code: 'BackboneElement' }],
      },
      {
        id: 'Bundle.entry:named.resource',
        path: 'Bundle.entry.resource',
        min: 1,
        max: '1',
        base: { path: 'Bundle.entry.resource', min: 0, max: '1' },
        type,
      },
    ];
    const bundle = (name: Element) => ({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: { ...patient, ...name } }],
    });
    expect(errors(entries, bundle({ name: [{ text: '张三' }] }), withName)).toEqual([]);
    expect(errors(entries, bundle({ active: true }), withName)).toEqual([
      'Bundle: "entry:named" is required',
    ]);
  });

  test('where the discriminator tells nothing, that is said, and what follows the slice belongs to it', () => {
    const elements = identifiers({ discriminator: [{ type: 'value', path: 'use' }], rules: 'open' }, [
      'some',
      1,
      '1',
      [],
    ]);
    const issues = createValidator(definitionsWith(profile('Patient', elements))).validateProfile(
      url,
      patient,
    );
    expect(issues).toEqual([
      expect.objectContaining({ severity: 'warning', code: 'not-supported' }),
      expect.objectContaining({ severity: 'error', code: 'required' }),
    ]);
  });
});

describe('references', () => {
  const named = profile(
    'Organization',
    [{ id: 'Organization.name', path: 'Organization.name', min: 1, max: '1', type: [{ code: 'string' }] }],
    {
      url: 'http://example.org/StructureDefinition/named-organization',
    },
  );
  const elements = [
    {
      id: 'Patient.managingOrganization',
      path: 'Patient.managingOrganization',
      min: 0,
      max: '1',
      type: [{ code: 'Reference', targetProfile: [named.url] }],
    },
  ];
  const managed = (organization: Element) => ({
    ...patient,
    contained: [{ resourceType: 'Organization', id: 'o', ...organization }],
    managingOrganization: { reference: '#o' },
  });

  test('a resource at hand has to follow the profile that is asked of it', () => {
    expect(errors(elements, managed({ name: '镇卫生院' }), named)).toEqual([]);
    expect(errors(elements, managed({ active: true }), named)).toEqual([
      `Patient.managingOrganization: The resource referred to does not follow ${named.url}`,
    ]);
    expect(
      errors(elements, { ...patient, managingOrganization: { reference: 'Practitioner/1' } }, named),
    ).toHaveLength(1);
  });

  test('resources that refer to each other end', () => {
    const mutual = [
      {
        id: 'Organization.partOf',
        path: 'Organization.partOf',
        min: 0,
        max: '1',
        type: [{ code: 'Reference', targetProfile: [url] }],
      },
    ];
    const entry = Array.from({ length: 200 }, (_, i) => ({
      fullUrl: `urn:uuid:00000000-0000-0000-0000-000000000${100 + i}`,
      resource: {
        resourceType: 'Organization',
        meta: { profile: [url] },
        name: '院',
        partOf: { reference: `urn:uuid:00000000-0000-0000-0000-000000000${100 + ((i + 1) % 200)}` },
      },
    }));
    const validator = createValidator(definitionsWith(profile('Organization', mutual)));
    expect(validator.validate({ resourceType: 'Bundle', type: 'collection', entry })).toEqual([]);
  });
});

describe('extensions', () => {
  const validator = createValidator(official);
  const issues = (resource: Element) =>
    validator
      .validateBase(resource)
      .map(({ severity, expression, text }) => `${severity} ${expression?.[0]}: ${text.en}`);
  const birthPlace = 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace';

  test('one that is known holds what its definition says, where it says', () => {
    expect(issues({ ...patient, extension: [{ url: birthPlace, valueAddress: { text: '北京' } }] })).toEqual(
      [],
    );
    expect(issues({ ...patient, extension: [{ url: birthPlace, valueString: '北京' }] })).toEqual([
      'error Patient.extension[0]: "value[x]" cannot be of type string; allowed are: Address',
    ]);
    expect(
      issues({ ...observation, extension: [{ url: birthPlace, valueAddress: { text: '北京' } }] }),
    ).toEqual([expect.stringContaining('error Observation.extension[0]: The extension')]);
  });

  test('one with parts has no others', () => {
    const animal = (url: string) => ({
      ...patient,
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/patient-animal',
          extension: [
            { url: 'species', valueCodeableConcept: { text: '犬' } },
            { url, valueCodeableConcept: { text: '金毛' } },
          ],
        },
      ],
    });
    expect(issues(animal('breed'))).toEqual([]);
    expect(issues(animal('colour'))).toEqual([expect.stringContaining('has no part "colour"')]);
  });

  test('one that is not known is told of; its url must be absolute and without a version', () => {
    const one = (url: string) => issues({ ...patient, extension: [{ url, valueString: 'a' }] });
    expect(one('http://vendor.example/bed')).toEqual([
      expect.stringContaining('information Patient.extension[0]'),
    ]);
    expect(one('bed')).toEqual([expect.stringContaining('must be absolute')]);
    expect(one('http://vendor.example/bed|1.0')).toContainEqual(
      expect.stringContaining('cannot carry a version'),
    );
  });
});

describe('which profiles are checked', () => {
  const validator = createValidator(
    definitionsWith(
      profile('Patient', [
        { id: 'Patient.name', path: 'Patient.name', min: 1, max: '*', type: [{ code: 'HumanName' }] },
      ]),
    ),
  );

  test('those that a resource claims, and those that are given, each once', () => {
    const claiming = { ...patient, meta: { profile: [url] } };
    expect(validator.validate(claiming).map(({ text }) => text.en)).toEqual(['"name" is required']);
    expect(validator.validate(claiming, [url])).toHaveLength(1);
    expect(validator.validate(patient, [url])).toHaveLength(1);
    expect(validator.validate(patient)).toEqual([]);
    expect(validator.validateClaimed(claiming)).toHaveLength(1);
  });

  test('also those of the resources in a bundle', () => {
    const entry = [
      {
        fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
        resource: { ...patient, meta: { profile: [url] } },
      },
    ];
    expect(validator.validate({ resourceType: 'Bundle', type: 'collection', entry })).toEqual([
      expect.objectContaining({ expression: ['Bundle.entry[0].resource'] }),
    ]);
  });

  test('an unknown one is a warning, one for another type an error', () => {
    const base = 'http://hl7.org/fhir/StructureDefinition';
    expect(validator.validate(patient, ['http://example.org/none'])).toEqual([
      expect.objectContaining({ severity: 'warning', code: 'not-found' }),
    ]);
    expect(validator.validate(observation, [url])).toEqual([expect.objectContaining({ severity: 'error' })]);
    expect(validator.validate(observation, [`${base}/Patient`])).toEqual([
      expect.objectContaining({ severity: 'error' }),
    ]);
    expect(validator.validate(observation, [`${base}/Observation|4.0.1`, `${base}/DomainResource`])).toEqual(
      [],
    );
  });

  test('a vital sign follows its own, unless it was entered in error', () => {
    const pulse = {
      ...observation,
      code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
      subject: { reference: 'Patient/1' },
      effectiveDateTime: '2024-05-06T08:00:00+08:00',
      valueQuantity: { value: 72, unit: '次/分', system: 'http://unitsofmeasure.org', code: '/min' },
    };
    const category = [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' },
        ],
      },
    ];
    expect(validator.validate({ ...pulse, category })).toEqual([]);
    const severities = (resource: Resource) =>
      new Set(validator.validate(resource).map(({ severity }) => severity));
    expect(severities(pulse)).toEqual(new Set(['error']));
    expect(severities({ ...pulse, status: 'entered-in-error' })).toEqual(new Set(['warning']));
    const snomed = { coding: [{ system: 'http://snomed.info/sct', code: '249043002' }] };
    expect(validator.validate({ ...pulse, category, code: snomed }).filter(isError)).toEqual([
      expect.objectContaining({ expression: ['Observation.code'] }),
    ]);
  });
});
