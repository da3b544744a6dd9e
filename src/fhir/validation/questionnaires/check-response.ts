import type { Element, Resource } from '../../resource.ts';
import { findings } from '../findings/findings.ts';
import { at, elementsOf, textOf } from '../resource-rules/members.ts';
import type { Visit } from '../visit.ts';
import { checkAnswer } from './answers.ts';
import { type Answers, indexAnswers, isEnabled } from './enable-when.ts';
import { findQuestionnaire } from './find-questionnaire.ts';
import { answersOf, deepest, itemsOf, type PlacedItem, saysSomething } from './items.ts';

/** What the check of one response knows. */
interface Reading {
  questionnaire: Resource;
  /** The links of all items of the questionnaire. */
  links: ReadonlySet<string>;
  answers: Answers;
  /** Where it is not complete, what is still owed is no error. */
  complete: boolean;
  visit: Visit;
}

/** A response in one of these states says all that it has to say. */
const completeStates = new Set<unknown>(['completed', 'amended']);

/**
 * Checks a response against its questionnaire (http://hl7.org/fhir/R4/questionnaireresponse.html#notes), where that is at
 * hand: structure, order, texts, required and enabled items, repetitions, and each answer.
 */
export function checkQuestionnaireResponse(response: Resource, visit: Visit): void {
  const questionnaire = findQuestionnaire(response, visit);
  if (!questionnaire) return;
  const links = new Set<string>();
  collectLinks(questionnaire, links, 0);
  const answers = indexAnswers(response);
  const complete = completeStates.has(response.status);
  checkItems(questionnaire, response, [], { questionnaire, links, answers, complete, visit });
}

function collectLinks(holder: Element, links: Set<string>, depth: number): void {
  if (depth > deepest) return;
  for (const { element, linkId } of itemsOf(holder)) {
    if (linkId !== undefined) links.add(linkId);
    collectLinks(element, links, depth + 1);
  }
}

/** The items of a response, an item or an answer, by the items of the questionnaire that belong there. */
function checkItems(definition: Element, holder: Element, outer: readonly Element[], reading: Reading): void {
  if (outer.length > deepest) return;
  const defined = itemsOf(definition);
  const holders = [...outer, holder];
  const byLink = Map.groupBy(placed(defined, holder, reading), ({ linkId }) => linkId);
  for (const { element: item, linkId } of defined) {
    if (linkId === undefined || reading.visit.report.full) continue;
    const enabled = isEnabled(item, reading.answers, holders);
    const occurrences = byLink.get(linkId) ?? [];
    if (occurrences.length > 1 && item.repeats !== true)
      reading.visit.report.add(findings.itemRepeats, [linkId, String(occurrences.length)]);
    if (occurrences.length === 0 && enabled && item.required === true) owed(linkId, reading);
    for (const { element, index } of occurrences) {
      at(reading.visit, [['item', index]], () => {
        if (!enabled && saysSomething(element)) reading.visit.report.add(findings.itemNotEnabled, [linkId]);
        checkItem(item, element, enabled, holders, reading);
      });
    }
  }
}

/** The items that belong where they stand; the others are reported, and so is an order that is not the questionnaire's. */
function placed(defined: readonly PlacedItem[], holder: Element, { links, visit }: Reading): PlacedItem[] {
  const order = new Map(defined.map(({ linkId }, position) => [linkId, position]));
  let latest = -1;
  return itemsOf(holder).filter(({ linkId, index }) => {
    if (linkId === undefined) return false;
    const position = order.get(linkId);
    const problem =
      position === undefined
        ? links.has(linkId)
          ? findings.misplacedLink
          : findings.unknownLink
        : position < latest
          ? findings.itemOrder
          : undefined;
    if (problem) at(visit, [['item', index]], () => visit.report.add(problem, [linkId]));
    latest = Math.max(latest, position ?? -1);
    return position !== undefined;
  });
}

function checkItem(
  item: Element,
  element: Element,
  enabled: boolean,
  holders: readonly Element[],
  reading: Reading,
): void {
  const { visit, questionnaire } = reading;
  const { report } = visit;
  const linkId = String(item.linkId);
  const type = textOf(item, 'type') ?? '';
  const required = enabled && item.required === true;
  const text = textOf(element, 'text');
  if (text !== undefined && text !== item.text) report.add(findings.itemText, [linkId], text);
  const answers = answersOf(element);
  if (type === 'group' || type === 'display') {
    if (answers.length > 0) report.add(findings.answerNotTaken, [linkId, type]);
    if (type === 'group' && required && elementsOf(element.item).length === 0) owed(linkId, reading);
    if (type === 'group') checkItems(item, element, holders, reading);
    else if (element.item !== undefined) report.add(findings.itemsInDisplay, [linkId, type]);
    return;
  }
  if (answers.length === 0 && required) owed(linkId, reading);
  if (answers.length > 1 && item.repeats !== true)
    report.add(findings.answerRepeats, [linkId, String(answers.length)]);
  if (element.item !== undefined) report.add(findings.itemsInDisplay, [linkId, type]);
  for (const { element: answer, index } of answers) {
    at(visit, [['answer', index]], () => {
      checkAnswer(answer, item, questionnaire, visit);
      checkItems(item, answer, [...holders, element], reading);
    });
  }
}

/** What a complete response does not say is an error; one that is still being filled in may say it yet. */
function owed(linkId: string, { complete, visit }: Reading): void {
  visit.report.add(complete ? findings.answerRequired : findings.answerStillRequired, [linkId]);
}
