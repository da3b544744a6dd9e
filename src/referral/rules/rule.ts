import type { Expression } from '../../fhir/fhirpath/compile.ts';
import type { Severity, Text } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Variable } from '../context/variables.ts';

/** A rule of the policy, ready to be applied: what an action of the PlanDefinition says. */
export interface Rule {
  /** E.g. `up-lead-first`. */
  key: string;
  severity: Exclude<Severity, 'fatal'>;
  text: Text;
  /** The document and clause that the rule comes from. */
  source: string;
  /** The element that breaks it, e.g. `ServiceRequest.priority`. */
  place: string;
  /** The resources that it speaks of. */
  focus: Requirement;
  /** Whether it also applies to resources that are written outside of referrals. */
  always: boolean;
  /** Whether it speaks of what is new only: an update, or an import of history, is not held to it. */
  onCreation: boolean;
  /** In a referral of this priority what the rule misses may follow: it is owed, and no reason to refuse. */
  mayFollow?: string;
  /** Without any of these in the context the rule cannot be broken. */
  needs: readonly Requirement[];
  /** What must hold of the focus; anything but a single `true` breaks the rule. */
  holds: RuleExpression;
  /** Shows the values that broke it, as texts. */
  evidence?: RuleExpression;
}

/** A compiled expression with the variables of the context that it reads. */
export interface RuleExpression {
  evaluate: Expression;
  variables: ReadonlySet<Variable>;
}

/** Resources of a type of which something holds: a DataRequirement (http://hl7.org/fhir/R4/metadatatypes.html). */
export interface Requirement {
  type: string;
  matches(resource: Resource): boolean;
}
