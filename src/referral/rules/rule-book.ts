import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { elements, string } from '../../fhir/elements.ts';
import type { Element } from '../../fhir/resource.ts';
import { codeSystems } from '../vocabulary.ts';
import { keyOf, mergeActions, plansInForce, problemOf } from './local-rules.ts';
import type { RuleProblem } from './problem.ts';
import { codingOf, isOnSubmission, readIndication, readRule } from './read-action.ts';
import type { Indication, Rule } from './rule.ts';

/** The rules of a community, in the order of its PlanDefinitions, by the type of resource that they speak of. */
export interface RuleBook {
  of(type: string): readonly Rule[];
  readonly all: readonly Rule[];
  readonly indications: readonly Indication[];
}

/**
 * Reads the rules from the PlanDefinition `referral-rules`, the indications from `referral-indications`, and what the
 * active plans that are derived from the rules change of them, and compiles everything. Rules that only the clock
 * triggers are not among them. Throws an Error that names the plan, the action and what is wrong with it: a server must
 * not start with a rule that it does not understand. Without these PlanDefinitions there are no rules.
 */
export function readRuleBook(definitions: Definitions): RuleBook {
  const { book, problems } = compileRuleBook(definitions);
  const [problem] = problems;
  if (!problem) return book;
  const [, index] = /action\[(\d+)\]/.exec(problem.place) ?? [];
  const id = string(elements(problem.definition, 'action')[Number(index)], 'id') ?? index;
  throw new Error(`${problem.definition.url}, action ${id}: ${problem.text.en}`);
}

/** The same with all that is wrong, instead of an error; what is wrong is not in the book. */
export function compileRuleBook(definitions: Definitions): { book: RuleBook; problems: RuleProblem[] } {
  const { actions, problems } = mergeActions(plansInForce(definitions));
  const displays = displaysOf(definitions);
  const all: Rule[] = [];
  const indications: Indication[] = [];
  for (const placed of actions) {
    try {
      const statement = remembered(placed.action, displays);
      if (!statement) continue;
      if (isRule(statement)) all.push(statement);
      else indications.push(statement);
    } catch (error) {
      problems.push(problemOf(error, placed));
    }
  }
  const byType = Map.groupBy(all, (rule) => rule.focus.type);
  return {
    book: { all, of: (type) => byType.get(type) ?? [], indications },
    problems,
  };
}

/**
 * What an action was compiled to, by its text: so a county that stores all rules for the change of one pays for one. A
 * pure function's memory, with a bound.
 */
const compiled = new Map<string, Rule | Indication | undefined>();
const mostCompiled = 1_000;

function remembered(action: Element, displays: ReadonlyMap<string, string>): Rule | Indication | undefined {
  const text = JSON.stringify([action, displays.get(keyOf(action))]);
  if (compiled.has(text)) return compiled.get(text);
  const statement = read(action, displays);
  if (compiled.size >= mostCompiled) compiled.clear();
  compiled.set(text, statement);
  return statement;
}

function isRule(statement: Rule | Indication): statement is Rule {
  return 'severity' in statement;
}

/** An action as a rule or an indication; undefined for one that only the clock triggers. */
function read(action: Element, displays: ReadonlyMap<string, string>): Rule | Indication | undefined {
  if (codingOf(action).system === codeSystems.indication) return readIndication(action, displays);
  return isOnSubmission(action) ? readRule(action, displays) : undefined;
}

/** What the code systems call the rules and the indications. */
function displaysOf(definitions: Definitions): ReadonlyMap<string, string> {
  return new Map(
    [codeSystems.rule, codeSystems.indication].flatMap((url) =>
      elements(definitions.find('CodeSystem', url), 'concept').map(
        ({ code, display }) => [`${url}|${code}`, String(display)] as const,
      ),
    ),
  );
}
