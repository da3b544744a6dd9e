import { elements, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { Input } from './inputs.ts';
import { type Place, placesIn } from './place.ts';

/** What is said of one place of an input. */
export interface Found {
  severity: 'fatal' | 'error' | 'warning' | 'information';
  code: string;
  text: string;
  expression?: string;
  place?: Place;
}

/** The issues of an OperationOutcome, with the places in the text that they are about, the gravest first. */
export function findingsOf(outcome: Resource, { text, line }: Input): Found[] {
  const find = placesIn(text);
  return elements(outcome, 'issue').map((issue): Found => {
    const [expression] = Array.isArray(issue.expression) ? (issue.expression as string[]) : [];
    const place = expression === undefined ? undefined : find(expression);
    return {
      severity: issue.severity as Found['severity'],
      code: codeOf(issue),
      text: textOf(issue),
      ...(expression !== undefined && { expression }),
      ...(place && { place: { ...place, line: place.line + line - 1 } }),
    };
  });
}

/** The rule that was broken where one was, else the code of the issue. */
function codeOf(issue: Element): string {
  const [details] = elements(issue, 'details');
  return string(elements(details, 'coding')[0], 'code') ?? String(issue.code);
}

/** The sentence, and behind it the values that broke it. */
function textOf(issue: Element): string {
  const sentence = string(elements(issue, 'details')[0], 'text');
  const diagnostics = string(issue, 'diagnostics');
  if (sentence === undefined) return diagnostics ?? '';
  if (diagnostics === undefined || diagnostics === sentence) return sentence;
  return diagnostics.startsWith(sentence) ? diagnostics : `${sentence} | ${diagnostics}`;
}

/** Whether what was found is an error. */
export function isGrave({ severity }: Found): boolean {
  return severity === 'error' || severity === 'fatal';
}
