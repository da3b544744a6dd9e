import { a, concept, loinc, snomed, to, ucum } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#composite */
const pressure = (id: string, systolic: number, diastolic: number) =>
  a('Observation', id, {
    code: concept(loinc, '85354-9'),
    component: [
      {
        code: concept(loinc, '8480-6'),
        valueQuantity: { value: systolic, unit: 'mmHg', system: ucum, code: 'mm[Hg]' },
      },
      {
        code: concept(loinc, '8462-4'),
        valueQuantity: { value: diastolic, unit: 'mmHg', system: ucum, code: 'mm[Hg]' },
      },
    ],
  });
const observed = (id: string, code: string, value: object) =>
  a('Observation', id, { code: concept(loinc, code), ...value });
const potassium = (id: string, value: number) =>
  observed(id, '2823-3', { valueQuantity: { value, unit: 'mmol/L', system: ucum, code: 'mmol/L' } });
const focus = (system: string, code: string) => ({
  code: { system: 'http://terminology.hl7.org/CodeSystem/usage-context-type', code: 'focus' },
  valueCodeableConcept: concept(system, code),
});

export const composite: Table[] = [
  {
    clause: 'component-code-value-quantity=http://loinc.org|8480-6$lt60: both hold of the same component',
    given: [pressure('low', 50, 40), pressure('usual', 120, 50), pressure('high', 200, 110)],
    finds: [
      [`Observation?component-code-value-quantity=${loinc}|8480-6$lt60`, 'low'],
      [`Observation?component-code-value-quantity=${loinc}|8462-4$lt60`, 'low usual'],
      ['Observation?component-code-value-quantity=8480-6$lt60', 'low'],
      [`Observation?component-code-value-quantity=${loinc}|8480-6$gt150|${ucum}|mm[Hg]`, 'high'],
      [`Observation?component-code-value-quantity=${loinc}|8480-6$gt15|${ucum}|kPa`, 'usual high'],
      [`Observation?component-code-value-quantity=${loinc}|8480-6$120`, 'usual'],
      [`Observation?component-code-value-quantity=${loinc}|8480-6$lt60,${loinc}|8462-4$gt100`, 'low high'],
      [
        `Observation?component-code-value-quantity=${loinc}|8480-6$gt100&component-code-value-quantity=${loinc}|8462-4$lt60`,
        'usual',
      ],
      [`Observation?component-code-value-quantity=${loinc}|85354-9$lt60`, ''],
      [`Observation?component-code-value-quantity=${snomed}|8480-6$lt60`, ''],
    ],
  },
  {
    clause:
      'result.code-value-quantity: "all diagnostic reports that contain on observation with a potassium value of >5.4 mmol/L"',
    given: [
      potassium('high', 5.6),
      potassium('normal', 4.2),
      a('DiagnosticReport', 'with-high', { result: [to('Observation/normal'), to('Observation/high')] }),
      a('DiagnosticReport', 'with-normal', { result: [to('Observation/normal')] }),
    ],
    finds: [
      [`DiagnosticReport?result.code-value-quantity=${loinc}|2823-3$gt5.4|${ucum}|mmol/L`, 'with-high'],
      [
        `DiagnosticReport?result.code-value-quantity=${loinc}|2823-3$gt4|${ucum}|mmol/L`,
        'with-high with-normal',
      ],
      [`Observation?code-value-quantity=${loinc}|2823-3$gt5400|${ucum}|umol/L`, 'high'],
      [`Observation?code-value-quantity=${loinc}|2823-3$ne4.2`, 'high'],
    ],
  },
  {
    clause:
      'characteristic-value=gender$mixed: "you need find a combination of key/value, not an intersection of separate matches"',
    given: [
      a('Group', 'mixed', {
        characteristic: [
          {
            code: concept(undefined, 'gender'),
            valueCodeableConcept: concept(undefined, 'mixed'),
            exclude: false,
          },
        ],
      }),
      a('Group', 'crossed', {
        characteristic: [
          {
            code: concept(undefined, 'gender'),
            valueCodeableConcept: concept(undefined, 'female'),
            exclude: false,
          },
          {
            code: concept(undefined, 'diet'),
            valueCodeableConcept: concept(undefined, 'mixed'),
            exclude: false,
          },
        ],
      }),
      a('Group', 'owned', {
        characteristic: [
          {
            code: concept(undefined, 'owner'),
            valueCodeableConcept: concept(undefined, 'Eve'),
            exclude: false,
          },
        ],
      }),
    ],
    finds: [
      ['Group?characteristic-value=gender$mixed', 'mixed'],
      ['Group?characteristic=gender&value=mixed', 'mixed crossed'],
      ['Group?characteristic-value=gender$mixed,owner$Eve', 'mixed owned'],
      ['Group?characteristic-value=diet$mixed', 'crossed'],
      ['Group?characteristic-value=gender$female&characteristic-value=diet$mixed', 'crossed'],
    ],
  },
  {
    clause: 'context-type-value: of token and token; relationship: of token and reference',
    given: [
      a('ValueSet', 'abuse', { useContext: [focus(snomed, '408934002')] }),
      a('ValueSet', 'other', { useContext: [focus(snomed, '1')] }),
      a('DocumentReference', 'replaces-1', {
        relatesTo: [{ code: 'replaces', target: to('DocumentReference/1') }],
      }),
      a('DocumentReference', 'appends-1', {
        relatesTo: [{ code: 'appends', target: to('DocumentReference/1') }],
      }),
    ],
    finds: [
      [`ValueSet?context-type-value=focus$${snomed}|408934002`, 'abuse'],
      [`ValueSet?context-type-value=focus$${snomed}|`, 'abuse other'],
      ['ValueSet?context-type-value=gender$408934002', ''],
      ['DocumentReference?relationship=replaces$DocumentReference/1', 'replaces-1'],
      ['DocumentReference?relationship=appends$1', 'appends-1'],
    ],
  },
  {
    clause: 'code-value-string, code-value-date and code-value-concept',
    given: [
      observed('word', '1-1', { valueString: 'Mixed flora' }),
      observed('day', '1-1', { valueDateTime: '2013-05-05' }),
      observed('concept', '1-1', { valueCodeableConcept: concept(snomed, '10828004') }),
      observed('other-code', '2-2', { valueString: 'Mixed flora' }),
    ],
    finds: [
      ['Observation?code-value-string=1-1$mixed', 'word'],
      ['Observation?code-value-date=1-1$2013', 'day'],
      ['Observation?code-value-date=1-1$gt2014', ''],
      [`Observation?code-value-concept=${loinc}|1-1$${snomed}|10828004`, 'concept'],
      ['Observation?code-value-concept=1-1$10828004', 'concept'],
    ],
  },
  {
    clause:
      '"Modifiers are not used on composite parameters"; a value has as many parts as there are components',
    given: [],
    refuses: [
      ['Observation?code-value-quantity:missing=true', 'code-value-quantity'],
      ['Observation?code-value-quantity:not=1-1$5', 'code-value-quantity'],
      ['Observation?code-value-quantity=1-1', 'code-value-quantity'],
      ['Observation?code-value-quantity=1-1$5$6', 'code-value-quantity'],
      ['Observation?code-value-quantity=1-1$', 'code-value-quantity'],
      ['Observation?code-value-quantity=1-1$many', 'many'],
    ],
  },
];
