import { describe, expect, test } from '@jest/globals';
import { found, refusalOf } from '../../../../test/environment/search.ts';
import type { Resource } from '../../resource.ts';

/** Clauses are those of http://hl7.org/fhir/R4/search.html#string */
const patient = (id: string, name: object): Resource => ({ resourceType: 'Patient', id, name: [name] });

const eve = patient('eve', { given: ['Eve'] });
const evelyn = patient('evelyn', { given: ['Evelyn'] });
const severine = patient('severine', { given: ['Séverine'] });
const small = patient('small', { given: ['eve'] });
const all = [eve, evelyn, severine, small];

describe('the examples of the specification', () => {
  test.each([
    ['Patient?given=eve', ['eve', 'evelyn', 'small']],
    ['Patient?given:contains=eve', ['eve', 'evelyn', 'severine', 'small']],
    ['Patient?given:exact=Eve', ['eve']],
  ])('%s', (search, ids) => {
    expect(found(search, all)).toEqual(ids);
  });
});

describe('"insensitive to casing and included combining characters"; punctuation and repeated space are ignored', () => {
  test.each([
    ['accents of the resource', 'severin', 'Séverine'],
    ['accents of the search', 'sévérin', 'Severine'],
    ['a combining accent', 'séverine', 'Se\u0301verine'],
    ['capitals', 'SEVERINE', 'severine'],
    ['punctuation', 'obrien', "O'Brien"],
    ['repeated space and tabs', 'anna maria', 'Anna \t Maria'],
    ['full-width letters', 'anna', 'Ａｎｎａ'],
    ['Chinese', '王秀', '王秀兰'],
    ['rare characters beyond the 16 bit', '𠮷', '𠮷田'],
    ['nothing but punctuation', '...', '...'],
  ])('%s', (_, value, given) => {
    expect(found(`Patient?given=${value}`, [patient('p', { given: [given] })])).toEqual(['p']);
  });

  test('but another word is another word', () => {
    expect(found('Patient?given=evi', all)).toEqual([]);
    expect(found('Patient?given=兰', [patient('p', { given: ['秀兰'] })])).toEqual([]);
    expect(found('Patient?given:contains=兰', [patient('p', { given: ['秀兰'] })])).toEqual(['p']);
  });
});

describe('names and addresses', () => {
  const double = patient('double', { family: 'Carreno Quinones', given: ['Ana'], prefix: ['Dr.'] });

  test.each([
    ['"searching either Carreno or Quinones should match"', 'family=quinones'],
    ['and in the whole name', 'name=quinones'],
    ['any part', 'name=dr'],
    ['family name first', 'name=carreno quinones ana'],
    ['family name last', 'name=ana carreno'],
  ])('%s: %s', (_, query) => {
    expect(found(`Patient?${query}`, [double])).toEqual(['double']);
  });

  test('a Chinese name in parts is found whole', () => {
    expect(found('Patient?name=王秀兰', [patient('p', { family: '王', given: ['秀兰'] })])).toEqual(['p']);
  });

  test('"does not cover elements such as use and period"', () => {
    expect(found('Patient?name=official', [patient('p', { use: 'official', family: 'Li' })])).toEqual([]);
  });

  test('every part of an address', () => {
    const resource: Resource = {
      resourceType: 'Patient',
      id: 'p',
      address: [
        { use: 'home', line: ['534 Erewhon St'], city: 'PleasantVille', state: 'Vic', postalCode: '3999' },
      ],
    };
    for (const value of ['534', 'pleasant', 'vic', '3999'])
      expect(found(`Patient?address=${value}`, [resource])).toEqual(['p']);
    expect(found('Patient?address=home', [resource])).toEqual([]);
    expect(found('Patient?address-city=pleasant', [resource])).toEqual(['p']);
  });
});

describe(':exact', () => {
  test('"the entire supplied parameter, including casing and accents"', () => {
    expect(found('Patient?given:exact=Severine', [severine])).toEqual([]);
    expect(found('Patient?given:exact=Séverine', [severine])).toEqual(['severine']);
    expect(found('Patient?given:exact=Séver', [severine])).toEqual([]);
  });

  test('also of long texts that differ only at their end', () => {
    const description = '长'.repeat(3000);
    const resource: Resource = { resourceType: 'ValueSet', id: 'v', description };
    expect(found(`ValueSet?description:exact=${description}`, [resource])).toEqual(['v']);
    expect(found(`ValueSet?description:exact=${description.slice(1)}短`, [resource])).toEqual([]);
  });
});

test('an escaped comma belongs to the text', () => {
  expect(found('Patient?given:exact=a\\,b', [patient('p', { given: ['a,b'] })])).toEqual(['p']);
});

test(':text wants every word somewhere', () => {
  const resource: Resource = { resourceType: 'ValueSet', id: 'v', description: 'Codes for the body site' };
  expect(found('ValueSet?description:text=site codes', [resource])).toEqual(['v']);
  expect(found('ValueSet?description:text=site none', [resource])).toEqual([]);
});

test(':missing', () => {
  expect(found('Patient?family:missing=true', all)).toHaveLength(4);
  expect(found('Patient?given:missing=true', all)).toEqual([]);
});

test('modifiers of other types are refused', () => {
  expect(refusalOf('Patient?name:below=x')).toContain(
    '400 Parameter name does not support the modifier :below',
  );
});
