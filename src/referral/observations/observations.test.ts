import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadDefinitions } from '../../fhir/definitions/definitions.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { RuleProblem } from '../rules/problem.ts';
import { comparable } from './comparable.ts';
import { readMeasurands } from './measurands.ts';
import { impossibleValues, plausibilityIssues } from './plausibility.ts';
import { converted } from './unit.ts';

const measurands = readMeasurands(loadDefinitions(['profiles']), ({ text }) => {
  throw new Error(text.en);
});
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const quantity = (value: number, code: string) => ({
  value,
  unit: code,
  system: 'http://unitsofmeasure.org',
  code,
});
const measured = (code: string, value: number, unit: string): Resource => ({
  resourceType: 'Observation',
  status: 'final',
  code: loinc(code),
  valueQuantity: quantity(value, unit),
});
const amountOf = (observation: Element) => (observation.valueQuantity as Element).value;

describe('an observation as rules compare it', () => {
  test.each([
    ['a temperature in °F', measured('8310-5', 98.6, '[degF]'), 37],
    ['a temperature in °C', measured('8310-5', 36.5, 'Cel'), 36.5],
    ['a glucose in mg/dL', measured('2339-0', 180.16, 'mg/dL'), 10],
    ['a glucose in mmol/L', measured('14749-6', 7.5, 'mmol/L'), 7.5],
    ['a height in metres', measured('8302-2', 1.68, 'm'), 168],
  ])('%s', (_, observation, value) => {
    expect(amountOf(comparable(observation, measurands))).toBeCloseTo(value, 8);
  });

  test('is the very same where there is nothing to convert, or no way to', () => {
    for (const same of [
      measured('8310-5', 36.5, 'Cel'),
      measured('8310-5', 36.5, 'kg'),
      measured('999-9', 1, 'g'),
    ])
      expect(comparable(same, measurands)).toBe(same);
  });

  test('a systolic pressure under its national data element is one of LOINC’s panel, in mm[Hg]', () => {
    const code = { coding: [{ system: 'urn:oid:2.16.156.10011.2.2.1', code: 'DE04.10.174.00' }] };
    const compared = comparable({ ...measured('', 24, 'kPa'), code }, measurands);
    expect(compared).toMatchObject({ code: { coding: [{ code: '85354-9' }, {}] } });
    const [part] = compared.component as Element[];
    expect(part).toMatchObject({ code: { coding: [{ code: '8480-6' }, {}] } });
    expect(amountOf(part!)).toBeCloseTo(180.01, 1);
  });

  test('there and back again is where it was', () => {
    const units = fc.constantFrom(['kPa', 'mm[Hg]'], ['[degF]', 'Cel'], ['[lb_av]', 'kg']);
    fc.assert(
      fc.property(units, fc.integer({ min: -500, max: 5000 }), ([from, to], tenths) => {
        const value = tenths / 10;
        expect(converted(converted(value, from!, to!)!, to!, from!)).toBeCloseTo(value, 6);
      }),
    );
  });
});

describe('what cannot be true', () => {
  test('is named with its range', () => {
    expect(plausibilityIssues(measured('8310-5', 365, 'Cel'), measurands, 'error')).toEqual([
      expect.objectContaining({
        severity: 'error',
        expression: ['Observation.value'],
        diagnostics: '体温 365 Cel (13–47 Cel)',
      }),
    ]);
  });

  test.each([
    ['the bounds themselves', measured('8310-5', 47, 'Cel')],
    ['a value in another unit that is within them', measured('8310-5', 104, '[degF]')],
    ['a value whose unit does not convert', measured('8310-5', 365, 'kg')],
    ['what has no range', measured('999-9', 365, 'g')],
    ['what was entered in error', { ...measured('8310-5', 365, 'Cel'), status: 'entered-in-error' }],
  ])('is not: %s', (_, observation) => {
    expect(impossibleValues(observation, measurands)).toEqual([]);
  });

  test('a range that has no bounds in its unit is told of and left out', () => {
    const definition = {
      resourceType: 'ObservationDefinition',
      id: 'ours',
      code: loinc('8310-5'),
      quantitativeDetails: { unit: { coding: [{ code: 'Cel' }] } },
      qualifiedInterval: [{ category: 'absolute', range: { low: quantity(20, '[degF]') } }],
    } as unknown as Resource;
    const problems: RuleProblem[] = [];
    const read = readMeasurands({ all: <T>() => [definition] as T[] }, (problem) => problems.push(problem));
    expect(read.size).toBe(0);
    expect(problems).toMatchObject([
      { definition, place: 'ObservationDefinition.qualifiedInterval[0].range' },
    ]);
  });
});
