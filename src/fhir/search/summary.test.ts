import { describe, expect, test } from '@jest/globals';
import { searchServer } from '../../../test/environment/search.ts';
import { parseJson } from '../json/parse.ts';
import { serialise } from '../json/serialise.ts';
import type { Resource } from '../resource.ts';
import { type Subset, subsetAsked, subsetOf } from './summary.ts';

/** http://hl7.org/fhir/R4/search.html#summary */
const patient: Resource = {
  resourceType: 'Patient',
  id: 'p',
  meta: { versionId: '3', tag: [{ code: 'mine' }] },
  text: { status: 'generated', div: '<div>…</div>' },
  extension: [{ url: 'http://a', valueString: 'x' }],
  active: true,
  name: [{ family: 'Li', extension: [{ url: 'http://a', valueString: 'x' }] }],
  birthDate: '1980-01-01',
  _birthDate: { extension: [{ url: 'http://a', valueString: 'x' }] },
  photo: [{ contentType: 'image/png', data: 'AAAA' }],
  contact: [{ name: { family: 'Wang' } }],
};
const observation: Resource = {
  resourceType: 'Observation',
  id: 'o',
  text: { status: 'generated', div: '<div>…</div>' },
  status: 'final',
  code: { text: 'x' },
  valueQuantity: { value: 1.5 },
  note: [{ text: 'long' }],
  component: [{ code: { text: 'y' }, valueString: 'z', interpretation: [{ text: 'high' }] }],
};

const names = (resource: Resource, subset: Subset) =>
  Object.keys(subsetOf(searchServer.definitions, resource, subset)).sort();

describe('the forms', () => {
  test.each<[string, Resource, Subset, string[]]>([
    [
      'true: "all supported elements that are marked as summary"',
      patient,
      'true',
      ['_birthDate', 'active', 'birthDate', 'id', 'meta', 'name', 'resourceType'],
    ],
    [
      'text: "Return only the text element, the id element, the meta element, and only top-level mandatory elements"',
      observation,
      'text',
      ['code', 'id', 'meta', 'resourceType', 'status', 'text'],
    ],
    [
      'data: "Remove the text element"',
      observation,
      'data',
      ['code', 'component', 'id', 'meta', 'note', 'resourceType', 'status', 'valueQuantity'],
    ],
    [
      'elements: "Servers SHOULD always return mandatory elements whether they are requested or not"',
      observation,
      { elements: ['note'] },
      ['code', 'id', 'meta', 'note', 'resourceType', 'status'],
    ],
    [
      'elements: "Only elements that are listed are to be returned"',
      patient,
      { elements: ['birthDate'] },
      ['_birthDate', 'birthDate', 'id', 'meta', 'resourceType'],
    ],
  ])('%s', (_, resource, subset, expected) => {
    expect(names(resource, subset)).toEqual(expected);
  });

  test('the summary goes into elements', () => {
    const summary = subsetOf(searchServer.definitions, observation, 'true');
    expect(summary.component).toEqual([{ code: { text: 'y' }, valueString: 'z' }]);
    expect(subsetOf(searchServer.definitions, patient, 'true').name).toEqual([{ family: 'Li' }]);
  });
});

test('"Servers SHOULD mark the resources with the tag SUBSETTED", once, beside their own', () => {
  const once = subsetOf(searchServer.definitions, patient, 'data');
  const twice = subsetOf(searchServer.definitions, once, 'data');
  const codes = ['mine', 'SUBSETTED'];
  expect(once.meta?.tag?.map(({ code }) => code)).toEqual(codes);
  expect(twice.meta?.tag?.map(({ code }) => code)).toEqual(codes);
  expect(once.meta?.versionId).toBe('3');
  expect(patient.meta?.tag).toEqual([{ code: 'mine' }]);
});

test('decimals keep their digits', () => {
  const resource = parseJson(
    '{"resourceType":"Observation","status":"final","code":{},"valueQuantity":{"value":1.50},"note":[{}]}',
    10,
  ) as Resource;
  expect(serialise(subsetOf(searchServer.definitions, resource, 'true'))).toContain('"value":1.50');
});

describe('what a request asks for', () => {
  test.each<[string, [string, string][], Subset | undefined]>([
    ['nothing', [], undefined],
    ['the whole', [['_summary', 'false']], undefined],
    ['a form', [['_summary', 'text']], 'text'],
    ['elements', [['_elements', 'name,birthDate']], { elements: ['name', 'birthDate'] }],
    ['an empty form', [['_summary', '']], undefined],
  ])('%s', (_, query, subset) => {
    expect(subsetAsked(query)).toEqual(subset);
  });

  test('another form is refused', () => {
    expect(() => subsetAsked([['_summary', 'everything']])).toThrow(
      'not one of true, text, data, count, false',
    );
  });
});
