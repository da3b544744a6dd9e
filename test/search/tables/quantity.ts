import { a, ucum } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#quantity */
const measured = (id: string, valueQuantity: object) => a('Observation', id, { valueQuantity });
const inUcum = (id: string, value: number, code: string, more: object = {}) =>
  measured(id, { value, unit: code, system: ucum, code, ...more });

export const quantity: Table[] = [
  {
    clause: 'the table of examples: 5.4 mg with and without system and code',
    given: [
      inUcum('mg', 5.4, 'mg'),
      inUcum('low', 5.36, 'mg'),
      inUcum('high', 5.45, 'mg'),
      inUcum('g', 0.0054, 'g'),
      measured('human', { value: 5.4, unit: 'mg' }),
      measured('local', { value: 5.4, unit: 'milligrams', system: 'http://acme.org/units', code: 'mg' }),
      measured('bare', { value: 5.4 }),
      inUcum('kg', 5.4, 'kg'),
      a('Observation', 'none'),
    ],
    finds: [
      [`Observation?value-quantity=5.4|${ucum}|mg`, 'mg low g'],
      [`Observation?value-quantity=5.40e-3|${ucum}|g`, 'mg g'],
      [`Observation?value-quantity=5.40|${ucum}|mg`, 'mg g'],
      ['Observation?value-quantity=5.4||mg', 'mg low human local'],
      ['Observation?value-quantity=5.4||milligrams', 'local'],
      ['Observation?value-quantity=5.4|http://acme.org/units|mg', 'local'],
      ['Observation?value-quantity=5.4', 'mg low human local bare kg'],
      [`Observation?value-quantity=le5.4|${ucum}|mg`, 'mg low g'],
      [`Observation?value-quantity=lt5.4|${ucum}|mg`, 'low'],
      [`Observation?value-quantity=gt5.4|${ucum}|mg`, 'high kg'],
      [`Observation?value-quantity=ge5.4|${ucum}|mg`, 'mg high g kg'],
      [`Observation?value-quantity=ne5.4|${ucum}|mg`, 'high kg'],
      [`Observation?value-quantity=sa5.4|${ucum}|mg`, 'high kg'],
      [`Observation?value-quantity=eb5.4|${ucum}|mg`, 'low'],
      [`Observation?value-quantity=ap5.4|${ucum}|mg`, 'mg low high g'],
      ['Observation?value-quantity:missing=true', 'none'],
    ],
  },
  {
    clause: '"the values can be converted": across UCUM units, and not into what is no such unit',
    given: [
      inUcum('kPa', 16, 'kPa'),
      inUcum('mmHg', 120, 'mm[Hg]'),
      inUcum('metre', 1.7, 'm'),
      inUcum('inch', 70, '[in_i]'),
      inUcum('celsius', 37, 'Cel'),
      inUcum('fahrenheit', 98.6, '[degF]'),
      inUcum('per-litre', 5.5, 'mmol/L'),
      inUcum('per-decilitre', 0.55, 'mmol/dL'),
      inUcum('units', 10, '[iU]'),
      inUcum('percent', 5, '%'),
    ],
    finds: [
      [`Observation?value-quantity=120|${ucum}|mm[Hg]`, 'kPa mmHg'],
      [`Observation?value-quantity=16.0|${ucum}|kPa`, 'kPa mmHg'],
      [`Observation?value-quantity=gt100|${ucum}|mm[Hg]`, 'kPa mmHg'],
      [`Observation?value-quantity=gt175|${ucum}|cm`, 'inch'],
      [`Observation?value-quantity=170|${ucum}|cm`, 'metre'],
      [`Observation?value-quantity=37.0|${ucum}|Cel`, 'celsius fahrenheit'],
      [`Observation?value-quantity=gt98|${ucum}|[degF]`, 'celsius fahrenheit'],
      [`Observation?value-quantity=5.5|${ucum}|mmol/L`, 'per-litre per-decilitre'],
      [`Observation?value-quantity=10|${ucum}|[iU]`, 'units'],
      [`Observation?value-quantity=10|${ucum}|mg`, ''],
      [`Observation?value-quantity=0.05|${ucum}|1`, 'percent'],
    ],
  },
  {
    clause: 'Quantity.comparator: "how the value should be understood"',
    given: [
      inUcum('below', 5, 'mg', { comparator: '<' }),
      inUcum('at-most', 5, 'mg', { comparator: '<=' }),
      inUcum('exactly', 5, 'mg'),
      inUcum('at-least', 5, 'mg', { comparator: '>=' }),
      inUcum('above', 5, 'mg', { comparator: '>' }),
    ],
    finds: [
      [`Observation?value-quantity=lt4|${ucum}|mg`, 'below at-most'],
      [`Observation?value-quantity=gt6|${ucum}|mg`, 'at-least above'],
      [`Observation?value-quantity=gt5|${ucum}|mg`, 'at-least above'],
      [`Observation?value-quantity=sa4.9|${ucum}|mg`, 'exactly at-least above'],
      [`Observation?value-quantity=eb5|${ucum}|mg`, 'below'],
      [`Observation?value-quantity=ge5|${ucum}|mg`, 'at-most exactly at-least above'],
      ['Observation?value-quantity=eb5', 'below'],
      [`Observation?value-quantity=5|${ucum}|mg`, 'exactly'],
    ],
  },
  {
    clause: 'Money, Age, Duration, Range and SampledData are searched as quantities',
    given: [
      a('ChargeItem', 'money', { priceOverride: { value: 12.5, currency: 'CNY' } }),
      a('Condition', 'age', { onsetAge: { value: 40, unit: 'a', system: ucum, code: 'a' } }),
      a('Condition', 'range', {
        onsetRange: {
          low: { value: 30, unit: 'a', system: ucum, code: 'a' },
          high: { value: 50, unit: 'a', system: ucum, code: 'a' },
        },
      }),
      a('Encounter', 'duration', { length: { value: 90, unit: 'min', system: ucum, code: 'min' } }),
      a('Observation', 'sampled', {
        valueSampledData: {
          origin: { value: 0, unit: 'mV', system: ucum, code: 'mV' },
          period: 10,
          factor: 0.5,
          dimensions: 1,
          data: '2 4 10',
        },
      }),
    ],
    finds: [
      ['ChargeItem?price-override=12.5', 'money'],
      ['ChargeItem?price-override=gt12|urn:iso:std:iso:4217|CNY', 'money'],
      ['ChargeItem?price-override=gt12|urn:iso:std:iso:4217|EUR', ''],
      [`Condition?onset-age=40|${ucum}|a`, 'age'],
      [`Condition?onset-age=gt45|${ucum}|a`, 'range'],
      [`Condition?onset-age=lt45|${ucum}|a`, 'age range'],
      [`Encounter?length=1.5|${ucum}|h`, 'duration'],
      [`Encounter?length=gt1|${ucum}|h`, 'duration'],
      [`Observation?value-quantity=gt4|${ucum}|mV`, 'sampled'],
      [`Observation?value-quantity=sa5|${ucum}|mV`, ''],
      [`Observation?value-quantity=eb5.1|${ucum}|mV`, 'sampled'],
    ],
  },
  {
    clause: '[prefix][number]|[system]|[code]; what is not of that form is refused',
    given: [],
    refuses: [
      [`Observation?value-quantity=many|${ucum}|mg`, 'value-quantity'],
      ['Observation?value-quantity=5.4|mg', 'value-quantity'],
      [`Observation?value-quantity=5.4|${ucum}|mg|x`, 'value-quantity'],
      [`Observation?value-quantity=|${ucum}|mg`, 'value-quantity'],
      ['Observation?value-quantity=mg', 'value-quantity'],
      ['Observation?value-quantity:not=5.4', 'value-quantity'],
    ],
  },
];
