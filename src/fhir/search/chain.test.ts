import { describe, expect, test } from '@jest/globals';
import { found, read, refusalOf, searchable } from '../../../test/environment/search.ts';
import type { Resource } from '../resource.ts';
import { containing } from './contained.ts';
import { matches } from './matcher.ts';

const patient = (id: string, family: string, more: object = {}): Resource => ({
  resourceType: 'Patient',
  id,
  name: [{ family }],
  ...more,
});
const observation = (id: string, subject: string, code: string, more: object = {}): Resource => ({
  resourceType: 'Observation',
  id,
  code: { coding: [{ code }] },
  subject: { reference: subject },
  ...more,
});

const peter = patient('peter', 'Peter', {
  generalPractitioner: [{ reference: 'Practitioner/joe' }],
  managingOrganization: { reference: 'Organization/clinic' },
});
const mary = patient('mary', 'Mary');
const joe: Resource = { resourceType: 'Practitioner', id: 'joe', name: [{ family: 'Joe' }] };
const clinic: Resource = {
  resourceType: 'Organization',
  id: 'clinic',
  name: 'Clinic',
  partOf: { reference: 'Organization/hospital' },
};
const hospital: Resource = { resourceType: 'Organization', id: 'hospital', name: 'Hospital' };
const group: Resource = { resourceType: 'Group', id: 'peter', identifier: [{ value: 'Peter' }] };
const all = [
  peter,
  mary,
  joe,
  clinic,
  hospital,
  group,
  observation('of-peter', 'Patient/peter', '1234-5'),
  observation('of-mary', 'Patient/mary', '9999-9'),
  observation('of-group', 'Group/peter', '1234-5'),
  observation('of-nobody', 'Patient/nobody', '1234-5'),
];

describe('chained parameters (http://hl7.org/fhir/R4/search.html#chaining)', () => {
  test.each([
    ['one reference', 'Observation?subject:Patient.name=peter', ['of-peter']],
    ['of any type that has the parameter', 'Observation?subject.name=peter', ['of-peter']],
    ['of several types at once', 'Observation?subject.identifier=Peter', ['of-group']],
    ['a modifier at the end', 'Observation?subject:Patient.family:exact=Peter', ['of-peter']],
    ['a parameter of all resources', 'Observation?patient._id=mary', ['of-mary']],
    ['alternatives', 'Observation?patient.family=peter,mary', ['of-peter', 'of-mary']],
    ['two references', 'Observation?patient.general-practitioner:Practitioner.family=joe', ['of-peter']],
    ['three references', 'Observation?patient.organization.partof.name=hosp', ['of-peter']],
    ['"A chain that matches nothing" finds nothing', 'Observation?patient.family=none', []],
    [
      'what is not there does not match, also when negated',
      'Observation?patient.gender:not=male',
      ['of-peter', 'of-mary'],
    ],
    ['what the target lacks', 'Observation?patient.organization:missing=true', ['of-mary']],
  ])('%s: %s', (_, search, ids) => {
    expect(found(search, all)).toEqual(ids);
  });

  test('"chains are evaluated separately": no one practitioner need satisfy both conditions', () => {
    const jane: Resource = { resourceType: 'Practitioner', id: 'jane', address: [{ state: 'MN' }] };
    const both = patient('both', 'X', {
      generalPractitioner: [{ reference: 'Practitioner/joe' }, { reference: 'Practitioner/jane' }],
    });
    const search =
      'Patient?general-practitioner:Practitioner.name=Joe&general-practitioner:Practitioner.address-state=MN';
    expect(found(search, [both, joe, jane])).toEqual(['both']);
  });

  test.each([
    ['Observation?code.name=x', 'it is no reference'],
    ['Observation?nothing.name=x', 'Observation has no search parameter "nothing"'],
    ['Observation?subject.nothing=x', 'has no search parameter "nothing"'],
    ['Observation?subject:Organization.name=x', 'it can refer to'],
    ['Observation?patient.birthdate=x', 'is not a date'],
    ['Observation?patient.name:below=x', 'does not support the modifier :below'],
    [`Organization?${'partof.'.repeat(11)}name=x`, 'more than 10 references in a row'],
    ['Task?focus.focus.focus.focus.identifier=x', '403 The search is too costly'],
  ])('%s is refused', (search, text) => {
    expect(refusalOf(search)).toContain(text);
  });
});

describe('reverse chaining (http://hl7.org/fhir/R4/search.html#has)', () => {
  const audit: Resource = {
    resourceType: 'AuditEvent',
    id: 'audit',
    entity: [{ what: { reference: 'Observation/of-peter' } }],
    agent: [{ who: { reference: 'Practitioner/joe' } }],
  };

  test.each([
    ['one reference', 'Patient?_has:Observation:patient:code=1234-5', ['peter']],
    ['"Or searches are allowed"', 'Patient?_has:Observation:patient:code=1234-5,9999-9', ['peter', 'mary']],
    [
      '"multiple _has parameters are allowed"',
      'Patient?_has:Observation:patient:code=1234-5&_has:Observation:patient:code=9999-9',
      [],
    ],
    [
      '"The _has parameter can be chained"',
      'Patient?_has:Observation:patient:_has:AuditEvent:entity:agent=Practitioner/joe',
      ['peter'],
    ],
    [
      'a chain within',
      'Patient?_has:Observation:patient:_has:AuditEvent:entity:agent:Practitioner.name=joe',
      ['peter'],
    ],
    ['within a chain', 'Observation?patient._has:Observation:patient:code=9999-9', ['of-mary']],
    ['a modifier at the end', 'Patient?_has:Observation:patient:code:not=1234-5', ['mary']],
    ['of another type', 'Group?_has:Observation:subject:code=1234-5', ['peter']],
  ])('%s: %s', (_, search, ids) => {
    expect(found(search, [...all, audit])).toEqual(ids);
  });

  test.each([
    ['Patient?_has:Observation:patient=1', 'the form is _has:'],
    ['Patient?_has:Nothing:patient:code=1', 'there is no type Nothing'],
    ['Patient?_has:Observation:code:status=1', 'it is no reference'],
    ['Patient?_has:Observation:encounter:code=1', 'Observation.encounter does not refer to Patient'],
    ['Patient?_has:Observation:patient:nothing=1', 'Observation has no search parameter "nothing"'],
  ])('%s is refused', (search, text) => {
    expect(refusalOf(search)).toContain(text);
  });
});

describe('"A chained condition will be evaluated inside contained resources" (…#contained)', () => {
  const medication: Resource = {
    resourceType: 'Medication',
    id: 'm',
    ingredient: [
      { itemCodeableConcept: { coding: [{ system: 'http://acme.com./medications', code: 'abc' }] } },
    ],
    manufacturer: { reference: 'Organization/clinic' },
  };
  const holder: Resource = {
    resourceType: 'MedicationRequest',
    id: 'containing',
    contained: [medication],
    medicationReference: { reference: '#m' },
  };
  const without: Resource = { resourceType: 'MedicationRequest', id: 'without' };
  const requests = [holder, without, clinic];

  test.each([
    ['the example', 'MedicationRequest?medication.ingredient-code=abc', ['containing']],
    ['another code', 'MedicationRequest?medication.ingredient-code=abd', []],
    ['what it has not', 'MedicationRequest?medication.ingredient-code:not=abd', ['containing']],
    ['missing', 'MedicationRequest?medication.status:missing=true', ['containing']],
    ['and on from there', 'MedicationRequest?medication.manufacturer.name=clinic', ['containing']],
    ['the reference itself is not missing', 'MedicationRequest?medication:missing=true', ['without']],
    ['the contained one is no resource of its own', 'Medication?ingredient-code=abc', []],
  ])('%s: %s', (_, search, ids) => {
    expect(found(search, requests)).toEqual(ids);
  });

  test('_contained=true: the resources that contain one that matches', () => {
    const finds = (search: string) =>
      matches(containing(read(search).filter, 'Medication'), searchable(requests[0]!));
    expect(finds('Medication?ingredient-code=abc')).toBe(true);
    expect(finds('Medication?ingredient-code=abd')).toBe(false);
    expect(finds('Medication?_count=5')).toBe(true);
  });
});

test('_list: "all Patient resources that are referenced from the list"', () => {
  const list: Resource = { resourceType: 'List', id: '42', entry: [{ item: { reference: 'Patient/mary' } }] };
  expect(found('Patient?_list=42', [...all, list])).toEqual(['mary']);
  expect(found('Patient?_list=List/42,43', [...all, list])).toEqual(['mary']);
  expect(refusalOf('AllergyIntolerance?_list=$current-allergies')).toContain('keeps no list');
});

test('a chain without a type is one search for each type that has the parameter', () => {
  const { filter } = read('Observation?subject.name=x');
  expect(JSON.stringify(filter)).toContain('"target":"Patient"');
  expect(JSON.stringify(filter)).not.toContain('"target":"Group"');
});
