import ucum, { type Conversion } from '@lhncbc/ucum-lhc';

/** The code system of UCUM units (http://hl7.org/fhir/R4/datatypes.html#quantity). */
export const ucumSystem = 'http://unitsofmeasure.org';

/** A UCUM unit in terms of base units. */
export interface CanonicalUnit {
  /** The base units, e.g. `g.m-1.s-2` for mm[Hg]; `1` when there are none. */
  code: string;
  /**
   * A value in the unit, in base units; larger values stay larger. Twelve digits of it count, so that roundings do not
   * tell values apart.
   */
  convert(value: number): number;
}

/** Units that have been looked up; null for those that cannot be converted. */
const known = new Map<string, CanonicalUnit | null>();

/** Enough for all units in use; what hostile clients invent beyond it is forgotten. */
const mostKnown = 5000;

/** What a unit can be at all; the library writes to the console of some that are not. */
const unitLike = /^[!-~]{1,100}$/;

/**
 * The canonical form of a UCUM unit, or undefined when it is none or cannot be converted, as is so for arbitrary
 * units such as `[iU]`. Each unit is looked up once.
 */
export function canonicalUnit(code: string): CanonicalUnit | undefined {
  let unit = known.get(code);
  if (unit === undefined) {
    unit = unitLike.test(code) ? lookUp(code) : null;
    if (known.size >= mostKnown) known.clear();
    known.set(code, unit);
  }
  return unit ?? undefined;
}

/** Units that were asked for: whether each is one of UCUM. */
const valid = new Map<string, boolean>();

/** Whether a text is a UCUM unit (https://ucum.org/ucum), annotations such as `{score}` and arbitrary units included. */
export function isUcumUnit(code: string): boolean {
  let is = valid.get(code);
  if (is === undefined) {
    is =
      unitLike.test(code) &&
      quietly(() => ucum.UcumLhcUtils.getInstance().validateUnitString(code).status === 'valid');
    if (valid.size >= mostKnown) valid.clear();
    valid.set(code, is);
  }
  return is;
}

/** What vendors write where UCUM has another code. */
const usual: ReadonlyMap<string, string> = new Map(
  Object.entries({
    mmHg: 'mm[Hg]',
    mmhg: 'mm[Hg]',
    cmH2O: 'cm[H2O]',
    KG: 'kg',
    Kg: 'kg',
    bpm: '/min',
    'IU/L': '[iU]/L',
    IU: '[iU]',
    次: '1',
    '次/分': '/min',
    片: '{tablet}',
    粒: '{capsule}',
    '℃': 'Cel',
    '°C': 'Cel',
    '%%': '%',
    year: 'a',
    month: 'mo',
    week: 'wk',
    day: 'd',
    hour: 'h',
    hr: 'h',
    sec: 's',
    岁: 'a',
    月: 'mo',
    周: 'wk',
    天: 'd',
    小时: 'h',
    分钟: 'min',
    mcg: 'ug',
    mEq: 'meq',
    cc: 'mL',
    ea: '{each}',
    'ml/hr': 'mL/h',
    'mL/hr': 'mL/h',
    drop: '[drp]',
    TAB: '{tablet}',
    Tab: '{tablet}',
    tab: '{tablet}',
    支: '{ampule}',
    瓶: '{bottle}',
    盒: '{box}',
  }),
);

/** The UCUM code that is probably meant by a text that is none. */
export function usualUnit(code: string): string | undefined {
  return usual.get(code);
}

/** The library writes to the console what clients send, of units that it fails on: not while it is asked. */
function quietly<T>(ask: () => T): T {
  const { console: shown } = globalThis;
  const { log } = shown;
  shown.log = () => {};
  try {
    return ask();
  } finally {
    shown.log = log;
  }
}

function lookUp(code: string): CanonicalUnit | null {
  const one = toBaseUnits(code, 1);
  const two = toBaseUnits(code, 2);
  // A scale that falls where the other rises, such as pH, would turn all comparisons round.
  if (!one || !two || one.magnitude >= two.magnitude) return null;
  const units = Object.entries(one.unitToExp)
    .map(([unit, exponent]) => (exponent === 1 ? unit : `${unit}${exponent}`))
    .sort();
  return {
    code: units.join('.') || '1',
    // Special units, such as degrees Celsius, are not proportional to their base units.
    convert: one.fromUnitIsSpecial
      ? (value) => rounded(toBaseUnits(code, value)?.magnitude ?? value)
      : (value) => rounded(value * one.magnitude),
  };
}

function toBaseUnits(code: string, value: number): Conversion | undefined {
  const answer = quietly(() => ucum.UcumLhcUtils.getInstance().convertToBaseUnits(code, value));
  return answer.status === 'succeeded' && Number.isFinite(answer.magnitude) ? answer : undefined;
}

function rounded(value: number): number {
  const largest = Number.MAX_VALUE;
  return Math.min(largest, Math.max(-largest, Number(value.toPrecision(12))));
}
