import type { Resource } from '../../fhir/resource.ts';
import { type Context, NotLoaded } from '../context/context.ts';
import { type Variable, variablesOfType } from '../context/variables.ts';
import { type Breach, findBreach } from './apply.ts';
import type { Requirement, Rule } from './rule.ts';

/** A resource that rules are to be applied to, in its context. */
export interface Case {
  focus: Resource;
  context: Context;
  rules: readonly Rule[];
}

/**
 * Applies to each resource its rules, and gives what is broken, in the order of the cases and rules. Rules that cannot
 * be broken are left out step by step, the cheapest step first: what the resource itself tells, what the context has,
 * and only then the expression. A context is filled with what expressions really read, when they read it.
 */
export async function judge<T extends Case>(cases: readonly T[]): Promise<{ of: T; breach: Breach }[]> {
  const breaches: { of: T; breach: Breach }[] = [];
  for (const each of cases) {
    const { focus, context } = each;
    const concerned = each.rules.filter((rule) => rule.focus.matches(focus));
    await context.load(concerned.flatMap((rule) => rule.needs.flatMap((need) => placesOf(rule, need))));
    const breakable = concerned.filter((rule) => rule.needs.every((need) => isMet(rule, need, context)));
    const likely = new Set(breakable.flatMap(({ holds }) => [...holds.variables]));
    for (const rule of breakable) {
      const breach = await asking(context, likely, () => findBreach(rule, focus, context.environment));
      if (breach) breaches.push({ of: each, breach });
    }
  }
  return breaches;
}

/** Evaluates again whenever a variable was read that had to be loaded first. */
async function asking<T>(context: Context, likely: ReadonlySet<Variable>, evaluate: () => T): Promise<T> {
  for (;;) {
    try {
      return evaluate();
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error;
      await context.load([error.variable], likely);
    }
  }
}

/** The variables in which the rule looks for resources of that type; all of them when it reads none by name. */
function placesOf(rule: Rule, { type }: Requirement): readonly Variable[] {
  const places = variablesOfType[type] ?? [];
  const read = places.filter((name) => rule.holds.variables.has(name));
  return read.length > 0 ? read : places;
}

function isMet(rule: Rule, need: Requirement, context: Context): boolean {
  return placesOf(rule, need).some((name) =>
    (context.environment[name] as Resource[]).some(
      (resource) => resource.resourceType === need.type && need.matches(resource),
    ),
  );
}
