import type { Text } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';

/** Why an action cannot be applied, and where in it. */
export class ActionProblem extends Error {
  /** Below the action, e.g. `condition[0].expression`; empty for the action itself. */
  readonly place: string;
  readonly text: Text;

  constructor(place: string, text: Text) {
    super(text.en);
    this.place = place;
    this.text = text;
  }
}

/** A problem with a definition that referrals are judged by, which therefore is not in force. */
export interface RuleProblem {
  definition: Resource;
  /** E.g. `PlanDefinition.action[3].condition[0].expression`. */
  place: string;
  text: Text;
}
