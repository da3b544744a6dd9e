import { expect, test } from '@jest/globals';
import { loadDefinitions } from '../../definitions/definitions.ts';
import type { Element, Resource } from '../../resource.ts';
import { createValidator } from '../validator.ts';

const validator = createValidator(loadDefinitions());
const terminology = 'http://terminology.hl7.org/CodeSystem';
const concept = (system: string, code: string) => ({
  coding: [{ system: `${terminology}/${system}`, code }],
});
const own = (code: string) => ({ coding: [{ system: 'http://example.org/codes', code }] });
const criteria = { language: 'text/fhirpath', expression: 'true' };
const populations = ['initial-population', 'numerator', 'denominator'];

const measure = (scoring: string): Resource => ({
  ...{ resourceType: 'Measure', id: 'm', url: 'http://example.org/Measure/m', name: 'M', status: 'active' },
  scoring: concept('measure-scoring', scoring),
  group: [
    {
      code: own('group'),
      population: populations.map((code) => ({ code: concept('measure-population', code), criteria })),
      stratifier: [{ code: own('stratifier'), criteria }],
    },
  ],
});

const population = (code: string) => ({ code: concept('measure-population', code), count: 1 });
const complete: Element = {
  code: own('group'),
  population: populations.map(population),
  measureScore: { value: 0.5 },
  stratifier: [{ code: [own('stratifier')] }],
};

const report = (group: Element[], scoring = 'proportion', more: object = {}): Resource => ({
  ...{ resourceType: 'MeasureReport', status: 'complete', type: 'summary', measure: '#m' },
  period: { start: '2026-01-01', end: '2026-12-31' },
  contained: [measure(scoring)],
  ...(group.length > 0 && { group }),
  ...more,
});

const said = (resource: Resource) =>
  validator
    .validate(resource)
    .filter(({ severity, text }) => severity !== 'information' && !text.en.includes('dom-6'))
    .map(({ expression, text }) => `${expression?.[0]?.replace('MeasureReport', 'MR')}: ${text.en}`);

// HL7's validator (6.7.9) refuses each of those that have something said of them.
test.each<[string, Resource, string[]]>([
  ['all that the measure has', report([complete]), []],
  ['the only group without its code', report([{ ...complete, code: undefined }]), []],
  [
    'no score where nobody was counted',
    report([
      {
        ...complete,
        measureScore: undefined,
        population: populations.map((code) => ({ ...population(code), count: 0 })),
      },
    ]),
    [],
  ],
  ['a report that is still to come', report([], 'proportion', { status: 'pending' }), []],
  ['no group', report([]), ['MR: The group "http://example.org/codes|group" of the measure is not reported']],
  [
    'another group',
    report([{ ...complete, code: own('other') }]),
    [
      'MR.group[0]: The measure has no group with the code "http://example.org/codes|other"',
      'MR: The group "http://example.org/codes|group" of the measure is not reported',
    ],
  ],
  [
    'a population less',
    report([{ ...complete, population: populations.slice(1).map(population) }]),
    [
      `MR.group[0]: The population "${terminology}/measure-population|initial-population" of the measure is not reported`,
    ],
  ],
  [
    'a population twice',
    report([{ ...complete, population: [...populations, 'numerator'].map(population) }]),
    [
      `MR.group[0].population[3]: The population "${terminology}/measure-population|numerator" of the measure is reported twice`,
    ],
  ],
  [
    'no stratifier',
    report([{ ...complete, stratifier: undefined }]),
    ['MR.group[0]: The stratifier "http://example.org/codes|stratifier" of the measure is not reported'],
  ],
  [
    'no score',
    report([{ ...complete, measureScore: undefined }]),
    ['MR.group[0]: A measure whose scoring is proportion has a measureScore'],
  ],
  [
    'a proportion above 1',
    report([{ ...complete, measureScore: { value: 50 } }]),
    ['MR.group[0]: A proportion is a number from 0 to 1 as a rule, not "50"'],
  ],
  [
    'a proportion with a unit',
    report([{ ...complete, measureScore: { value: 0.5, unit: '%' } }]),
    ['MR.group[0]: A proportion has no unit as a rule'],
  ],
  [
    'a score of a cohort',
    report([complete], 'cohort'),
    ['MR.group[0]: A measure whose scoring is cohort has no measureScore'],
  ],
])('a report with %s', (_, resource, expected) => {
  expect(said(resource)).toEqual(expected);
});
