import type { Element } from '../../resource.ts';
import { findings } from '../findings/findings.ts';
import { at, elementsOf, textOf } from '../resource-rules/members.ts';
import type { Visit } from '../visit.ts';
import { checkLimits } from './answer-limits.ts';
import { answerText, isSame } from './compare.ts';
import { choiceOf, type TypedValue } from './items.ts';

const options = ['Coding', 'date', 'time', 'integer', 'string'];

/** The types of answers by the type of the item (http://hl7.org/fhir/R4/valueset-item-type.html). */
const answerTypes: Readonly<Record<string, readonly string[]>> = {
  boolean: ['boolean'],
  decimal: ['decimal'],
  integer: ['integer'],
  date: ['date'],
  dateTime: ['dateTime'],
  time: ['time'],
  string: ['string'],
  text: ['string'],
  url: ['uri'],
  choice: options,
  'open-choice': options,
  attachment: ['Attachment'],
  reference: ['Reference'],
  quantity: ['Quantity'],
};

/** Checks an answer where the visit stands by its item: its type, and whether it is one of those that can be given. */
export function checkAnswer(answer: Element, item: Element, questionnaire: Element, visit: Visit): void {
  const given = choiceOf(answer, 'value');
  if (!given) return;
  const { report } = visit;
  const type = textOf(item, 'type') ?? '';
  const types = answerTypes[type];
  if (types && !types.includes(given.type)) {
    at(visit, [['value']], () =>
      report.add(findings.answerType, [String(item.linkId), types.join(' / '), given.type]),
    );
    return;
  }
  if (type === 'choice' || type === 'open-choice') checkOption(given, type, item, questionnaire, visit);
  at(visit, [['value']], () => checkLimits(given, item, visit));
}

/** "Permitted answers": one that is listed, or in the value set; for an open choice also any text. */
function checkOption(
  given: TypedValue,
  type: string,
  item: Element,
  questionnaire: Element,
  visit: Visit,
): void {
  const free = type === 'open-choice' && given.type === 'string';
  const listed = elementsOf(item.answerOption).flatMap(({ element }) => choiceOf(element, 'value') ?? []);
  if (listed.length > 0) {
    if (free || listed.some((option) => option.type === given.type && isSame(option, given))) return;
    const texts = listed.slice(0, 20).map(answerText);
    visit.report.add(findings.answerOption, [answerText(given), texts.join(', ')], answerText(given));
    return;
  }
  const valueSet = textOf(item, 'answerValueSet');
  if (valueSet === undefined || given.type !== 'Coding') return;
  const contained = valueSet.startsWith('#') ? containedValueSet(valueSet, questionnaire, visit) : undefined;
  if (visit.judges.memberOf(contained ?? valueSet, given.value, visit.codes) === false)
    visit.report.add(findings.answerOutsideValueSet, [answerText(given), valueSet], answerText(given));
}

/** A value set in the questionnaire, or beside it where it is contained itself. */
function containedValueSet(reference: string, questionnaire: Element, { root }: Visit): Element | undefined {
  const id = reference.slice(1);
  return [questionnaire.contained, root.contained]
    .flatMap((list) => elementsOf(list))
    .map(({ element }) => element)
    .find((each) => each.id === id);
}
