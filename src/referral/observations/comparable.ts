import { codings, elements } from '../../fhir/elements.ts';
import type { Coding, Element, Resource } from '../../fhir/resource.ts';
import { codeSystems } from '../vocabulary.ts';
import { type Measurands, measurandOf, valueIn } from './measurands.ts';

/** National data elements (WS/T 363) by which blood pressure is recorded where the kPa of old devices is kept. */
const pressureElements = new Map([
  ['DE04.10.174.00', '8480-6'],
  ['DE04.10.176.00', '8462-4'],
]);

const panel: Coding = { system: codeSystems.loinc, code: '85354-9' };

/**
 * An observation as the rules compare it: its quantities in the unit of their measurand (kPa as mm[Hg], mg/dL of glucose
 * as mmol/L, °F as °C), and a blood pressure under national data elements as LOINC's panel. What is on record stays as it
 * was sent: this is a copy, or the observation itself where there is nothing to change.
 */
export function comparable(observation: Resource, measurands: Measurands): Resource {
  const known = asPanel(observation);
  const whole = inUnit(known, measurands);
  const parts = elements(known, 'component');
  const compared = parts.map((part) => inUnit(part, measurands));
  return compared.some((part, index) => part !== parts[index]) ? { ...whole, component: compared } : whole;
}

function inUnit<T extends Element>(coded: T, measurands: Measurands): T {
  const [quantity] = elements(coded, 'valueQuantity');
  const measurand = quantity && measurandOf(coded, measurands);
  if (!measurand || quantity.code === measurand.unit) return coded;
  const value = valueIn(quantity, measurand);
  if (value === undefined) return coded;
  const { unit } = measurand;
  return { ...coded, valueQuantity: { value, unit, system: codeSystems.ucum, code: unit } };
}

/** A blood pressure that national data elements name, as one panel or as a value alone. */
function asPanel(observation: Resource): Resource {
  const [alone] = pressuresOf(observation);
  const component = alone ? [observation] : elements(observation, 'component');
  if (!component.some((part) => pressuresOf(part).length > 0)) return observation;
  const { valueQuantity: _, ...panelled } = observation;
  return {
    ...panelled,
    code: { coding: [panel, ...codings(observation, 'code')] },
    component: component.map((part) => ({
      ...(part.valueQuantity !== undefined && { valueQuantity: part.valueQuantity }),
      code: { coding: [...pressuresOf(part), ...codings(part, 'code')] },
    })),
  };
}

function pressuresOf(coded: Element): Coding[] {
  return codings(coded, 'code').flatMap(({ system, code }) => {
    const loinc = system === codeSystems.dataElements ? pressureElements.get(String(code)) : undefined;
    return loinc ? [{ system: codeSystems.loinc, code: loinc }] : [];
  });
}
