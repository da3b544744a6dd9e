import { describe, expect, test } from '@jest/globals';
import { found, refusalOf } from '../../../../test/environment/search.ts';
import type { Resource } from '../../resource.ts';

/** Clauses are those of http://hl7.org/fhir/R4/search.html#uri */
const valueSet = (url: string, version?: string): Resource => ({
  resourceType: 'ValueSet',
  id: 'v',
  url,
  ...(version && { version }),
});

describe('the examples of the specification, and their opposites', () => {
  test.each([
    ['url=http://acme.org/fhir/ValueSet/123', 'http://acme.org/fhir/ValueSet/123', true],
    ['url=http://acme.org/fhir/ValueSet/12', 'http://acme.org/fhir/ValueSet/123', false],
    ['url=http://acme.org/fhir/valueset/123', 'http://acme.org/fhir/ValueSet/123', false],
    ['url:below=http://acme.org/fhir/', 'http://acme.org/fhir/ValueSet/123', true],
    ['url:below=http://acme.org/other/', 'http://acme.org/fhir/ValueSet/123', false],
    ['url:above=http://acme.org/fhir/ValueSet/123/_history/5', 'http://acme.org/fhir/ValueSet/123', true],
    ['url:above=http://acme.org/fhir/ValueSet/123', 'http://acme.org/fhir/ValueSet/123', true],
    ['url:above=http://acme.org/fhir/ValueSet/123', 'http://acme.org/fhir/ValueSet/12', false],
    ['url=urn:oid:1.2.3.4.5', 'urn:oid:1.2.3.4.5', true],
    ['url=http://a.org/1,http://acme.org/fhir/ValueSet/123', 'http://acme.org/fhir/ValueSet/123', true],
  ])('%s of %s: %s', (query, url, isFound) => {
    expect(found(`ValueSet?${query}`, [valueSet(url)])).toHaveLength(isFound ? 1 : 0);
  });
});

test('":above and :below modifiers only apply to URLs, and not URNS such as OIDs"', () => {
  expect(refusalOf('ValueSet?url:below=urn:oid:1.2')).toContain('400 Invalid search parameter url');
});

test('"automatically detecting a |[version] portion as part of the search parameter"', () => {
  const second = valueSet('http://acme.org/v', '2.0');
  expect(found('ValueSet?url=http://acme.org/v|2.0', [second])).toEqual(['v']);
  expect(found('ValueSet?url=http://acme.org/v|1.0', [second])).toEqual([]);
  expect(found('ValueSet?url=http://acme.org/v', [second])).toEqual(['v']);
});

test('_profile finds a profile with and without its version; _source is a URI', () => {
  const resource: Resource = {
    resourceType: 'Patient',
    id: 'p',
    meta: { profile: ['http://acme.org/p|1.0'], source: 'http://acme.org/his#1' },
  };
  expect(found('Patient?_profile=http://acme.org/p', [resource])).toEqual(['p']);
  expect(found('Patient?_profile=http://acme.org/p|1.0', [resource])).toEqual(['p']);
  expect(found('Patient?_profile=http://acme.org/p|2.0', [resource])).toEqual([]);
  expect(found('Patient?_source:below=http://acme.org/his', [resource])).toEqual(['p']);
  expect(found('Patient?_source:missing=true', [resource])).toEqual([]);
});
