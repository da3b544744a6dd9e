import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../definitions/definitions.ts';
import { overlay } from '../../definitions/overlay.ts';
import { isError } from '../../outcome.ts';
import type { Resource } from '../../resource.ts';
import { createValidator } from '../validator.ts';

const shipped = loadDefinitions();
const canonical = (name: string) => `http://example.org/StructureDefinition/${name}`;

/** A profile by its differential, as a client stores it. */
const profile = (name: string, type: string, element: object[], more: object = {}): Resource => ({
  ...{ resourceType: 'StructureDefinition', id: name, url: canonical(name), name: 'P', status: 'active' },
  ...{ kind: 'resource', abstract: false, type, derivation: 'constraint' },
  baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
  differential: { element: [{ id: type, path: type }, ...element] },
  ...more,
});
const element = (id: string, more: object) => ({
  id,
  path: id.replace(/:[^.]*/g, ''),
  ...(id.includes(':') &&
    !id.slice(id.lastIndexOf(':')).includes('.') && { sliceName: id.slice(id.lastIndexOf(':') + 1) }),
  ...more,
});
const constraint = (expression: string) => ({
  constraint: [{ key: 'x-1', severity: 'error', human: 'x', expression }],
});

/** What is said of a resource by the first of these definitions. */
function issues(definitions: Resource[], resource: Resource) {
  const validator = createValidator(overlay(shipped, definitions), {}, shipped);
  return validator.validateProfile(String(definitions[0]!.url), resource);
}
const isRight = (definitions: Resource[], resource: Resource) => !issues(definitions, resource).some(isError);

const patient = (more: object): Resource => ({ resourceType: 'Patient', ...more });
const observation = (more: object): Resource => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
  ...more,
});
const named = profile('named', 'Patient', [element('Patient.name', { min: 1 })]);

describe('limits (ElementDefinition.minValue, maxValue)', () => {
  const since = profile('since', 'Observation', [
    element('Observation.effective[x]', {
      type: [{ code: 'dateTime' }],
      minValueDateTime: '2026-01-01T08:00:00+08:00',
    }),
  ]);
  test.each([
    ['2026-01-01T00:00:00Z', true],
    ['2025-12-31T23:59:59Z', false],
    ['2026-01-01T07:59:59+08:00', false],
    ['2025', false],
    ['2026', true],
  ])('a time in another zone is the same instant: %s', (effectiveDateTime, right) => {
    expect(isRight([since], observation({ effectiveDateTime }))).toBe(right);
  });

  const ucum = 'http://unitsofmeasure.org';
  const light = profile('light', 'Observation', [
    element('Observation.value[x]', {
      type: [{ code: 'Quantity' }],
      maxValueQuantity: { value: 5, system: ucum, code: 'kg' },
    }),
  ]);
  test.each([
    [4999, 'g', true],
    [5001, 'g', false],
    [6, 'kg', false],
    [6, 'mm[Hg]', true],
  ])('a quantity is compared in the unit of the limit, where it converts: %s %s', (value, code, right) => {
    expect(isRight([light], observation({ valueQuantity: { value, system: ucum, code } }))).toBe(right);
  });
});

describe('slices (ElementDefinition.slicing)', () => {
  const byUse = (use: object, discriminator: object[] | undefined) =>
    profile('sliced', 'Patient', [
      element('Patient.telecom', { slicing: { rules: 'closed', ...(discriminator && { discriminator }) } }),
      element('Patient.telecom:one', { max: '1' }),
      element('Patient.telecom:one.use', use),
    ]);

  test('are told by the absence of an element', () => {
    const absent = byUse({ max: '0' }, [{ type: 'value', path: 'use' }]);
    expect(isRight([absent], patient({ telecom: [{ value: '1' }] }))).toBe(true);
    expect(isRight([absent], patient({ telecom: [{ value: '1', use: 'home' }] }))).toBe(false);
  });

  test('without a discriminator are told by all that they demand', () => {
    const home = byUse({ min: 1, fixedCode: 'home' }, undefined);
    expect(isRight([home], patient({ telecom: [{ value: '1', use: 'home' }] }))).toBe(true);
    expect(isRight([home], patient({ telecom: [{ value: '1', use: 'work' }] }))).toBe(false);
  });
});

describe('invariants that look beyond the data (http://hl7.org/fhir/R4/fhirpath.html#functions)', () => {
  const subject = (expression: string) =>
    profile('beyond', 'Observation', [element('Observation.subject', constraint(expression))]);
  const about = (contained: object) =>
    observation({ contained: [{ ...contained, id: 'p' }], subject: { reference: '#p' } });

  test('resolve() finds what is contained', () => {
    const rule = subject("resolve().ofType(Patient).gender = 'female'");
    expect(isRight([rule], about(patient({ gender: 'female' })))).toBe(true);
    expect(isRight([rule], about(patient({ gender: 'male' })))).toBe(false);
  });

  test('resolve() finds what stands in the same bundle', () => {
    const rule = profile('bundle', 'Bundle', [
      element('Bundle.entry', constraint('resource.ofType(Observation).subject.all(resolve().exists())')),
    ]);
    const bundle = (reference: string) => ({
      ...{ resourceType: 'Bundle', type: 'collection' },
      entry: [
        { fullUrl: 'http://example.org/fhir/Patient/1', resource: patient({ id: '1' }) },
        {
          fullUrl: 'http://example.org/fhir/Observation/1',
          resource: observation({ id: '1', subject: { reference } }),
        },
      ],
    });
    expect(isRight([rule], bundle('Patient/1'))).toBe(true);
    expect(isRight([rule], bundle('Patient/2'))).toBe(false);
  });

  test('conformsTo() asks a profile', () => {
    const rule = subject(`resolve().conformsTo('${canonical('named')}')`);
    expect(isRight([rule, named], about(patient({ name: [{ text: '王秀兰' }] })))).toBe(true);
    expect(isRight([rule, named], about(patient({ active: true })))).toBe(false);
  });

  test('memberOf() asks a value set', () => {
    const rule = profile('member', 'Patient', [
      element('Patient.gender', constraint("memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')")),
      element(
        'Patient.maritalStatus',
        constraint("memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')"),
      ),
    ]);
    expect(isRight([rule], patient({ gender: 'female' }))).toBe(true);
    expect(isRight([rule], patient({ maritalStatus: { coding: [{ system: 'x:y', code: 'z' }] } }))).toBe(
      false,
    );
  });
});

test('aggregation: a reference to what is contained, referred to or in the same bundle', () => {
  const contained = profile('contained', 'Observation', [
    element('Observation.subject', { type: [{ code: 'Reference', aggregation: ['contained'] }] }),
  ]);
  const within = { contained: [patient({ id: 'p' })], subject: { reference: '#p' } };
  expect(isRight([contained], observation(within))).toBe(true);
  expect(isRight([contained], observation({ subject: { reference: 'Patient/1' } }))).toBe(false);
});

test('a resource in another one can be asked to be of a base type', () => {
  const ofPatients = profile('patients', 'Bundle', [
    element('Bundle.entry.resource', {
      type: [{ code: 'Resource', profile: ['http://hl7.org/fhir/StructureDefinition/Patient'] }],
    }),
  ]);
  const bundle = (resource: Resource) => ({
    ...{ resourceType: 'Bundle', type: 'collection' },
    entry: [{ fullUrl: `http://example.org/fhir/${resource.resourceType}/1`, resource }],
  });
  expect(isRight([ofPatients], bundle(patient({ id: '1' })))).toBe(true);
  expect(isRight([ofPatients], bundle(observation({ id: '1' })))).toBe(false);
});

describe('where an extension may stand (http://hl7.org/fhir/R4/defining-extensions.html#context)', () => {
  const extension = (more: object) =>
    profile('extension', 'Extension', [element('Extension.url', { fixedUri: canonical('extension') })], {
      kind: 'complex-type',
      ...more,
    });
  const given = { url: canonical('extension'), valueBoolean: true };
  const said = (definition: Resource, resource: Resource) =>
    createValidator(overlay(shipped, [definition]), {}, shipped)
      .validateBase(resource)
      .filter(isError);

  test('is what a FHIRPath context selects', () => {
    const ofHome = extension({
      context: [{ type: 'fhirpath', expression: "Patient.address.where(use = 'home')" }],
    });
    const address = (use: string) => patient({ address: [{ use, text: 'x', extension: [given] }] });
    expect(said(ofHome, address('home'))).toEqual([]);
    expect(said(ofHome, address('work'))).toHaveLength(1);
    expect(said(ofHome, patient({ extension: [given] }))).toHaveLength(1);
  });

  test('is where all of its conditions hold', () => {
    const ofActive = extension({
      context: [{ type: 'element', expression: 'Patient' }],
      contextInvariant: ['active = true'],
    });
    expect(said(ofActive, patient({ active: true, extension: [given] }))).toEqual([]);
    expect(said(ofActive, patient({ active: false, extension: [given] }))).toHaveLength(1);
  });
});

test('a rule is what its own author wrote, also where R4 has one by the same key', () => {
  const rule = { key: 'vs-2', severity: 'error', human: 'x', expression: 'active.exists()' };
  const own = profile('own', 'Patient', [], {
    differential: { element: [{ id: 'Patient', path: 'Patient', constraint: [rule] }] },
  });
  expect(isRight([own], patient({ active: true }))).toBe(true);
  expect(isRight([own], patient({ gender: 'female' }))).toBe(false);
});

test('a rule of a stranger that would take long is not evaluated, and that is said', () => {
  const slow = profile('slow', 'Patient', [element('Patient.name', constraint("text.matches('^(a+)+$')"))]);
  const started = performance.now();
  const found = issues([slow], patient({ name: [{ text: `${'a'.repeat(60)}b` }] }));
  expect(performance.now() - started).toBeLessThan(2000);
  expect(found).toEqual([expect.objectContaining({ severity: 'warning', code: 'not-supported' })]);
});
