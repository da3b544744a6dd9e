import { describe, expect, test } from '@jest/globals';
import { found, refusalOf } from '../../../../test/environment/search.ts';
import type { Resource } from '../../resource.ts';
import { canonicalUnit } from '../../units.ts';

/** Clauses are those of http://hl7.org/fhir/R4/search.html#quantity */
const ucum = 'http://unitsofmeasure.org';

const measured = (valueQuantity: object): Resource => ({
  resourceType: 'Observation',
  id: 'o',
  valueQuantity,
});
const inUcum = (value: number, code: string, more: object = {}) =>
  measured({ value, system: ucum, code, unit: code, ...more });

describe('the examples of the specification', () => {
  test.each([
    [`5.4|${ucum}|mg`, inUcum(5.4, 'mg'), true],
    [`5.4|${ucum}|mg`, inUcum(5.44, 'mg'), true],
    [`5.4|${ucum}|mg`, inUcum(5.45, 'mg'), false],
    [`5.4|${ucum}|mg`, inUcum(0.0054, 'g'), true],
    [`5.40e-3|${ucum}|g`, inUcum(5.4, 'mg'), true],
    [`5.40e-3|${ucum}|g`, inUcum(5.41, 'mg'), false],
    ['5.4||mg', inUcum(5.4, 'mg'), true],
    ['5.4||mg', measured({ value: 5.4, unit: 'mg' }), true],
    ['5.4||mg', inUcum(0.0054, 'g'), false],
    ['5.4', inUcum(5.4, 'mg'), true],
    // HAPI's `andNoUnits()` writes the bars all the same.
    ['5.4||', inUcum(5.4, 'mg'), true],
    ['gt5.4||', inUcum(5.5, 'mg'), true],
    ['gt5.4|', measured({ value: 5.5 }), true],
    ['gt5.4||', inUcum(5.3, 'mg'), false],
    [`5.4|${ucum}|`, inUcum(5.4, 'mg'), true],
    ['5.4', measured({ value: 5.4 }), true],
    [`le5.4|${ucum}|mg`, inUcum(5.4, 'mg'), true],
    [`le5.4|${ucum}|mg`, inUcum(0.0055, 'g'), false],
    [`ap5.4|${ucum}|mg`, inUcum(5.9, 'mg'), true],
    [`ap5.4|${ucum}|mg`, inUcum(6, 'mg'), false],
  ])('value-quantity=%s, %j: %s', (value, resource, isFound) => {
    expect(found(`Observation?value-quantity=${value}`, [resource])).toHaveLength(isFound ? 1 : 0);
  });
});

describe('units of the same kind are compared in base units', () => {
  test.each([
    ['186', 'mm[Hg]', '24.8', 'kPa'],
    ['37', 'Cel', '98.6', '[degF]'],
    ['7.0', 'mmol/L', '7000', 'umol/L'],
    ['90', '/min', '1.5', '/s'],
    ['2', 'h', '120', 'min'],
    ['5', '10*9/L', '5000', '10*6/L'],
  ])('%s %s is found by %s %s', (value, unit, otherValue, otherUnit) => {
    const resource = inUcum(Number(value), unit);
    expect(found(`Observation?value-quantity=${otherValue}|${ucum}|${otherUnit}`, [resource])).toEqual(['o']);
    expect(found(`Observation?value-quantity=ge${value}|${ucum}|${unit}`, [resource])).toEqual(['o']);
  });

  test('but arbitrary units are only themselves', () => {
    expect(canonicalUnit('[iU]')).toBeUndefined();
    expect(found(`Observation?value-quantity=3|${ucum}|[iU]`, [inUcum(3, '[iU]')])).toEqual(['o']);
    expect(found(`Observation?value-quantity=3|${ucum}|mg`, [inUcum(3, '[iU]')])).toEqual([]);
  });

  test('so is pH, which falls where concentrations rise', () => {
    expect(found(`Observation?value-quantity=gt7|${ucum}|[pH]`, [inUcum(7.4, '[pH]')])).toEqual(['o']);
    expect(found(`Observation?value-quantity=lt7|${ucum}|[pH]`, [inUcum(7.4, '[pH]')])).toEqual([]);
  });

  test('values beyond all bounds are still values', () => {
    expect(found(`Observation?value-quantity=gt1|${ucum}|km`, [inUcum(1e308, 'km')])).toEqual(['o']);
  });

  test('and a unit that is none is compared as it stands', () => {
    expect(canonicalUnit('no such unit')).toBeUndefined();
    expect(found(`Observation?value-quantity=3|${ucum}|pieces`, [inUcum(3, 'pieces')])).toEqual(['o']);
  });

  test('roundings of a conversion do not tell equal values apart', () => {
    for (const value of [5.1, 0.3, 1.1, 9.99, 123.456])
      expect(found(`Observation?value-quantity=ge${value}e-3|${ucum}|g`, [inUcum(value, 'mg')])).toEqual([
        'o',
      ]);
  });
});

describe('comparators leave one end open', () => {
  const below5 = inUcum(5, 'mg', { comparator: '<' });
  const from5 = inUcum(5, 'mg', { comparator: '>=' });

  test.each([
    ['lt5', below5, true],
    ['ge5', below5, false],
    ['gt4', below5, true],
    ['eb5', below5, true],
    ['gt1000', from5, true],
    ['lt5', from5, false],
    [`gt1|${ucum}|g`, from5, true],
  ])('value-quantity=%s, %j: %s', (value, resource, isFound) => {
    expect(found(`Observation?value-quantity=${value}`, [resource])).toHaveLength(isFound ? 1 : 0);
  });
});

describe('other types of quantities', () => {
  test('Money, by its currency', () => {
    const invoice: Resource = {
      resourceType: 'Invoice',
      id: 'i',
      totalGross: { value: 100, currency: 'CNY' },
    };
    expect(found('Invoice?totalgross=100|urn:iso:std:iso:4217|CNY', [invoice])).toEqual(['i']);
    expect(found('Invoice?totalgross=gt50||CNY', [invoice])).toEqual(['i']);
    expect(found('Invoice?totalgross=gt50||USD', [invoice])).toEqual([]);
  });

  test('Age and Range', () => {
    const age: Resource = {
      resourceType: 'Condition',
      id: 'c',
      onsetAge: { value: 52, unit: 'years', system: ucum, code: 'a' },
    };
    const range: Resource = {
      resourceType: 'Condition',
      id: 'c',
      onsetRange: {
        low: { value: 50, system: ucum, code: 'a' },
        high: { value: 60, system: ucum, code: 'a' },
      },
    };
    for (const resource of [age, range]) {
      expect(found(`Condition?onset-age=gt50|${ucum}|a`, [resource])).toEqual(['c']);
      expect(found(`Condition?onset-age=lt600|${ucum}|mo`, [resource])).toEqual([]);
      expect(found(`Condition?onset-age=lt721|${ucum}|mo`, [resource])).toEqual(['c']);
    }
  });

  test('SampledData, from its smallest to its largest sample', () => {
    const sampled: Resource = {
      resourceType: 'Observation',
      id: 'o',
      valueSampledData: {
        origin: { value: 0, unit: 'mV' },
        period: 10,
        factor: 0.5,
        dimensions: 1,
        data: '2 E 10 4',
      },
    };
    expect(found('Observation?value-quantity=ge5||mV', [sampled])).toEqual(['o']);
    expect(found('Observation?value-quantity=gt5', [sampled])).toEqual([]);
    expect(found('Observation?value-quantity=sa0.9&value-quantity=eb5.1', [sampled])).toEqual(['o']);
  });
});

test.each(['abc', '5.4|mg', '5|a|b|c', '|||'])('value-quantity=%s is refused', (value) => {
  expect(refusalOf(`Observation?value-quantity=${value}`)).toContain('[prefix][number]|[system]|[code]');
});

test(':missing', () => {
  expect(found('Observation?value-quantity:missing=true', [measured({ value: 1 })])).toEqual([]);
  expect(found('Observation?value-quantity:missing=false', [measured({ value: 1 })])).toEqual(['o']);
});
