import { patternOf } from '../../fhirpath/pattern.ts';
import { type Element, isElement } from '../../resource.ts';
import { findings } from '../findings/findings.ts';
import { elementsOf } from '../resource-rules/members.ts';
import type { Visit } from '../visit.ts';
import { isLess } from './compare.ts';
import { choiceOf, type TypedValue } from './items.ts';

const extensions = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * Checks an answer by `maxLength` and by what R4's extensions say of it
 * (http://hl7.org/fhir/R4/questionnaire-profiles.html): least and greatest value, length, pattern, places, units, files.
 */
export function checkLimits({ value, type }: TypedValue, item: Element, visit: Visit): void {
  checkRange(value, item, visit);
  if (typeof value === 'string' && (type === 'string' || type === 'uri')) checkText(value, item, visit);
  if (typeof value === 'number') checkPlaces(value, item, visit);
  if (type === 'Quantity' && isElement(value)) checkUnit(value, item, visit);
  if (type === 'Attachment' && isElement(value)) checkAttachment(value, item, visit);
}

function checkRange(value: unknown, item: Element, { report }: Visit): void {
  const [lowest] = extended(item, 'minValue');
  const [highest] = extended(item, 'maxValue');
  if (lowest !== undefined && isLess(value, lowest))
    report.add(findings.belowMinimum, [String(lowest)], value);
  if (highest !== undefined && isLess(highest, value))
    report.add(findings.aboveMaximum, [String(highest)], value);
}

function checkText(text: string, item: Element, { report }: Visit): void {
  const { length } = [...text];
  const { maxLength } = item;
  const [minLength] = extended(item, 'minLength');
  const [pattern] = extended(item, 'regex');
  if (typeof maxLength === 'number' && length > maxLength)
    report.add(findings.answerTooLong, [String(maxLength)], text);
  if (typeof minLength === 'number' && length < minLength)
    report.add(findings.answerTooShort, [String(minLength)], text);
  if (typeof pattern === 'string' && !follows(text, pattern))
    report.add(findings.answerPattern, [pattern], text);
}

/** A pattern that is none, or may take long, is no rule. */
function follows(text: string, pattern: string): boolean {
  try {
    return patternOf(`^(?:${pattern})$`, '', text, { trusted: false }).test(text);
  } catch {
    return true;
  }
}

function checkPlaces(value: number, item: Element, { report }: Visit): void {
  const [most] = extended(item, 'maxDecimalPlaces');
  const [, places = ''] = String(value).split('.');
  if (typeof most === 'number' && places.length > most)
    report.add(findings.answerPlaces, [String(most)], value);
}

function checkUnit(quantity: Element, item: Element, { report, judges, codes }: Visit): void {
  const { system, code, unit } = quantity;
  const written = String(code ?? unit ?? '');
  const units = extended(item, 'questionnaire-unitOption').filter(isElement);
  if (units.length > 0 && !units.some((each) => each.system === system && each.code === code))
    report.add(findings.answerUnit, [
      written,
      units.map((each) => String(each.code ?? each.display)).join(', '),
    ]);
  const [valueSet] = extended(item, 'questionnaire-unitValueSet');
  if (typeof valueSet === 'string' && judges.memberOf(valueSet, { system, code }, codes) === false)
    report.add(findings.answerUnit, [written, valueSet]);
}

function checkAttachment(attachment: Element, item: Element, { report }: Visit): void {
  const { contentType, size, data } = attachment;
  const types = extended(item, 'mimeType').map(String);
  if (types.length > 0 && typeof contentType === 'string' && !types.includes(contentType))
    report.add(findings.answerMimeType, [contentType, types.join(', ')], contentType);
  const [most] = extended(item, 'maxSize');
  const bytes =
    typeof size === 'number' ? size : typeof data === 'string' ? Buffer.byteLength(data, 'base64') : 0;
  if (typeof most === 'number' && bytes > most)
    report.add(findings.answerSize, [String(bytes), String(most)]);
}

/** The values of the extensions of an item with one name. */
function extended(item: Element, name: string): unknown[] {
  return elementsOf(item.extension)
    .filter(({ element }) => element.url === extensions + name)
    .map(({ element }) => choiceOf(element, 'value')?.value);
}
