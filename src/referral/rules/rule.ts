import type { Expression } from '../../fhir/fhirpath/compile.ts';
import type { Severity, Text } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Variable } from '../context/variables.ts';

/** What an action of a PlanDefinition states of a referral, ready to be applied. */
export interface Statement {
  /** E.g. `up-lead-first`. */
  key: string;
  /** The code system of the key: the project's, or the county's own. */
  system: string;
  text: Text;
  /** The text that the code system has for the key, where it has one. */
  display: string;
  /** The document and clause that it comes from. */
  source: string;
  /** The resources that it speaks of. */
  focus: Requirement;
  /** Without any of these in the context it says nothing. */
  needs: readonly Requirement[];
  /** What must hold of the focus; anything but a single `true` is taken for false. */
  holds: RuleExpression;
  /** Shows the values that it was decided by, as texts. */
  evidence?: RuleExpression;
}

/** A rule of the policy: where it does not hold, it is broken. */
export interface Rule extends Statement {
  severity: Exclude<Severity, 'fatal'>;
  /** The element that breaks it, e.g. `ServiceRequest.priority`. */
  place: string;
  /** Whether it also applies to resources that are written outside of referrals. */
  always: boolean;
  /** Whether it speaks of what is new only: an update, or an import of history, is not held to it. */
  onCreation: boolean;
  /** In a referral of this priority what the rule misses may follow: it is owed, and no reason to refuse. */
  mayFollow?: string;
}

/** An indication (指征) for a referral: where it holds, the data support it. */
export type Indication = Statement;

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
