import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { found, refusalOf } from '../../../../test/environment/search.ts';
import type { Resource } from '../../resource.ts';
import { impliedRange, nextDown, nextUp } from '../decimal.ts';

/** Clauses are those of http://hl7.org/fhir/R4/search.html#number */
const risk = (probabilityDecimal: number): Resource => ({
  resourceType: 'RiskAssessment',
  id: 'r',
  prediction: [{ probabilityDecimal }],
});

describe('the table of the specification', () => {
  test.each([
    ['100', [99.5, 100, 100.49], [99.49, 100.5]],
    ['100.00', [99.995, 100, 100.0049], [99.99, 100.005]],
    ['1e2', [95, 100, 104.9], [94.9, 105]],
    ['lt100', [99.99], [100, 101]],
    ['le100', [99.99, 100], [100.01]],
    ['gt100', [100.01], [100, 99]],
    ['ge100', [100, 100.01], [99.99]],
    ['ne100', [99.4, 100.5], [99.5, 100, 100.4]],
    ['sa100', [100.01], [100]],
    ['eb100', [99.99], [100]],
    ['ap100', [90, 100, 110], [89, 111]],
    ['-1.5', [-1.5, -1.54], [-1.4, 1.5]],
    ['gt8e-1', [0.81], [0.8]],
  ])('probability=%s finds %j, not %j', (value, matching, others) => {
    const finds = (number: number) => found(`RiskAssessment?probability=${value}`, [risk(number)]).length > 0;
    expect(matching.filter((number) => !finds(number))).toEqual([]);
    expect(others.filter(finds)).toEqual([]);
  });

  test('an integer is matched exactly, "if there are non-zero digits after a decimal point, there cannot be any matches"', () => {
    const resource: Resource = {
      resourceType: 'MolecularSequence',
      id: 'm',
      variant: [{ start: 2, end: 3 }],
    };
    expect(found('MolecularSequence?variant-start=2', [resource])).toEqual(['m']);
    expect(found('MolecularSequence?variant-start=2.4', [resource])).toEqual([]);
  });

  test('a Range counts from end to end', () => {
    const resource: Resource = {
      resourceType: 'RiskAssessment',
      id: 'r',
      prediction: [{ probabilityRange: { low: { value: 0.2 }, high: { value: 0.4 } } }],
    };
    expect(found('RiskAssessment?probability=gt0.3', [resource])).toEqual(['r']);
    expect(found('RiskAssessment?probability=sa0.3', [resource])).toEqual([]);
    expect(found('RiskAssessment?probability=sa0.1&probability=eb0.5', [resource])).toEqual(['r']);
  });
});

test.each(['abc', '1,2x', '1..2', '', 'e5', '1e9999', '1e999', '0x10', 'gt'])(
  '"%s" is no number',
  (value) => {
    expect(impliedRange(value)).toBeUndefined();
    if (value !== '') expect(refusalOf(`RiskAssessment?probability=${value}`)).toContain('400');
  },
);

test('whatever its digits, a decimal lies in the range that it implies, and so does none a whole digit away', () => {
  const digits = fc.tuple(fc.integer({ min: -99999, max: 99999 }), fc.integer({ min: 0, max: 6 }));
  fc.assert(
    fc.property(digits, ([mantissa, decimals]) => {
      const text = (mantissa / 10 ** decimals).toFixed(decimals);
      const { value, low, high } = impliedRange(text)!;
      expect(low <= value && value < high).toBe(true);
      expect(Number((value + 10 ** -decimals).toFixed(decimals)) >= high).toBe(true);
      expect(Number((value - 10 ** -decimals).toFixed(decimals)) < low).toBe(true);
    }),
  );
});

test('the next numbers enclose a number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, max: 1e300, min: -1e300 }), (value) => {
      expect(nextUp(value)).toBeGreaterThan(value);
      expect(nextDown(value)).toBeLessThan(value);
      expect(nextDown(nextUp(value))).toBe(value === 0 ? 0 : value);
    }),
  );
});
