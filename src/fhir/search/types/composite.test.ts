import { describe, expect, test } from '@jest/globals';
import { found, refusalOf } from '../../../../test/environment/search.ts';
import type { Resource } from '../../resource.ts';

/** Clauses are those of http://hl7.org/fhir/R4/search.html#composite */
const ucum = 'http://unitsofmeasure.org';
const loinc = 'http://loinc.org';
const coded = (code: string) => ({ coding: [{ system: loinc, code }] });
const mmHg = (value: number) => ({ value, unit: 'mmHg', system: ucum, code: 'mm[Hg]' });

const pressure: Resource = {
  resourceType: 'Observation',
  id: 'pressure',
  code: coded('85354-9'),
  component: [
    { code: coded('8480-6'), valueQuantity: mmHg(107) },
    { code: coded('8462-4'), valueQuantity: mmHg(60) },
  ],
};
const potassium: Resource = {
  resourceType: 'Observation',
  id: 'potassium',
  code: coded('2823-3'),
  valueQuantity: { value: 5.8, unit: 'mmol/L', system: ucum, code: 'mmol/L' },
};

describe('the parts of one value belong together', () => {
  test.each([
    [`component-code-value-quantity=${loinc}|8480-6$lt110`, ['pressure']],
    [`component-code-value-quantity=${loinc}|8480-6$lt70`, []],
    ['component-code-value-quantity=8462-4$lt70', ['pressure']],
    [`component-code-value-quantity=8480-6$gt14|${ucum}|kPa`, ['pressure']],
    [`component-code-value-quantity=8480-6$gt15|${ucum}|kPa`, []],
    ['component-code-value-quantity=8480-6$107||mmHg', ['pressure']],
    [`code-value-quantity=${loinc}|2823-3$gt5.4|${ucum}|mmol/L`, ['potassium']],
    [`code-value-quantity=${loinc}|2823-3$gt5.9|${ucum}|mmol/L`, []],
    ['combo-code-value-quantity=8480-6$107,2823-3$5.8', ['pressure', 'potassium']],
    ['combo-code-value-quantity=8480-6$60', []],
  ])('%s', (query, ids) => {
    expect(found(`Observation?${query}`, [pressure, potassium])).toEqual(ids);
  });

  test('at the end of a chain', () => {
    const report: Resource = {
      resourceType: 'DiagnosticReport',
      id: 'report',
      result: [{ reference: 'Observation/potassium' }],
    };
    const query = `result.code-value-quantity=${loinc}|2823-3$gt5.4|${ucum}|mmol/L`;
    expect(found(`DiagnosticReport?${query}`, [report, potassium])).toEqual(['report']);
  });
});

describe('components of other types', () => {
  const group = (...characteristic: object[]): Resource => ({
    resourceType: 'Group',
    id: 'g',
    characteristic,
  });
  const is = (code: string, value: object) => ({ code: { coding: [{ code }] }, ...value });

  test('token and token: characteristic-value=gender$mixed,owner$Eve', () => {
    const mixed = group(
      is('gender', { valueCodeableConcept: { coding: [{ code: 'mixed' }] } }),
      is('owner', { valueCodeableConcept: { coding: [{ code: 'Eve' }] } }),
    );
    expect(found('Group?characteristic-value=gender$mixed,owner$Adam', [mixed])).toEqual(['g']);
    expect(found('Group?characteristic-value=gender$Eve', [mixed])).toEqual([]);
  });

  test('token and boolean', () => {
    const flagged = group(is('smoker', { valueBoolean: true }));
    expect(found('Group?characteristic-value=smoker$true', [flagged])).toEqual(['g']);
    expect(found('Group?characteristic-value=smoker$false', [flagged])).toEqual([]);
  });

  test('token and string, which is found by its start', () => {
    const told: Resource = {
      resourceType: 'Observation',
      id: 'o',
      code: coded('1'),
      valueString: 'Heart murmur',
    };
    expect(found('Observation?code-value-string=1$heart', [told])).toEqual(['o']);
    expect(found('Observation?code-value-string=2$heart', [told])).toEqual([]);
  });

  test('token and date', () => {
    const dated: Resource = {
      resourceType: 'Observation',
      id: 'o',
      code: coded('1'),
      valueDateTime: '2026-01-05',
    };
    expect(found('Observation?code-value-date=1$ge2026', [dated])).toEqual(['o']);
    expect(found('Observation?code-value-date=1$lt2026', [dated])).toEqual([]);
  });

  test('token and reference', () => {
    const replacing: Resource = {
      resourceType: 'DocumentReference',
      id: 'd',
      relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/old' } }],
    };
    expect(found('DocumentReference?relationship=replaces$DocumentReference/old', [replacing])).toEqual([
      'd',
    ]);
    expect(found('DocumentReference?relationship=appends$DocumentReference/old', [replacing])).toEqual([]);
  });

  test('token and two numbers, which are start and end of one thing', () => {
    const sequence: Resource = {
      resourceType: 'MolecularSequence',
      id: 'm',
      referenceSeq: { chromosome: { coding: [{ code: '1' }] }, windowStart: 0, windowEnd: 900 },
      variant: [
        { start: 100, end: 110 },
        { start: 500, end: 520 },
      ],
    };
    expect(found('MolecularSequence?chromosome-variant-coordinate=1$gt90$lt120', [sequence])).toEqual(['m']);
    expect(found('MolecularSequence?chromosome-variant-coordinate=1$gt200$lt400', [sequence])).toEqual([]);
    expect(found('MolecularSequence?chromosome-variant-coordinate=2$gt90$lt120', [sequence])).toEqual([]);
    expect(found('MolecularSequence?chromosome-window-coordinate=1$0$900', [sequence])).toEqual(['m']);
  });
});

test.each([
  ['code-value-quantity=2823-3', 'has 1 parts where 2 are wanted'],
  ['code-value-quantity=2823-3$', 'has an empty part'],
  ['code-value-quantity=2823-3$abc', 'is not [prefix][number]'],
  [`code-value-quantity=${loinc}|$5`, 'only the last part may be open'],
  ['code-value-quantity:missing=true', 'does not support the modifier :missing'],
])('%s is refused', (query, text) => {
  expect(refusalOf(`Observation?${query}`)).toContain(text);
});

describe('values that combine without end', () => {
  const panel = (components: number, codings: number): Resource => {
    const many = { coding: Array.from({ length: codings }, (_, n) => ({ system: loinc, code: `c${n}` })) };
    return {
      ...pressure,
      component: Array.from({ length: components }, () => ({ code: many, valueCodeableConcept: many })),
    };
  };

  test('are refused, and the refusal names the parameter', () => {
    expect(() => found('Observation?code=x', [panel(2_000, 20)])).toThrow(
      'more than 20000 for component-code-value-concept',
    );
  });

  test('are kept for the largest panels that are sent', () => {
    expect(found('Observation?component-code-value-concept=c1$c1', [panel(400, 2)])).toEqual(['pressure']);
  });
});
