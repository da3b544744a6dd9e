import { describe, expect, test } from '@jest/globals';
import { found, refusalOf } from '../../../test/environment/search.ts';
import type { Resource } from '../resource.ts';

/** http://hl7.org/fhir/R4/search_filter.html */
const patient = (id: string, given: string, birthDate?: string, more: object = {}): Resource => ({
  resourceType: 'Patient',
  id,
  name: [{ given: [given] }],
  ...(birthDate && { birthDate }),
  ...more,
});

const patients = [
  patient('peter', 'Peter', '2014-10-10', { gender: 'male' }),
  patient('repeta', 'Repéta', '2010-01-01', { gender: 'female' }),
  patient('anna', 'Anna', undefined, { active: true }),
];

describe('strings', () => {
  test.each([
    ['name co "pet"', ['peter', 'repeta']],
    ['given eq "peter"', ['peter']],
    ['given eq PETER', ['peter']],
    ['given eq pete', []],
    ['given ne peter', ['repeta', 'anna']],
    ['given sw pet', ['peter']],
    ['given ew eta', ['repeta']],
    ['given ew pet', []],
    ['given gt anna', ['peter', 'repeta']],
    ['given ge anna', ['peter', 'repeta', 'anna']],
    ['given lt peter', ['anna']],
    ['given le peter', ['peter', 'anna']],
    ['given pr true', ['peter', 'repeta', 'anna']],
    ['family pr false', ['peter', 'repeta', 'anna']],
  ])('%s', (filter, ids) => {
    expect(found(`Patient?_filter=${filter}`, patients)).toEqual(ids);
  });
});

describe('logic: "evaluated left to right, with no precedence between and and or"', () => {
  test.each([
    ['given eq "peter" and birthdate ge 2014-10-10', ['peter']],
    ['given eq anna or birthdate lt 2014', ['repeta', 'anna']],
    ['given eq peter or given eq anna and active eq true', ['anna']],
    ['given eq peter or (given eq anna and active eq true)', ['peter', 'anna']],
    ['not (given eq peter)', ['repeta', 'anna']],
    ['gender eq male or not(gender pr true)', ['peter', 'anna']],
  ])('%s', (filter, ids) => {
    expect(found(`Patient?_filter=${filter}`, patients)).toEqual(ids);
  });

  test('beside other parameters', () => {
    expect(found('Patient?_filter=name co pet&gender=female', patients)).toEqual(['repeta']);
  });
});

describe('dates', () => {
  test.each([
    ['birthdate eq 2014-10', ['peter']],
    ['birthdate ne 2014-10-10', ['repeta']],
    ['birthdate gt 2014', []],
    ['birthdate sa 2013', ['peter']],
    ['birthdate eb 2014', ['repeta']],
    ['birthdate po 2014', ['peter']],
    ['birthdate co 2014-10-10', ['peter']],
    ['birthdate pr false', ['anna']],
    ['_lastUpdated ge 2000-01-01', ['peter', 'repeta', 'anna']],
    ['_id eq anna', ['anna']],
    ['_id ne anna', ['peter', 'repeta']],
  ])('%s', (filter, ids) => {
    expect(found(`Patient?_filter=${filter}`, patients)).toEqual(ids);
  });
});

describe('tokens, references, quantities, chains', () => {
  const observation = (id: string, code: string, value: number, subject: string): Resource => ({
    resourceType: 'Observation',
    id,
    code: { coding: [{ system: 'http://loinc.org', code }] },
    subject: { reference: subject },
    valueQuantity: { value, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
  });
  const all = [
    ...patients,
    observation('of-peter', '1234-5', 5, 'Patient/peter'),
    observation('of-anna', '9999-9', 50, 'Patient/anna'),
  ];

  test.each([
    ['"the codes loinc, snomed … are predefined"', 'code eq loinc|1234-5', ['of-peter']],
    [
      'the example of search.html',
      'code eq http://loinc.org|1234-5 and subject.name co "peter"',
      ['of-peter'],
    ],
    ['a code alone', 'code eq 9999-9', ['of-anna']],
    ['ne', 'code ne 1234-5', ['of-anna']],
    ['ne with a system', 'code ne http://loinc.org|1234-5', ['of-anna']],
    ['in', 'code in http://hl7.org/fhir/ValueSet/observation-codes', ['of-peter', 'of-anna']],
    ['ni', 'code ni http://hl7.org/fhir/ValueSet/observation-codes', []],
    ['re', 'subject re Patient/anna', ['of-anna']],
    ['re by URL', 'subject re http://example.org/fhir/Patient/anna', ['of-anna']],
    ['a chain', 'subject.name co "pet"', ['of-peter']],
    ['a filter on the way', 'subject[gender eq male].name co "pet"', ['of-peter']],
    ['a filter on the way that does not hold', 'subject[gender eq female].name co "pet"', []],
    ['a quantity', 'value-quantity gt 10', ['of-anna']],
    ['a quantity with its unit', 'value-quantity lt 0.01|ucum|g', ['of-peter']],
  ])('%s: %s', (_, filter, ids) => {
    expect(found(`Observation?_filter=${filter}`, all)).toEqual(ids);
  });

  test('ss and sb follow subsumption', () => {
    const system = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
    const encounter = (id: string, code: string): Resource => ({
      resourceType: 'Encounter',
      id,
      class: { system, code },
    });
    const encounters = [encounter('inpatient', 'IMP'), encounter('acute', 'ACUTE')];
    expect(found(`Encounter?_filter=class ss ${system}|IMP`, encounters)).toEqual(['inpatient', 'acute']);
    expect(found(`Encounter?_filter=class sb ${system}|IMP`, encounters)).toEqual(['inpatient']);
  });

  test('parts of one element', () => {
    const group: Resource = {
      resourceType: 'Group',
      id: 'g',
      characteristic: [
        { code: { coding: [{ code: 'gender' }] }, valueCodeableConcept: { coding: [{ code: 'mixed' }] } },
        { code: { coding: [{ code: 'owner' }] }, valueCodeableConcept: { coding: [{ code: 'Eve' }] } },
      ],
    };
    expect(found('Group?_filter=characteristic[code eq gender].value eq mixed', [group])).toEqual(['g']);
    expect(found('Group?_filter=characteristic[code eq gender].value eq Eve', [group])).toEqual([]);
  });

  test('URIs', () => {
    const valueSet: Resource = { resourceType: 'ValueSet', id: 'v', url: 'http://acme.org/v' };
    for (const filter of [
      'url eq http://acme.org/v',
      'url sw http://acme',
      'url co acme',
      'url ne http://acme.org/w',
    ])
      expect(found(`ValueSet?_filter=${filter}`, [valueSet])).toEqual(['v']);
    expect(found('ValueSet?_filter=url ne http://acme.org/v', [valueSet])).toEqual([]);
  });
});

describe('what is refused', () => {
  test.each([
    ['given', 'is expected at the end'],
    ['given xx peter', 'one of eq, ne'],
    ['given eq', 'a value is expected'],
    ['given eq "peter', 'a value is expected'],
    ['given eq peter and', 'the name of a parameter is expected'],
    ['(given eq peter', '")" is expected'],
    ['given eq peter given eq anna', '"and", "or" or the end is expected'],
    ['nothing eq peter', 'Patient has no search parameter "nothing"'],
    ['gender co male', 'co cannot be asked of gender, which is of type token'],
    ['birthdate sw 2014', 'sw cannot be asked of birthdate'],
    ['birthdate eq yesterday', 'is not a date'],
    ['gender.name eq x', 'it is no reference'],
    ['organization[name eq x] eq y', 'a name must follow'],
    [`${'('.repeat(50)}given eq a${')'.repeat(50)}`, 'nested deeper than 30'],
  ])('%s', (filter, text) => {
    expect(refusalOf(`Patient?_filter=${filter}`)).toContain(text);
  });
});
