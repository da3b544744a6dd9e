import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { codings, elements, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { RuleProblem } from '../rules/problem.ts';
import { converted } from './unit.ts';

/** What can be measured, the unit that the rules compare it in, and what it can be at all. */
export interface Measurand {
  /** For people, e.g. 收缩压. */
  name: string;
  /** UCUM. */
  unit: string;
  low: number;
  high: number;
  /** A unit of another kind, and how many of it make one `unit`: 18.016 mg/dL of glucose are 1 mmol/L. */
  customary?: { unit: string; factor: number };
}

/** Measurands by `system|code`. */
export type Measurands = ReadonlyMap<string, Measurand>;

/**
 * Reads the plausible ranges, which a county can replace: the intervals of category `absolute` of all
 * ObservationDefinitions (http://hl7.org/fhir/R4/observationdefinition.html). Of several for one code the first counts.
 * One that has no unit, or no bounds in it, is left out and told of to `report`.
 */
export function readMeasurands(
  definitions: Pick<Definitions, 'all'>,
  report: (problem: RuleProblem) => void,
): Measurands {
  const measurands = new Map<string, Measurand>();
  for (const definition of definitions.all('ObservationDefinition')) {
    const index = elements(definition, 'qualifiedInterval').findIndex(
      ({ category }) => category === 'absolute',
    );
    if (index < 0) continue;
    const measurand = measurandIn(definition, index);
    if (!measurand) {
      const place = `ObservationDefinition.qualifiedInterval[${index}].range`;
      report({ definition, place, text: unbounded });
      continue;
    }
    for (const { system, code } of codings(definition, 'code')) {
      const key = `${system}|${code}`;
      if (!measurands.has(key)) measurands.set(key, measurand);
    }
  }
  return measurands;
}

const unbounded = {
  zh: '绝对范围须有 low 和 high(low 不大于 high),单位同 quantitativeDetails.unit',
  en: 'an absolute range needs low and high, low first, in the unit of quantitativeDetails.unit',
};

/** What a definition says of its absolute interval; undefined where that has no bounds in the unit. */
function measurandIn(definition: Resource, interval: number): Measurand | undefined {
  const [details] = elements(definition, 'quantitativeDetails');
  const unit = string(codings(details, 'unit')[0], 'code');
  const [range] = elements(elements(definition, 'qualifiedInterval')[interval], 'range');
  const [low, high] = [bound(range, 'low', unit), bound(range, 'high', unit)];
  if (unit === undefined || low === undefined || high === undefined || low > high) return undefined;
  const customary = string(codings(details, 'customaryUnit')[0], 'code');
  const factor = details?.conversionFactor;
  return {
    name: string(elements(definition, 'code')[0], 'text') ?? '',
    unit,
    low,
    high,
    ...(customary !== undefined && typeof factor === 'number' && { customary: { unit: customary, factor } }),
  };
}

function bound(range: Element | undefined, member: string, unit: string | undefined): number | undefined {
  const [quantity] = elements(range, member);
  return typeof quantity?.value === 'number' && quantity.code === unit ? quantity.value : undefined;
}

/** What is measured under one of these codes. */
export function measurandOf(coded: Element, measurands: Measurands): Measurand | undefined {
  for (const { system, code } of codings(coded, 'code')) {
    const found = measurands.get(`${system}|${code}`);
    if (found) return found;
  }
  return undefined;
}

/** The value of a Quantity in the unit of the measurand; undefined where it has none that converts. */
export function valueIn(quantity: Element, { unit, customary }: Measurand): number | undefined {
  const { value, comparator } = quantity;
  const given = string(quantity, 'code') ?? string(quantity, 'unit');
  if (typeof value !== 'number' || comparator !== undefined || given === undefined) return undefined;
  const direct = converted(value, given, unit);
  if (direct !== undefined || !customary) return direct;
  const amount = converted(value, given, customary.unit);
  return amount === undefined ? undefined : Number((amount / customary.factor).toPrecision(12));
}
