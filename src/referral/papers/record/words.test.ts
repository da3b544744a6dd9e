import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../../../fhir/json/parse.ts';
import type { Resource } from '../../../fhir/resource.ts';
import { clinicalWords } from './clinical-words.ts';
import { ageWords, dateWords, narrativeWords, personName } from './words.ts';

describe('the age', () => {
  test.each([
    ['1958-03-14', '2026-11-16', '68岁'],
    ['1958-11-17', '2026-11-16', '67岁'],
    ['1958', '2026-11-16', '68岁'],
    ['2026-02-20', '2026-11-16', '8月'],
    ['2026-11-10', '2026-11-16T23:30:00+08:00', '6天'],
    ['2026-11-16', '2026-11-16', '0天'],
    ['2027-01-01', '2026-11-16', undefined],
    [undefined, '2026-11-16', undefined],
  ])('of who was born on %s is on %s: %s', (born, day, age) => {
    expect(ageWords(born, day)).toBe(age);
  });
});

test('a date is that of the community’s clock', () => {
  expect(dateWords('2026-11-15T20:00:00Z')).toBe('2026年11月16日');
  expect(dateWords('2026-11')).toBe('2026年11月');
});

test('a name is the official one, as it is written', () => {
  const person = (...name: object[]) => ({ resourceType: 'Patient', name });
  expect(personName(person({ use: 'old', text: '王兰' }, { use: 'official', text: '王秀兰' }))).toBe(
    '王秀兰',
  );
  expect(personName(person({ family: '王', given: ['秀兰'] }))).toBe('王秀兰');
  expect(personName(person({ family: 'Smith', given: ['Ann'] }))).toBe('Smith Ann');
  expect(personName(person())).toBeUndefined();
});

test('a narrative is read as lines of text, whatever its marks', () => {
  const div =
    '<div xmlns="x"><p>高血压<b>8年</b></p><ul><li>A &amp; B</li><li>&lt;120&#x2F;80</li></ul><!-- no --></div>';
  expect(narrativeWords({ div })).toBe('高血压8年\nA & B\n<120/80');
});

test('a value keeps the digits that it was written in', () => {
  const text =
    '{"resourceType":"Observation","code":{"text":"血糖"},"valueQuantity":{"value":6.10,"unit":"mmol/L"}}';
  expect(clinicalWords.Observation!(parseJson(text, 10) as Resource)).toBe('血糖\uff1a6.10 mmol/L');
});
