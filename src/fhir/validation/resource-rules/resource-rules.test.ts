import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../definitions/definitions.ts';
import { isError } from '../../outcome.ts';
import type { Element } from '../../resource.ts';
import { createValidator } from '../validator.ts';

const validator = createValidator(loadDefinitions());

/** The errors of a resource by its base definition, as `place: code`. */
function errors(resource: Element): string[] {
  return validator
    .validateBase(resource)
    .filter(isError)
    .map(({ expression, code }) => `${expression?.[0]}: ${code}`);
}

const uuid = (n: number) => `urn:uuid:c757873d-ec9a-4326-a141-55604323952${n}`;

describe('bundles', () => {
  const bundle = (type: string, more: Element = {}) => ({ resourceType: 'Bundle', type, ...more });
  const patient = { resourceType: 'Patient', id: 'p', active: true };

  test('a fullUrl is absolute, and not left out but in requests', () => {
    expect(errors(bundle('collection', { entry: [{ fullUrl: uuid(1), resource: patient }] }))).toEqual([]);
    expect(errors(bundle('collection', { entry: [{ fullUrl: 'Patient/p', resource: patient }] }))).toEqual([
      'Bundle.entry[0]: value',
    ]);
    expect(errors(bundle('collection', { entry: [{ resource: patient }] }))).toEqual([
      'Bundle.entry[0]: required',
    ]);
    const request = { method: 'POST', url: 'Patient' };
    expect(errors(bundle('transaction', { entry: [{ resource: patient, request }] }))).toEqual([]);
  });

  test('only searches and histories page', () => {
    const link = [
      { relation: 'self', url: 'http://h/x' },
      { relation: 'next', url: 'http://h/y' },
    ];
    expect(errors(bundle('searchset', { link }))).toEqual([]);
    expect(errors(bundle('collection', { link }))).toEqual(['Bundle.link[1].relation: invalid']);
    expect(errors(bundle('searchset', { link: [link[0], link[0]] }))).toEqual([
      'Bundle.link[1].relation: duplicate',
    ]);
  });

  test('search results are resources with ids', () => {
    const entry = (resource: Element | undefined, mode: string) => ({
      fullUrl: uuid(1),
      resource,
      search: { mode },
    });
    expect(errors(bundle('searchset', { entry: [entry(patient, 'match')] }))).toEqual([]);
    expect(
      errors(bundle('searchset', { entry: [entry({ resourceType: 'Patient', active: true }, 'match')] })),
    ).toEqual(['Bundle.entry[0]: required']);
    expect(errors(bundle('searchset', { entry: [entry(patient, 'outcome')] }))).toEqual([
      'Bundle.entry[0]: value',
    ]);
    expect(errors(bundle('searchset', { entry: [entry(undefined, 'match')] }))).toContain(
      'Bundle.entry[0]: required',
    );
  });

  test('a document has what its composition refers to, once', () => {
    const composition = {
      resourceType: 'Composition',
      status: 'final',
      type: { text: '双向转诊单' },
      date: '2024-05-06',
      author: [{ reference: 'Practitioner/1' }],
      title: '双向转诊单',
      section: [{ entry: [{ reference: uuid(2) }] }],
    };
    const document = (...entry: Element[]) =>
      bundle('document', {
        identifier: { system: 'urn:oid:1.1', value: '1' },
        timestamp: '2024-05-06T08:00:00Z',
        entry: [{ fullUrl: uuid(1), resource: composition }, ...entry],
      });
    const author = {
      fullUrl: 'http://h/fhir/Practitioner/1',
      resource: { resourceType: 'Practitioner', id: '1' },
    };
    const entry = { fullUrl: uuid(2), resource: patient };
    expect(errors(document(author, entry))).toEqual([]);
    expect(errors(document(author))).toEqual(['Bundle.entry[0].resource.section[0].entry[0]: not-found']);
    expect(errors(document(author, { ...author, fullUrl: uuid(3) }, entry))).toEqual([
      'Bundle.entry[0].resource.author[0]: multiple-matches',
    ]);
  });

  test('a message begins with its header', () => {
    expect(errors(bundle('message', { entry: [] }))).toContain('Bundle: required');
    expect(errors(bundle('message', { entry: [{ fullUrl: uuid(1), resource: patient }] }))).toEqual([
      'Bundle: invariant',
    ]);
  });
});

describe('code systems', () => {
  const codeSystem = (more: Element) => ({
    resourceType: 'CodeSystem',
    status: 'active',
    content: 'complete',
    ...more,
  });

  test.each([
    [
      'a wrong count',
      { count: 3, concept: [{ code: 'a', concept: [{ code: 'b' }] }] },
      'CodeSystem.count: invalid',
    ],
    [
      'a supplement that does not say so',
      { supplements: 'http://loinc.org' },
      'CodeSystem.content: business-rule',
    ],
    ['a supplement of nothing', { content: 'supplement' }, 'CodeSystem: required'],
    [
      'a code that occurs twice',
      { concept: [{ code: 'a' }, { code: 'b', concept: [{ code: 'a' }] }] },
      'CodeSystem.concept[1].concept[0]: duplicate',
    ],
    [
      'a property that is defined twice',
      {
        property: [
          { code: 'a', type: 'string' },
          { code: 'a', type: 'string' },
        ],
      },
      'CodeSystem.property[1]: duplicate',
    ],
    [
      'a standard property of another type',
      {
        property: [
          {
            code: 'notSelectable',
            uri: 'http://hl7.org/fhir/concept-properties#notSelectable',
            type: 'string',
          },
        ],
      },
      'CodeSystem.property[0]: business-rule',
    ],
    [
      'a value of another type than declared',
      {
        property: [{ code: 'beds', type: 'integer' }],
        concept: [{ code: 'a', property: [{ code: 'beds', valueString: '4' }] }],
      },
      'CodeSystem.concept[0].property[0]: business-rule',
    ],
  ])('%s is refused', (_, more, expected) => {
    expect(errors(codeSystem(more))).toContain(expected);
  });

  test('a right one is accepted', () => {
    const property = [
      { code: 'beds', type: 'integer' },
      { code: 'constructor', uri: 'http://hl7.org/fhir/concept-properties#constructor', type: 'string' },
    ];
    expect(
      errors(
        codeSystem({
          count: 1,
          property,
          concept: [{ code: 'a', property: [{ code: 'beds', valueInteger: 4 }] }],
        }),
      ),
    ).toEqual([]);
  });
});

describe('value sets', () => {
  const filtered = (filter: Element, system = 'http://snomed.info/sct') =>
    errors({
      resourceType: 'ValueSet',
      status: 'active',
      compose: { include: [{ system, filter: [filter] }] },
    });

  test.each([
    [{ property: 'concept', op: 'is-a', value: '73211009' }],
    [{ property: 'constraint', op: '=', value: '<< 73211009' }],
    [{ property: '363698007', op: '=', value: '39057004' }],
    [{ property: 'inactive', op: '=', value: 'true' }],
    [{ property: 'display', op: 'regex', value: '^a+$' }],
  ])('the filter %j is right', (filter) => {
    expect(filtered(filter)).toEqual([]);
  });

  test.each([
    [{ property: 'concept', op: 'is-a', value: 'diabetes' }],
    [{ property: 'constraint', op: '=', value: '73211009 73211009' }],
    [{ property: '363698007', op: 'not-in', value: '39057004' }],
    [{ property: 'inactive', op: '=', value: '1' }],
    [{ property: 'STATUS', op: 'exists', value: 'yes' }],
    [{ property: 'display', op: 'regex', value: '(' }],
  ])('the filter %j is refused', (filter) => {
    expect(filtered(filter)).toEqual(['ValueSet.compose.include[0].filter[0]: invalid']);
  });

  test('a system is absolute', () => {
    expect(
      errors({ resourceType: 'ValueSet', status: 'active', compose: { include: [{ system: '#local' }] } }),
    ).toEqual(['ValueSet.compose.include[0]: invalid']);
  });
});

test('a date cannot be bound to a value set', () => {
  const element = (code: string) => [
    { id: 'Patient', path: 'Patient' },
    {
      id: 'Patient.maritalStatus',
      path: 'Patient.maritalStatus',
      type: [{ code }],
      binding: { strength: 'required', valueSet: 'http://example.org/vs' },
    },
  ];
  const profile = (code: string) => ({
    resourceType: 'StructureDefinition',
    url: 'http://example.org/p',
    name: 'P',
    status: 'draft',
    kind: 'resource',
    abstract: false,
    type: 'Patient',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'constraint',
    differential: { element: element(code) },
  });
  expect(errors(profile('CodeableConcept'))).toEqual([]);
  expect(errors(profile('date'))).toContain('StructureDefinition.differential.element[1]: business-rule');
});
