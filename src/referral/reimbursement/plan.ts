import { codesOf, elements } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { codeSystems } from '../vocabulary.ts';

/** What is reimbursed of a stay at a tier: percentages as Quantities, as the plan states them. */
export interface Ratios {
  /** With a referral. */
  referred: Element;
  /** Without one: "减少报销直至不予报销", so the least that it can come to. */
  unreferred: Element | undefined;
}

/**
 * What an InsurancePlan reimburses of the treatment of a listed disease at a tier: its `plan` of that type, in that the
 * `specificCost` of the category, whose ratios are told apart by their qualifiers. Undefined where it says nothing.
 */
export function ratiosOf(plan: Resource, tier: string): Ratios | undefined {
  const costs = elements(plan, 'plan')
    .filter((each) => codesOf(each, 'type', codeSystems.institutionTier).includes(tier))
    .flatMap((each) => elements(each, 'specificCost'))
    .filter((each) => hasCode(each, 'category', 'listed-disease'))
    .flatMap((each) => elements(each, 'benefit'))
    .flatMap((each) => elements(each, 'cost'));
  const ratio = (qualifier: string) =>
    elements(
      costs.find((cost) => hasCode(cost, 'qualifiers', qualifier)),
      'value',
    )[0];
  const referred = ratio('referred');
  return referred && { referred, unreferred: ratio('unreferred') };
}

function hasCode(parent: Element, member: string, code: string): boolean {
  return codesOf(parent, member, codeSystems.reimbursement).includes(code);
}

/** What is lost of a percentage; undefined where one of the two is no number. */
export function lossOf({ referred, unreferred }: Ratios): Element | undefined {
  const [more, less] = [Number(referred.value), Number(unreferred?.value)];
  if (unreferred === undefined || Number.isNaN(more) || Number.isNaN(less)) return undefined;
  // "At most": an insurer can reimburse more than the least.
  return { ...referred, value: more - less, comparator: '<=' };
}
