import type { Environment, Expression } from '../../fhir/fhirpath/compile.ts';
import type { Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import { NotLoaded } from '../context/context.ts';
import { codeSystems } from '../vocabulary.ts';
import type { Rule } from './rule.ts';

/** A rule that does not hold, with the values that show it. It is owed when what is missing may follow. */
export interface Breach {
  rule: Rule;
  evidence: readonly string[];
  owed?: boolean;
}

/** Bounds on what is shown of what a client sent. */
const mostValues = 10;
const longestValue = 200;

/**
 * Applies a rule to a resource in the context of its referral: undefined when it holds. A condition that gives nothing
 * is broken like one that gives false: in FHIRPath a comparison with what is missing is empty, and a rule must not fall
 * silent for want of data. So is one that cannot be evaluated. Throws only `NotLoaded`.
 */
export function findBreach(rule: Rule, focus: Resource, context: Environment): Breach | undefined {
  const [first, ...others] = evaluate(rule.holds.evaluate, focus, context);
  if (first === true && others.length === 0) return undefined;
  const shown = rule.evidence ? evaluate(rule.evidence.evaluate, focus, context) : [];
  const texts = shown.slice(0, mostValues).map((value) => {
    const text = String(value);
    return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
  });
  return { rule, evidence: [...new Set(texts)] };
}

function evaluate(expression: Expression, focus: Resource, context: Environment): unknown[] {
  try {
    return expression(focus, context);
  } catch (error) {
    if (error instanceof NotLoaded) throw error;
    return [];
  }
}

/** The breach as it counts in a referral of a priority: what may follow there does not refuse it. */
export function inPriority(breach: Breach, priority: unknown): Breach {
  const { rule } = breach;
  if (rule.mayFollow === undefined || rule.mayFollow !== priority) return breach;
  const text = {
    zh: `${rule.text.zh}(急救先行,须补)`,
    en: `${rule.text.en} (emergency first: it is owed)`,
  };
  return { ...breach, owed: true, rule: { ...rule, severity: 'warning', text } };
}

/** The issue of a breach: key of the rule, both texts, the place, the values and the source. */
export function issueOf({ rule, evidence }: Breach): Issue {
  const { severity, key, text, place, source } = rule;
  const values = evidence.join('; ');
  const diagnostics = [values, source && `(source: ${source})`].filter((part) => part !== '').join(' ');
  return {
    severity,
    code: 'business-rule',
    coding: { system: codeSystems.rule, code: key, display: text.zh },
    text,
    expression: [place],
    ...(diagnostics !== '' && { diagnostics }),
  };
}
