import { elements } from '../../fhir/elements.ts';
import type { Issue } from '../../fhir/outcome.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { codeSystems } from '../vocabulary.ts';
import { type Measurand, type Measurands, measurandOf, valueIn } from './measurands.ts';

const text = {
  zh: '数值不可能为真,请核对录入与单位',
  en: 'The value cannot be true: check what was entered, and its unit',
};

/** A value of an observation that cannot be. */
interface Impossible {
  /** E.g. `component[0].value`. */
  place: string;
  quantity: Element;
  measurand: Measurand;
}

/**
 * The values of an observation, and of its components, that are outside of their plausible range: a systolic pressure of
 * 1620 is a slip of the keyboard, not an emergency. What has no range, or no unit that converts, is not judged.
 */
export function impossibleValues(observation: Resource, measurands: Measurands): Impossible[] {
  if (observation.status === 'entered-in-error') return [];
  const parts: [Element, string][] = [
    [observation, 'value'],
    ...elements(observation, 'component').map((part, index): [Element, string] => [
      part,
      `component[${index}].value`,
    ]),
  ];
  return parts.flatMap(([part, place]) => {
    const [quantity] = elements(part, 'valueQuantity');
    const measurand = quantity && measurandOf(part, measurands);
    const value = measurand && valueIn(quantity, measurand);
    if (value === undefined) return [];
    return value < measurand!.low || value > measurand!.high
      ? [{ place, quantity: quantity!, measurand: measurand! }]
      : [];
  });
}

/** The issues of what cannot be true. In a referral it is an error; alone it is kept as it was recorded, with a warning. */
export function plausibilityIssues(
  observation: Resource,
  measurands: Measurands,
  severity: 'error' | 'warning',
): Issue[] {
  return impossibleValues(observation, measurands).map(({ place, quantity, measurand }) => {
    const { name, low, high, unit } = measurand;
    return {
      severity,
      code: 'business-rule',
      coding: { system: codeSystems.rule, code: 'obs-plausible', display: text.zh },
      text,
      expression: [`Observation.${place}`],
      diagnostics: `${name} ${quantity.value} ${quantity.unit ?? quantity.code} (${low}–${high} ${unit})`,
    };
  });
}
