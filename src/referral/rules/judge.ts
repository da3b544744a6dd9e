import type { Resource } from '../../fhir/resource.ts';
import { type Context, NotLoaded } from '../context/context.ts';
import { type Variable, variablesOfType } from '../context/variables.ts';
import { type Breach, findBreach } from './apply.ts';
import type { Requirement, Rule, Statement } from './rule.ts';

/** A resource that rules are to be applied to, in its context. */
export interface Case {
  focus: Resource;
  context: Context;
  rules: readonly Rule[];
}

/**
 * Applies to each resource its rules, and gives what is broken, in the order of the cases and rules.
 */
export async function judge<T extends Case>(cases: readonly T[]): Promise<{ of: T; breach: Breach }[]> {
  const breaches: { of: T; breach: Breach }[] = [];
  for (const each of cases) {
    const found = await apply(each.rules, each, (rule) =>
      findBreach(rule, each.focus, each.context.environment),
    );
    for (const breach of found) breaches.push({ of: each, breach });
  }
  return breaches;
}

/**
 * Applies statements to a resource in its context, and gives what `work` finds. Those that can say nothing of it are left
 * out step by step, the cheapest step first: what the resource itself tells, what the context has, and only then the
 * expression. A context is filled with what expressions really read, when they read it.
 */
export async function apply<S extends Statement, R>(
  statements: readonly S[],
  { focus, context }: Pick<Case, 'focus' | 'context'>,
  work: (statement: S) => R | undefined,
): Promise<R[]> {
  const results: R[] = [];
  const concerned = statements.filter((statement) => statement.focus.matches(focus));
  await context.load(concerned.flatMap((each) => each.needs.flatMap((need) => placesOf(each, need))));
  const telling = concerned.filter((each) => each.needs.every((need) => isMet(each, need, context)));
  const likely = new Set(telling.flatMap(({ holds }) => [...holds.variables]));
  for (const statement of telling) {
    const result = await asking(context, likely, () => work(statement));
    if (result !== undefined) results.push(result);
  }
  return results;
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

/** The variables in which a statement looks for resources of that type; all of them when it reads none by name. */
function placesOf(rule: Statement, { type }: Requirement): readonly Variable[] {
  const places = variablesOfType[type] ?? [];
  const read = places.filter((name) => rule.holds.variables.has(name));
  return read.length > 0 ? read : places;
}

function isMet(rule: Statement, need: Requirement, context: Context): boolean {
  return placesOf(rule, need).some((name) =>
    (context.environment[name] as Resource[]).some(
      (resource) => resource.resourceType === need.type && need.matches(resource),
    ),
  );
}
