import { describe, expect, test } from '@jest/globals';
import { found, refusalOf } from '../../../../test/environment/search.ts';
import type { Resource } from '../../resource.ts';

/** Clauses are those of http://hl7.org/fhir/R4/search.html#token */
const snomed = 'http://snomed.info/sct';
const mrn = 'http://acme.org/patient';
const v2type = 'http://terminology.hl7.org/CodeSystem/v2-0203';

const condition = (code: object): Resource => ({ resourceType: 'Condition', id: 'c', code });
const patient = (members: object): Resource => ({ resourceType: 'Patient', id: 'p', ...members });

const headache = condition({ coding: [{ system: snomed, code: '25064002', display: 'Headache' }] });
const uncoded = condition({ coding: [{ code: 'HA125' }], text: '反复头痛' });
const known = patient({
  identifier: [
    {
      system: mrn,
      value: 'Ab2345',
      type: { coding: [{ system: v2type, code: 'MR' }], text: 'Record number' },
    },
  ],
  gender: 'male',
  active: true,
  telecom: [{ system: 'phone', value: '0577-8888' }],
});

describe('the forms of a value', () => {
  test.each([
    [
      '[code] matches "irrespective of the value of the system property"',
      'Condition?code=25064002',
      headache,
      true,
    ],
    ['[code] that is not there', 'Condition?code=25064003', headache, false],
    ['[system]|[code]', `Condition?code=${snomed}|25064002`, headache, true],
    ['[system]|[code] of another system', 'Condition?code=http://loinc.org|25064002', headache, false],
    ['|[code] "and the Coding/Identifier has no system property"', 'Condition?code=|HA125', uncoded, true],
    ['|[code] where there is a system', 'Condition?code=|25064002', headache, false],
    [
      '[system]| "any element where the value of [system] matches"',
      `Condition?code=${snomed}|`,
      headache,
      true,
    ],
    ['[system]| of another system', 'Condition?code=http://loinc.org|', headache, false],
    ['a comma means or', 'Condition?code=1,25064002', headache, true],
    ['Identifier.value', 'Patient?identifier=Ab2345', known, true],
    ['Identifier.system and value', `Patient?identifier=${mrn}|Ab2345`, known, true],
    ['boolean', 'Patient?active=true', known, true],
    ['boolean, the other', 'Patient?active=false', known, false],
    ['boolean by its implicit system', 'Patient?active=http://hl7.org/fhir/special-values|true', known, true],
    ['code', 'Patient?gender=male', known, true],
    [
      'code: "the system is defined in the value set (though it is not usually needed)"',
      'Patient?gender=http://hl7.org/fhir/administrative-gender|male',
      known,
      true,
    ],
    ['code of another system', 'Patient?gender=http://example.org|male', known, false],
    ['code by |[code]', 'Patient?gender=|male', known, true],
    ['ContactPoint.value', 'Patient?telecom=0577-8888', known, true],
    ['ContactPoint by its kind', 'Patient?phone=0577-8888', known, true],
    ['ContactPoint of another kind', 'Patient?email=0577-8888', known, false],
    [
      'an escaped comma belongs to the code',
      'Condition?code=a\\,b',
      condition({ coding: [{ code: 'a,b' }] }),
      true,
    ],
    [
      'an escaped bar belongs to the code',
      'Condition?code=a\\|b',
      condition({ coding: [{ code: 'a|b' }] }),
      true,
    ],
  ])('%s: %s', (_, search, resource, isFound) => {
    expect(found(search, [resource])).toEqual(isFound ? [resource.id] : []);
  });

  test.each([
    ['Condition?code=a|b|c', '400 Invalid search parameter code'],
    ['Condition?code=|', '400 Invalid search parameter code'],
    ['Condition?code=a\\b', '400 Invalid search parameter code: wrong escape'],
    ['Patient?active=x|true', 'the values have no system'],
    ['Patient?telecom=phone|1', 'the values have no system'],
  ])('%s is refused', (search, text) => {
    expect(refusalOf(search)).toContain(text);
  });
});

describe('case', () => {
  test('"when in doubt, servers SHOULD treat tokens in a case-insensitive manner"', () => {
    expect(found('Condition?code=ha125', [uncoded])).toEqual(['c']);
    expect(found('Patient?identifier=aB2345', [known])).toEqual(['p']);
  });

  test('codes of the datatype code are case-sensitive', () => {
    expect(found('Patient?gender=Male', [known])).toEqual([]);
  });

  test('full-width figures are the same as the usual ones', () => {
    expect(found('Patient?identifier=AB２３４５', [known])).toEqual(['p']);
  });
});

describe('modifiers', () => {
  const male = patient({ id: 'male', gender: 'male' });
  const unknown = patient({ id: 'unknown' });
  const female = patient({ id: 'female', gender: 'female' });
  const all = [male, unknown, female];

  test(':not "includes resources that have no value for the parameter"', () => {
    expect(found('Patient?gender:not=male', all)).toEqual(['unknown', 'female']);
    expect(found('Patient?gender:not=male,female', all)).toEqual(['unknown']);
  });

  test(':not: "the negation applies to the set, not each individual entry"', () => {
    const both = condition({ coding: [{ code: 'a' }, { code: 'b' }] });
    expect(found('Condition?code:not=a', [both])).toEqual([]);
  });

  test(':missing', () => {
    expect(found('Patient?gender:missing=true', all)).toEqual(['unknown']);
    expect(found('Patient?gender:missing=false', all)).toEqual(['male', 'female']);
    expect(refusalOf('Patient?gender:missing=yes')).toContain('400');
  });

  test.each([
    ['Coding.display', 'Condition?code:text=headache', headache, true],
    ['the start of it', 'Condition?code:text=head', headache, true],
    ['CodeableConcept.text', 'Condition?code:text=反复', uncoded, true],
    ['not the code', 'Condition?code:text=HA125', uncoded, false],
    ['Identifier.type.text', 'Patient?identifier:text=record', known, true],
  ])(':text searches %s: %s', (_, search, resource, isFound) => {
    expect(found(search, [resource])).toHaveLength(isFound ? 1 : 0);
  });

  test(':of-type has "the format system|code|value"; "all 3 parts must be present"', () => {
    expect(found(`Patient?identifier:of-type=${v2type}|MR|Ab2345`, [known])).toEqual(['p']);
    expect(found(`Patient?identifier:of-type=${v2type}|PPN|Ab2345`, [known])).toEqual([]);
    expect(found(`Patient?identifier:of-type=${v2type}|MR|9`, [known])).toEqual([]);
    expect(refusalOf(`Patient?identifier:of-type=${v2type}|Ab2345`)).toContain('[system]|[code]|[value]');
    expect(refusalOf('Patient?gender:of-type=a|b|c')).toContain('does not support the modifier :of-type');
  });

  test(':in and :not-in test "whether the coding is in the specified value set"', () => {
    const inSet = 'http://hl7.org/fhir/ValueSet/administrative-gender';
    expect(found(`Patient?gender:in=${inSet}`, all)).toEqual(['male', 'female']);
    expect(found(`Patient?gender:not-in=${inSet}`, all)).toEqual(['unknown']);
    expect(refusalOf('Patient?gender:in=http://example.org/none')).toContain('is not known here');
  });

  test(':below and :above include the coding itself', () => {
    const system = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
    const encounter = (id: string, code: string): Resource => ({
      resourceType: 'Encounter',
      id,
      class: { system, code },
    });
    const inpatient = encounter('inpatient', 'IMP');
    const acute = encounter('acute', 'ACUTE');
    const home = encounter('home', 'HH');
    const encounters = [inpatient, acute, home];
    expect(found(`Encounter?class:below=${system}|IMP`, encounters)).toEqual(['inpatient', 'acute']);
    expect(found(`Encounter?class:above=${system}|ACUTE`, encounters)).toEqual(['inpatient', 'acute']);
    expect(found('Encounter?class:below=IMP', encounters)).toEqual(['inpatient', 'acute']);
  });

  test(':below of a MIME type finds it with its parameters', () => {
    const document: Resource = {
      resourceType: 'DocumentReference',
      id: 'd',
      content: [{ attachment: { contentType: 'text/xml; charset=UTF-8' } }],
    };
    expect(found('DocumentReference?contenttype=text/xml', [document])).toEqual([]);
    expect(found('DocumentReference?contenttype:below=text/xml', [document])).toEqual(['d']);
  });

  test('a modifier that tokens do not have: "server SHALL reject"', () => {
    expect(refusalOf('Patient?gender:exact=male')).toBe(
      '400 Parameter gender does not support the modifier :exact',
    );
  });
});

test('_id is "always case sensitive"', () => {
  const resource = patient({ id: 'Eve' });
  expect(found('Patient?_id=Eve', [resource])).toEqual(['Eve']);
  expect(found('Patient?_id=eve', [resource])).toEqual([]);
  expect(found('Patient?_id:not=eve', [resource])).toEqual(['Eve']);
});

test('_tag and _security search meta', () => {
  const tagged = patient({
    meta: { tag: [{ system: 'http://acme.org/codes', code: 'needs-review' }], security: [{ code: 'R' }] },
  });
  expect(found('Patient?_tag=http://acme.org/codes|needs-review', [tagged])).toEqual(['p']);
  expect(found('Patient?_security=R', [tagged])).toEqual(['p']);
  expect(found('Patient?_security=N', [tagged])).toEqual([]);
});
