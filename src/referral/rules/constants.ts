import { elements, extension, string } from '../../fhir/elements.ts';
import type { Element } from '../../fhir/resource.ts';
import { extensions } from '../vocabulary.ts';
import { ActionProblem } from './problem.ts';

/** What the expressions and texts of an action call by a name: its thresholds and its code lists. */
export interface Constants {
  /** The expression with each threshold as a literal, and each list as the variable of its value set. */
  inExpression(expression: string): string;
  /** The text with the value of each threshold for `{{%name}}`. */
  inText(text: string): string;
}

/** UCUM's units of time and FHIRPath's calendar durations, by which dates are moved. */
const calendar: Readonly<Record<string, string>> = {
  a: 'years',
  mo: 'months',
  wk: 'weeks',
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
};

/** A text literal, which is left alone, or the name of a variable. */
const names = /'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|%([A-Za-z]\w*)/g;

const decimal = /^-?\d+(?:\.\d+)?$/;

/**
 * Reads the constants of an action: `rule-threshold` (a name and a Quantity; in UCUM's units of time it is a duration)
 * and `rule-value-set` (a name and a ValueSet). Throws an ActionProblem for one that cannot be used.
 */
export function readConstants(action: Element): Constants {
  const values = new Map<string, { literal: string; shown: string }>();
  const lists = new Map<string, string>();
  for (const threshold of all(action, extensions.ruleThreshold)) {
    const name = string(extension(threshold, 'name'), 'valueString') ?? '';
    values.set(name, literalOf(name, elements(extension(threshold, 'value'), 'valueQuantity')[0]));
  }
  for (const list of all(action, extensions.ruleValueSet)) {
    const url = string(extension(list, 'valueSet'), 'valueCanonical')?.split('|', 1)[0];
    const name = string(extension(list, 'name'), 'valueString') ?? '';
    if (!url || /[`\\]/.test(url))
      throw new ActionProblem('extension', {
        zh: `代码表 ${name} 须给出值集`,
        en: `the list ${name} needs a value set`,
      });
    lists.set(name, url);
  }
  return {
    inExpression: (expression) =>
      expression.replace(names, (found, name?: string) => {
        if (name === undefined) return found;
        const list = lists.get(name);
        return values.get(name)?.literal ?? (list === undefined ? found : `%\`${list}\``);
      }),
    inText: (text) =>
      text.replace(/\{\{%([A-Za-z]\w*)\}\}/g, (found, name: string) => values.get(name)?.shown ?? found),
  };
}

/** The canonical URLs of the value sets that an action names. */
export function listsOf(action: Element): string[] {
  return all(action, extensions.ruleValueSet).flatMap(
    (list) => string(extension(list, 'valueSet'), 'valueCanonical')?.split('|', 1)[0] ?? [],
  );
}

function all(action: Element, url: string): Element[] {
  return elements(action, 'extension').filter((each) => each.url === url);
}

function literalOf(name: string, quantity: Element | undefined): { literal: string; shown: string } {
  // The digits as they were written: a number of the store, or one that keeps them.
  const shown = JSON.stringify(quantity?.value) ?? '';
  if (!decimal.test(shown))
    throw new ActionProblem('extension', {
      zh: `阈值 ${name} 须为数值`,
      en: `the threshold ${name} must be a number`,
    });
  const unit = calendar[string(quantity, 'code') ?? ''];
  // A calendar duration of a fraction would silently lose it (http://hl7.org/fhirpath/N1/#datetime-arithmetic).
  if (unit && shown.includes('.'))
    throw new ActionProblem('extension', {
      zh: `时间阈值 ${name} 须为整数,可换用更小的单位`,
      en: `the duration ${name} must be whole: choose a smaller unit`,
    });
  const literal = unit ? `${shown} ${unit}` : shown;
  return { literal: shown.startsWith('-') ? `(${literal})` : literal, shown };
}
