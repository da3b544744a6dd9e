import type { Element, Resource } from '../../resource.ts';
import { findings } from '../findings/findings.ts';
import { at, elementsOf, textOf } from '../resource-rules/members.ts';
import type { Visit } from '../visit.ts';
import { deepest, itemsOf } from './items.ts';

/** Where an item stands: its number in the order of the questionnaire, and the last number below it. */
interface Span {
  first: number;
  last: number;
}

/**
 * Checks what enables the items of a questionnaire (http://hl7.org/fhir/R4/questionnaire.html#enableWhen): "the linkId of
 * another item", which is asked before.
 */
export function checkQuestionnaire(questionnaire: Resource, visit: Visit): void {
  const spans = new Map<string, Span>();
  number(questionnaire, 0, spans, 0);
  checkItems(questionnaire, spans, visit, 0);
}

function number(holder: Element, next: number, spans: Map<string, Span>, depth: number): number {
  let free = next;
  if (depth > deepest) return free;
  for (const { element, linkId } of itemsOf(holder)) {
    const first = free;
    free = number(element, first + 1, spans, depth + 1);
    if (linkId !== undefined && !spans.has(linkId)) spans.set(linkId, { first, last: free - 1 });
  }
  return free;
}

function checkItems(holder: Element, spans: ReadonlyMap<string, Span>, visit: Visit, depth: number): void {
  if (depth > deepest) return;
  for (const { element, index, linkId } of itemsOf(holder)) {
    at(visit, [['item', index]], () => {
      if (linkId !== undefined)
        for (const { element: condition, index: number } of elementsOf(element.enableWhen))
          at(visit, [['enableWhen', number]], () => checkCondition(condition, linkId, spans, visit));
      checkItems(element, spans, visit, depth + 1);
    });
  }
}

function checkCondition(
  condition: Element,
  linkId: string,
  spans: ReadonlyMap<string, Span>,
  { report }: Visit,
): void {
  const question = textOf(condition, 'question');
  const own = spans.get(linkId);
  if (question === undefined || !own) return;
  const target = spans.get(question);
  if (!target) report.add(findings.enabledByNothing, [question], question);
  else if (target.first === own.first) report.add(findings.enabledByItself, [question], question);
  else if (target.first > own.first && target.first <= own.last)
    report.add(findings.enabledByInner, [question], question);
  else if (target.first > own.first) report.add(findings.enabledByLater, [question], question);
}
