import { a } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#number */
const factors = [
  ...[-1, 0, 89, 90, 94.9, 95, 99.4, 99.5, 99.994, 99.995, 100, 100.004, 100.005, 100.4, 100.5],
  ...[104.9, 105, 110, 111],
].map((factorOverride) => a('ChargeItem', `f${factorOverride}`, { factorOverride }));

const from = (least: number, most: number) =>
  factors
    .map(({ id }) => Number(id!.slice(1)))
    .filter((factor) => factor >= least && factor < most)
    .map((factor) => `f${factor}`)
    .join(' ');

const probability = (id: string, members: object) => a('RiskAssessment', id, { prediction: [members] });
const range = (low?: number, high?: number) => ({
  probabilityRange: {
    ...(low !== undefined && {
      low: { value: low, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    }),
    ...(high !== undefined && {
      high: { value: high, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    }),
  },
});

export const number: Table[] = [
  {
    clause:
      'the number of digits gives the range: 100 is [99.5 ... 100.5), 100.00 [99.995 ... 100.005), 1e2 [95 ... 105)',
    given: factors,
    finds: [
      ['ChargeItem?factor-override=100', from(99.5, 100.5)],
      ['ChargeItem?factor-override=eq100', from(99.5, 100.5)],
      ['ChargeItem?factor-override=100.00', from(99.995, 100.005)],
      ['ChargeItem?factor-override=1e2', from(95, 105)],
      ['ChargeItem?factor-override=1E2', from(95, 105)],
      ['ChargeItem?factor-override=ne100', `${from(-2, 99.5)} ${from(100.5, 200)}`],
      ['ChargeItem?factor-override=ne100.00', `${from(-2, 99.995)} ${from(100.005, 200)}`],
      ['ChargeItem?factor-override=0', 'f0'],
      ['ChargeItem?factor-override=-1', 'f-1'],
      ['ChargeItem?factor-override=-1,0,111', 'f-1 f0 f111'],
    ],
  },
  {
    clause: '"100 and 1.00e2 both have the same number of significant digits - three"',
    given: factors,
    finds: [
      ['ChargeItem?factor-override=1.00e2', from(99.5, 100.5)],
      ['ChargeItem?factor-override=0100', from(99.5, 100.5)],
      ['ChargeItem?factor-override=10000e-2', from(99.995, 100.005)],
      ['ChargeItem?factor-override=10e1', from(95, 105)],
    ],
  },
  {
    clause:
      '"When a comparison prefix in the set gt, lt, ge, le, sa & eb is provided, the implicit precision of the number is ignored"',
    given: factors,
    finds: [
      ['ChargeItem?factor-override=lt100', from(-2, 100)],
      ['ChargeItem?factor-override=le100', from(-2, 100.001)],
      ['ChargeItem?factor-override=gt100', from(100.001, 200)],
      ['ChargeItem?factor-override=ge100', from(100, 200)],
      ['ChargeItem?factor-override=sa100', from(100.001, 200)],
      ['ChargeItem?factor-override=eb100', from(-2, 100)],
      ['ChargeItem?factor-override=gt1e2', from(100.001, 200)],
      ['ChargeItem?factor-override=lt-0.5', 'f-1'],
      ['ChargeItem?factor-override=ge90&factor-override=lt95', from(90, 95)],
    ],
  },
  {
    clause: 'ap: "the recommended value for the approximation is 10% of the stated value"',
    given: factors,
    finds: [
      ['ChargeItem?factor-override=ap100', from(90, 110.001)],
      ['ChargeItem?factor-override=ap-1', 'f-1'],
    ],
  },
  {
    clause:
      'an element that stores a simple integer: "searching is based on exact matches", with other digits after the point "there cannot be any matches"',
    given: [1, 2, 3, 20].map((windowStart) =>
      a('MolecularSequence', `w${windowStart}`, {
        referenceSeq: { referenceSeqString: 'A', windowStart, windowEnd: windowStart },
      }),
    ),
    finds: [
      ['MolecularSequence?window-start=2', 'w2'],
      ['MolecularSequence?window-start=2.0', 'w2'],
      ['MolecularSequence?window-start=2.5', ''],
      ['MolecularSequence?window-start=20', 'w20'],
      ['MolecularSequence?window-start=ne2', 'w1 w3 w20'],
      ['MolecularSequence?window-start=gt2', 'w3 w20'],
      ['MolecularSequence?window-start=ge2.5', 'w3 w20'],
      ['MolecularSequence?window-start=le2', 'w1 w2'],
      ['MolecularSequence?window-start=lt2', 'w1'],
    ],
  },
  {
    clause: '"If the target value is a Range, … then the target is explicitly a range"',
    given: [
      probability('point', { probabilityDecimal: 0.3 }),
      probability('inside', range(0.26, 0.34)),
      probability('wide', range(0.1, 0.9)),
      probability('low', range(undefined, 0.2)),
      probability('high', range(0.8)),
      a('RiskAssessment', 'none'),
    ],
    finds: [
      ['RiskAssessment?probability=0.3', 'point inside'],
      ['RiskAssessment?probability=0.30', 'point'],
      ['RiskAssessment?probability=ne0.3', 'wide low high'],
      ['RiskAssessment?probability=gt0.3', 'inside wide high'],
      ['RiskAssessment?probability=lt0.3', 'inside wide low'],
      ['RiskAssessment?probability=gt3e-1', 'inside wide high'],
      ['RiskAssessment?probability=ge0.3', 'point inside wide high'],
      ['RiskAssessment?probability=le0.3', 'point inside wide low'],
      ['RiskAssessment?probability=sa0.25', 'point inside high'],
      ['RiskAssessment?probability=eb0.35', 'point inside low'],
      ['RiskAssessment?probability=ap0.3', 'point inside wide'],
      ['RiskAssessment?probability:missing=true', 'none'],
      ['RiskAssessment?probability:missing=false', 'point inside wide low high'],
    ],
  },
  {
    clause: '"Where the content of the parameter is syntactically incorrect, servers SHOULD return an error"',
    given: [],
    refuses: [
      ['ChargeItem?factor-override=many', 'factor-override'],
      ['ChargeItem?factor-override=1.2.3', 'factor-override'],
      ['ChargeItem?factor-override=gt', 'factor-override'],
      ['ChargeItem?factor-override=eqgt5', 'factor-override'],
      ['ChargeItem?factor-override=1e', 'factor-override'],
      ['ChargeItem?factor-override=0x10', 'factor-override'],
      ['ChargeItem?factor-override=5|mg', 'factor-override'],
      ['ChargeItem?factor-override:exact=5', 'factor-override'],
      ['ChargeItem?factor-override:missing=maybe', 'factor-override'],
    ],
  },
];
