import type { Definitions } from '../../fhir/definitions/definitions.ts';
import type { Element } from '../../fhir/resource.ts';
import { listedCodes, readTierLists, type TierLists } from '../context/tier-lists.ts';
import { type Measurands, readMeasurands } from '../observations/measurands.ts';
import { diseaseLists } from '../vocabulary.ts';
import { listsOf } from './constants.ts';
import { mergeActions, plansInForce } from './local-rules.ts';
import type { RuleProblem } from './problem.ts';
import { compileRuleBook, type RuleBook, readRuleBook } from './rule-book.ts';

/** All that a referral is judged by: one version of the rules, of the lists that they read and of what can be measured. */
export interface RuleSet {
  book: RuleBook;
  tierLists: TierLists;
  /** The codes of the value sets that expressions read, by their canonical URL. */
  lists: Readonly<Record<string, readonly string[]>>;
  /** What can be measured, and its plausible ranges. */
  measurands: Measurands;
  /** Extensions that say which versions these are; see `judged-by.ts`. */
  judgedBy: readonly Element[];
}

/** The types whose resources change what referrals are judged by. */
export const typesOfRules: readonly string[] = ['PlanDefinition', 'ValueSet', 'ObservationDefinition'];

/** The rules of some definitions. Throws an Error for one that cannot be applied. */
export function readRuleSet(definitions: Definitions): RuleSet {
  return ruleSetOf(readRuleBook(definitions), definitions, ({ definition, place, text }) => {
    throw new Error(`${definition.resourceType}/${definition.id}, ${place}: ${text.en}`);
  });
}

/** The same with all that is wrong, instead of an error; what is wrong is not in it. */
export function compileRuleSet(definitions: Definitions): { rules: RuleSet; problems: RuleProblem[] } {
  const { book, problems } = compileRuleBook(definitions);
  return { rules: ruleSetOf(book, definitions, (problem) => problems.push(problem)), problems };
}

/** The canonical URLs of the value sets that the rules of some definitions read. */
export function listsRead(definitions: Definitions): string[] {
  const { actions } = mergeActions(plansInForce(definitions));
  return [...new Set([...Object.values(diseaseLists), ...actions.flatMap(({ action }) => listsOf(action))])];
}

function ruleSetOf(
  book: RuleBook,
  definitions: Definitions,
  report: (problem: RuleProblem) => void,
): RuleSet {
  const lists = listsRead(definitions).map(
    (url) => [url, listedCodes(definitions.find('ValueSet', url))] as const,
  );
  return {
    book,
    tierLists: readTierLists(definitions),
    lists: Object.fromEntries(lists),
    measurands: readMeasurands(definitions, report),
    judgedBy: [],
  };
}
