import { describe, expect, test } from '@jest/globals';
import { found, refusalOf } from '../../../../test/environment/search.ts';
import type { Resource } from '../../resource.ts';

/** Clauses are those of http://hl7.org/fhir/R4/search.html#reference */
const mrn = 'http://acme.org/fhir/identifier/mrn';
const about = (subject: object): Resource => ({ resourceType: 'Observation', id: 'o', subject });

const relative = about({ reference: 'Patient/23' });
const absolute = about({ reference: 'http://example.org/fhir/Patient/23' });
const elsewhere = about({ reference: 'http://other.org/fhir/Patient/23' });
const versioned = about({ reference: 'Patient/23/_history/4' });
const group = about({ reference: 'Group/23' });
const logical = about({ type: 'Patient', identifier: { system: mrn, value: '123456' } });
const unresolved = about({ reference: 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a' });

describe('the forms of a value', () => {
  test.each([
    ['[id]', 'subject=23', relative, true],
    ['[id] of any type', 'subject=23', group, true],
    ['[id] of a parameter for one type', 'patient=23', relative, true],
    ['[id] of a parameter for another type', 'patient=23', group, false],
    ['[type]/[id]', 'subject=Patient/23', relative, true],
    ['[type]/[id] of another type', 'subject=Group/23', relative, false],
    ['relative finds absolute below the own base', 'subject=Patient/23', absolute, true],
    ['absolute finds relative', 'subject=http://example.org/fhir/Patient/23', relative, true],
    ['absolute finds absolute', 'subject=http://example.org/fhir/Patient/23', absolute, true],
    ['another server', 'subject=http://other.org/fhir/Patient/23', elsewhere, true],
    ['another server is not this one', 'subject=Patient/23', elsewhere, false],
    ['a version is no part of it', 'subject=Patient/23', versioned, true],
    ['nor in the search', 'subject=Patient/23/_history/9', versioned, true],
    ['urn:uuid', 'subject=urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a', unresolved, true],
    [':[type] "allows the client to be explicit"', 'subject:Patient=23', relative, true],
    [':[type] of another type', 'subject:Group=23', relative, false],
    [':[type] with the whole reference', 'subject:Patient=Patient/23', relative, true],
    [':identifier', `subject:identifier=${mrn}|123456`, logical, true],
    [':identifier by value alone', 'subject:identifier=123456', logical, true],
    [':identifier of another system', 'subject:identifier=http://a.org|123456', logical, false],
    ['an identifier is no reference', 'subject=123456', logical, false],
    ['of the implied type', `patient:identifier=${mrn}|123456`, logical, true],
    [':missing of a logical reference', 'subject:missing=false', logical, true],
    [':missing', 'subject:missing=true', about({ display: 'someone' }), true],
  ])('%s: %s', (_, query, resource, isFound) => {
    expect(found(`Observation?${query}`, [resource])).toHaveLength(isFound ? 1 : 0);
  });

  test.each([
    ['subject:Patient=Group/23', 'is not a Patient'],
    ['subject:Organization=23', 'does not support the modifier :Organization'],
    ['subject:exact=23', 'does not support the modifier :exact'],
  ])('%s is refused', (query, text) => {
    expect(refusalOf(`Observation?${query}`)).toContain(text);
  });
});

describe('canonicals (http://hl7.org/fhir/R4/search.html#versions)', () => {
  const url = 'http://acme.com/some-profile';
  const using = (id: string, canonical: string): Resource => ({
    resourceType: 'ServiceRequest',
    id,
    instantiatesCanonical: [canonical],
  });
  const all = [
    using('1.0', `${url}|1.0`),
    using('1.1', `${url}|1.1`),
    using('2.0', `${url}|2.0`),
    using('none', url),
  ];

  test.each([
    [`instantiates-canonical=${url}`, ['1.0', '1.1', '2.0', 'none']],
    [`instantiates-canonical=${url}\\|1.1`, ['1.1']],
    [`instantiates-canonical=${url}|1.1`, ['1.1']],
    [`instantiates-canonical:below=${url}`, ['1.0', '1.1', '2.0', 'none']],
    [`instantiates-canonical:below=${url}|1`, ['1.0', '1.1']],
  ])('%s', (query, ids) => {
    expect(found(`ServiceRequest?${query}`, all)).toEqual(ids);
  });

  test('":identifier is not supported on canonical elements"', () => {
    expect(refusalOf('ServiceRequest?instantiates-canonical:identifier=a|b')).toContain('does not support');
  });
});

describe('hierarchies (http://hl7.org/fhir/R4/search.html#recursive)', () => {
  const location = (id: string, whole?: string): Resource => ({
    resourceType: 'Location',
    id,
    ...(whole && { partOf: { reference: `Location/${whole}` } }),
  });
  const at = (id: string, place: string): Resource => ({
    resourceType: 'Procedure',
    id,
    location: { reference: `Location/${place}` },
  });
  const all = [
    location('hospital'),
    location('ward', 'hospital'),
    location('bed', 'ward'),
    at('in-hospital', 'hospital'),
    at('in-bed', 'bed'),
    at('elsewhere', 'home'),
  ];

  test(':below finds also what refers to a part, however small', () => {
    expect(found('Procedure?location:below=hospital', all)).toEqual(['in-hospital', 'in-bed']);
    expect(found('Procedure?location:below=Location/ward', all)).toEqual(['in-bed']);
  });

  test(':above finds also what refers to the whole', () => {
    expect(found('Procedure?location:above=bed', all)).toEqual(['in-hospital', 'in-bed']);
    expect(found('Procedure?location:above=hospital', all)).toEqual(['in-hospital']);
  });

  test('of what is no hierarchy is refused', () => {
    expect(refusalOf('Procedure?patient:below=1')).toContain('does not support the modifier :below');
  });
});

test('a resource within a resource is a reference to it: "the Bundle search parameters"', () => {
  const bundle: Resource = {
    resourceType: 'Bundle',
    id: 'b',
    type: 'document',
    entry: [{ resource: { resourceType: 'Composition', id: 'c', subject: { reference: 'Patient/23' } } }],
  };
  const other: Resource = {
    ...bundle,
    id: 'other',
    entry: [{ resource: { resourceType: 'Patient', id: 'c' } }],
  };
  expect(found('Bundle?composition=Composition/c', [bundle])).toEqual(['b']);
  expect(found('Bundle?composition=c', [bundle, other])).toEqual(['b']);
  expect(found('Bundle?composition.patient=23', [bundle, other])).toEqual(['b']);
});
