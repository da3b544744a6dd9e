import type { Definitions } from '../../fhir/definitions/definitions.ts';
import type { Element } from '../../fhir/resource.ts';
import { listedCodes, readTierLists, type TierLists } from '../context/tier-lists.ts';
import { diseaseLists } from '../vocabulary.ts';
import { listsOf } from './constants.ts';
import { mergeActions, plansInForce } from './local-rules.ts';
import type { PlanProblem } from './problem.ts';
import { compileRuleBook, type RuleBook, readRuleBook } from './rule-book.ts';

/** All that a referral is judged by: one version of the rules and of the lists that they read. */
export interface RuleSet {
  book: RuleBook;
  tierLists: TierLists;
  /** The codes of the value sets that expressions read, by their canonical URL. */
  lists: Readonly<Record<string, readonly string[]>>;
  /** Extensions that say which versions these are; see `judged-by.ts`. */
  judgedBy: readonly Element[];
}

/** The rules of some definitions. Throws an Error for one that cannot be applied. */
export function readRuleSet(definitions: Definitions): RuleSet {
  return ruleSetOf(readRuleBook(definitions), definitions);
}

/** The same with all that is wrong, instead of an error; what is wrong is not in it. */
export function compileRuleSet(definitions: Definitions): { rules: RuleSet; problems: PlanProblem[] } {
  const { book, problems } = compileRuleBook(definitions);
  return { rules: ruleSetOf(book, definitions), problems };
}

/** The canonical URLs of the value sets that the rules of some definitions read. */
export function listsRead(definitions: Definitions): string[] {
  const { actions } = mergeActions(plansInForce(definitions));
  return [...new Set([...Object.values(diseaseLists), ...actions.flatMap(({ action }) => listsOf(action))])];
}

function ruleSetOf(book: RuleBook, definitions: Definitions): RuleSet {
  const lists = listsRead(definitions).map(
    (url) => [url, listedCodes(definitions.find('ValueSet', url))] as const,
  );
  return { book, tierLists: readTierLists(definitions), lists: Object.fromEntries(lists), judgedBy: [] };
}
