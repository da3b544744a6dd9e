import { type Element, isElement } from '../../resource.ts';
import { elementsOf, textOf } from '../resource-rules/members.ts';
import { isLess, isSame } from './compare.ts';
import { answersOf, choiceOf, deepest, itemsOf, type TypedValue } from './items.ts';

/** The answers of a response, found by their questions. */
export interface Answers {
  /**
   * The answers to a question as they are seen from an item, given by what holds it, outermost first: those that share
   * the most of it. "If there are multiple question occurrences … the nearest in the hierarchy".
   */
  to(linkId: string, holders: readonly Element[]): readonly TypedValue[];
}

/** How many occurrences are compared at most in one response: more than any form has, and bounded. */
const mostCompared = 200_000;

interface Occurrence {
  item: Element;
  holders: readonly Element[];
}

/** Indexes the answers of a response. */
export function indexAnswers(response: Element): Answers {
  const byLink = new Map<string, Occurrence[]>();
  let compared = 0;
  const collect = (holder: Element, holders: readonly Element[]): void => {
    if (holders.length > deepest) return;
    const within = [...holders, holder];
    for (const { element, linkId } of itemsOf(holder)) {
      if (linkId !== undefined) {
        const known = byLink.get(linkId);
        if (known) known.push({ item: element, holders: within });
        else byLink.set(linkId, [{ item: element, holders: within }]);
      }
      collect(element, within);
      for (const { element: answer } of answersOf(element)) collect(answer, [...within, element]);
    }
  };
  collect(response, []);

  return {
    to: (linkId, holders) => {
      const occurrences = byLink.get(linkId) ?? [];
      compared += occurrences.length;
      const shared =
        compared > mostCompared ? [] : occurrences.map((each) => sharedDepth(each.holders, holders));
      const nearest = Math.max(...shared.slice(0, 10_000));
      return occurrences
        .filter((_, at) => shared[at] === nearest)
        .flatMap(({ item }) => answersOf(item).flatMap(({ element }) => choiceOf(element, 'value') ?? []));
    },
  };
}

function sharedDepth(one: readonly Element[], other: readonly Element[]): number {
  let depth = 0;
  while (depth < one.length && one[depth] === other[depth]) depth++;
  return depth;
}

/** Whether an item of a questionnaire is enabled, seen from where it stands (http://hl7.org/fhir/R4/questionnaire.html). */
export function isEnabled(item: Element, answers: Answers, holders: readonly Element[]): boolean {
  const conditions = elementsOf(item.enableWhen).map(({ element }) => element);
  if (conditions.length === 0) return true;
  const holds = (condition: Element) => isMet(condition, answers, holders);
  return item.enableBehavior === 'any' ? conditions.some(holds) : conditions.every(holds);
}

function isMet(condition: Element, answers: Answers, holders: readonly Element[]): boolean {
  const question = textOf(condition, 'question');
  const expected = choiceOf(condition, 'answer');
  if (question === undefined || !expected) return true;
  const given = answers.to(question, holders);
  if (condition.operator === 'exists') return given.length > 0 === (expected.value === true);
  return given.some((answer) => compares(answer, String(condition.operator), expected));
}

function compares(answer: TypedValue, operator: string, expected: TypedValue): boolean {
  switch (operator) {
    case '=':
      return isSame(answer, expected);
    case '!=':
      return !isSame(answer, expected);
    case '<':
      return isLess(answer.value, expected.value);
    case '>':
      return isLess(expected.value, answer.value);
    case '<=':
      return isLess(answer.value, expected.value) || isSame(answer, expected);
    case '>=':
      return isLess(expected.value, answer.value) || isSame(answer, expected);
    default:
      return isElement(answer.value);
  }
}
