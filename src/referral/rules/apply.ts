import type { Environment, Expression } from '../../fhir/fhirpath/compile.ts';
import { Quantity } from '../../fhir/fhirpath/quantity.ts';
import { Temporal } from '../../fhir/fhirpath/temporal.ts';
import type { Issue } from '../../fhir/outcome.ts';
import { sentValue } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import { NotLoaded } from '../context/context.ts';
import type { Indication, Rule, Statement } from './rule.ts';

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
  return holds(rule, focus, context) ? undefined : { rule, evidence: evidenceOf(rule, focus, context) };
}

/** An indication that the data of a referral support, with the values that do. */
export interface Support {
  indication: Indication;
  evidence: readonly string[];
}

/** What supports an indication in the context of a referral; undefined when nothing does. Throws only `NotLoaded`. */
export function findSupport(
  indication: Indication,
  focus: Resource,
  context: Environment,
): Support | undefined {
  return holds(indication, focus, context)
    ? { indication, evidence: evidenceOf(indication, focus, context) }
    : undefined;
}

function holds(statement: Statement, focus: Resource, context: Environment): boolean {
  const [first, ...others] = evaluate(statement.holds.evaluate, focus, context);
  return first === true && others.length === 0;
}

function evidenceOf({ evidence }: Statement, focus: Resource, context: Environment): string[] {
  const shown = evidence ? evaluate(evidence.evaluate, focus, context) : [];
  const texts = shown.slice(0, mostValues).map((value) => {
    const isComputed = value instanceof Quantity || value instanceof Temporal;
    const text = sentValue(isComputed ? String(value) : value, longestValue + 1);
    return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
  });
  return [...new Set(texts)];
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
  const { severity, key, system, display, text, place } = rule;
  return {
    severity,
    code: 'business-rule',
    coding: { system, code: key, display },
    text,
    expression: [place],
    ...diagnosticsOf(rule, evidence),
  };
}

/** The issue of an indication that the data support: its code, both texts, the values and the source. */
export function supportOf({ indication, evidence }: Support): Issue {
  const { key, system, display, text } = indication;
  return {
    severity: 'information',
    code: 'informational',
    coding: { system, code: key, display },
    text,
    expression: ['ServiceRequest.reasonCode'],
    ...diagnosticsOf(indication, evidence),
  };
}

/** The values, then the source that they are judged by. */
function diagnosticsOf({ source }: Statement, evidence: readonly string[]): { diagnostics?: string } {
  const values = evidence.join('; ');
  const diagnostics = [values, source && `(source: ${source})`].filter((part) => part !== '').join(' ');
  return diagnostics === '' ? {} : { diagnostics };
}
