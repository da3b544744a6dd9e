import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { codings, elements, string } from '../../fhir/elements.ts';
import type { Element } from '../../fhir/resource.ts';
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
 * ObservationDefinitions (http://hl7.org/fhir/R4/observationdefinition.html). Throws an Error that names one that has no
 * unit or no bounds in it.
 */
export function readMeasurands(definitions: Pick<Definitions, 'all'>): Measurands {
  const measurands = new Map<string, Measurand>();
  for (const definition of definitions.all('ObservationDefinition')) {
    const interval = elements(definition, 'qualifiedInterval').find(
      ({ category }) => category === 'absolute',
    );
    if (!interval) continue;
    const details = elements(definition, 'quantitativeDetails')[0];
    const unit = string(codings(details, 'unit')[0], 'code');
    const [range] = elements(interval, 'range');
    const [low, high] = [bound(range, 'low', unit), bound(range, 'high', unit)];
    if (unit === undefined || low === undefined || high === undefined)
      throw new Error(`ObservationDefinition/${definition.id}: a range needs low and high in its unit`);
    const customary = string(codings(details, 'customaryUnit')[0], 'code');
    const factor = details?.conversionFactor;
    const measurand: Measurand = {
      name: string(elements(definition, 'code')[0], 'text') ?? '',
      unit,
      low,
      high,
      ...(customary !== undefined &&
        typeof factor === 'number' && { customary: { unit: customary, factor } }),
    };
    for (const { system, code } of codings(definition, 'code'))
      measurands.set(`${system}|${code}`, measurand);
  }
  return measurands;
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
