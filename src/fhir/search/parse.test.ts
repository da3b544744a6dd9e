import { describe, expect, test } from '@jest/globals';
import { found, read, refusalOf, searchServer } from '../../../test/environment/search.ts';
import { Refusal } from '../refusal.ts';
import { parseSystemSearch } from './parse.ts';

describe('unknown parameters (http://hl7.org/fhir/R4/search.html#errors)', () => {
  test('are refused, with the valid ones', () => {
    expect(refusalOf('Patient?nothing=1')).toMatch(
      /^400 Patient has no search parameter "nothing"; valid parameters are: .*birthdate.*gender/,
    );
  });

  test('are ignored when lenient, and not among those that the self link repeats', () => {
    const search = read('Patient?nothing=1&gender=male&_sort=none&_count=5', searchServer, true);
    expect(search.unknown).toEqual(['nothing', '_sort']);
    expect(search.filter).toEqual({ kind: 'term', term: 'gender|=male' });
    expect(search.applied).toEqual([
      ['gender', 'male'],
      ['_count', '5'],
    ]);
  });

  test('an unsupported modifier is refused also when lenient: "Server SHALL reject"', () => {
    expect(() => read('Patient?name:below=x', searchServer, true)).toThrow(Refusal);
  });

  test('"Empty parameters are not an error - they are just ignored by the server"', () => {
    const { filter, applied } = read('Patient?name=&gender=male&_count=');
    expect(filter).toEqual({ kind: 'term', term: 'gender|=male' });
    expect(applied).toEqual([['gender', 'male']]);
  });

  test('there are no named queries, and not even a lenient search may ignore one', () => {
    expect(refusalOf('Patient?_query=name')).toContain('there is no query named "name"');
    expect(() => read('Patient?_query=name', searchServer, true)).toThrow('there is no query named');
  });
});

describe('"AND" and "OR" (http://hl7.org/fhir/R4/search.html#combining)', () => {
  const speaker = (...languages: string[]) => ({
    resourceType: 'Patient',
    id: languages.join('+'),
    communication: languages.map((code) => ({ language: { coding: [{ code }] } })),
  });
  const all = [speaker('FR'), speaker('NL', 'EN'), speaker('FR', 'NL')];

  test.each([
    ['language=FR&language=NL', ['FR+NL']],
    ['language=FR,NL', ['FR', 'NL+EN', 'FR+NL']],
    ['language=FR,NL&language=EN', ['NL+EN']],
  ])('%s', (query, ids) => {
    expect(found(`Patient?${query}`, all)).toEqual(ids);
  });
});

describe('_sort (http://hl7.org/fhir/R4/search.html#sort)', () => {
  test('a list of rules, also over several parameters', () => {
    expect(read('Observation?_sort=status,-date&_sort=_id').sort).toEqual([
      { key: 'status', descending: false },
      { key: 'date', descending: true },
      { key: '_id', descending: false },
    ]);
  });

  test.each([
    ['Observation?_sort=nothing', 'has no search parameter "nothing"'],
    ['Observation?_sort=code-value-quantity', 'cannot be sorted by code-value-quantity'],
    ['Observation?_sort=_text', 'cannot be sorted by _text'],
    ['Observation?_sort:desc=date', 'does not support the modifier :desc'],
  ])('%s is refused', (search, text) => {
    expect(refusalOf(search)).toContain(text);
  });
});

describe('pages and totals', () => {
  test('_count', () => {
    expect(read('Patient?_count=20')).toMatchObject({ count: 20, countOnly: false });
    expect(refusalOf('Patient?_count=-1')).toContain('is not a whole number');
    expect(refusalOf('Patient?_count=ten')).toContain('is not a whole number');
  });

  test('"if _count has the value 0, this shall be treated the same as _summary=count"', () => {
    expect(read('Patient?_count=0').countOnly).toBe(true);
    expect(read('Patient?_summary=count').countOnly).toBe(true);
  });

  test('_total', () => {
    expect(read('Patient?_total=accurate').total).toBe('accurate');
    expect(read('Patient?gender=male').total).toBe('none');
    expect(refusalOf('Patient?_total=all')).toContain('not one of none, estimate, accurate');
  });
});

describe('_include and _revinclude (http://hl7.org/fhir/R4/search.html#include)', () => {
  test('source, parameter, target, :iterate and *', () => {
    const { include, revinclude } = read(
      'MedicationRequest?_include=MedicationRequest:subject:Patient&_include:iterate=Patient:organization' +
        '&_include=MedicationRequest:*&_include=*&_revinclude=Provenance:target',
    );
    expect(include).toEqual([
      { type: 'MedicationRequest', parameter: 'subject', target: 'Patient', iterate: false },
      { type: 'Patient', parameter: 'organization', iterate: true },
      { type: 'MedicationRequest', parameter: '*', iterate: false },
      { type: '*', parameter: '*', iterate: false },
    ]);
    expect(revinclude).toEqual([{ type: 'Provenance', parameter: 'target', iterate: false }]);
  });

  test.each([
    ['_include=MedicationRequest', 'is not [type]:[parameter]'],
    ['_include=MedicationRequest:code', 'is no reference'],
    ['_include=MedicationRequest:nothing', 'MedicationRequest has no search parameter "nothing"'],
    ['_include=Nothing:subject', 'there is no resource type "Nothing"'],
    ['_include=MedicationRequest:subject:Organization', 'not to Organization'],
    ['_include:recurse=MedicationRequest:subject', 'does not support the modifier :recurse'],
    ['_include=*:*', 'write _include=*'],
    ['_revinclude=*:*', 'write _revinclude=*'],
    ['_include=MedicationRequest:subject&_summary=text', 'cannot be mixed with _summary=text'],
  ])('%s is refused', (query, text) => {
    expect(refusalOf(`MedicationRequest?${query}`)).toContain(text);
  });
});

test('_summary, _elements, _contained', () => {
  expect(read('Patient?_summary=data').summary).toBe('data');
  expect(read('Patient?_elements=identifier,Patient.active&_elements=link').elements).toEqual([
    'identifier',
    'active',
    'link',
  ]);
  expect(read('Medication?_contained=true&_containedType=contained')).toMatchObject({
    contained: 'true',
    containedType: 'contained',
  });
  expect(refusalOf('Patient?_summary=all')).toContain('not one of true, text, data, count, false');
  expect(refusalOf('Patient?_elements=a b')).toContain('is not the name of an element');
});

describe('searches of all types (http://hl7.org/fhir/R4/search.html#type)', () => {
  const read = (...query: [string, string][]) => parseSystemSearch(searchServer, query);

  test('without _type the parameters of all resources can be used', () => {
    const { searches } = read(['_tag', 'a'], ['_lastUpdated', 'ge2026']);
    expect(searches).toHaveLength(searchServer.parameters.resourceTypes.length);
    expect(() => read(['subject', 'Patient/1'])).toThrow('Resource has no search parameter "subject"');
  });

  test('with _type those that the types share', () => {
    const { searches } = read(
      ['_type', 'Observation,Condition'],
      ['subject', 'Patient/1'],
      ['_sort', '-_lastUpdated'],
    );
    expect(searches.map(({ type }) => type)).toEqual(['Observation', 'Condition']);
    expect(() => read(['_type', 'Observation,Patient'], ['subject', 'Patient/1'])).toThrow(
      'Patient has no search parameter "subject"',
    );
    expect(() => read(['_type', 'Nothing'])).toThrow('there is no resource type "Nothing"');
  });
});

describe('bounds', () => {
  test.each([
    ['parameters', `Patient?${'gender=male&'.repeat(300)}gender=male`, '403'],
    ['values', `Patient?gender=${'male,'.repeat(2000)}male`, '403'],
    ['includes', `Patient?${'_include=Patient:organization&'.repeat(60)}gender=male`, '403'],
    ['sort rules', `Patient?_sort=${'gender,'.repeat(20)}name`, '403'],
    ['a filter', `Patient?_filter=given eq ${'a'.repeat(20000)}`, '400'],
  ])('on %s', (_, search, status) => {
    expect(refusalOf(search)).toMatch(new RegExp(`^${status}`));
  });
});
