import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { equalsFixed, matchesPattern } from './fixed.ts';

const placer = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PLAC' }] };

describe('fixed values and patterns', () => {
  test('a pattern lets the value have more: members, and items in a list', () => {
    const value = {
      text: '申请单号',
      coding: [{ code: 'other' }, { ...placer.coding[0], display: 'Placer' }],
    };
    expect(matchesPattern(value, placer)).toBe(true);
    expect(equalsFixed(value, placer)).toBe(false);
  });

  test('a pattern with two items wants both', () => {
    const both = { coding: [{ code: 'a' }, { code: 'b' }] };
    expect(matchesPattern({ coding: [{ code: 'b' }, { code: 'a' }] }, both)).toBe(true);
    expect(matchesPattern({ coding: [{ code: 'a' }] }, both)).toBe(false);
  });

  test('a value is fixed to itself and matches itself; with a member more, only the pattern holds', () => {
    const json = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(json, (value) => {
        expect(equalsFixed(structuredClone(value), value)).toBe(true);
        expect(matchesPattern(structuredClone(value), value)).toBe(true);
        expect(equalsFixed({ ...value, more: 1 }, value)).toBe(false);
        expect(matchesPattern({ ...value, more: 1 }, value)).toBe(true);
      }),
    );
  });
});
