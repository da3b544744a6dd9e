import type { Filter } from './code-source.ts';
import { type Entry, propertyValue } from './concept.ts';

/** Whether a concept passes a filter. */
export type PropertyTest = (entry: Entry) => boolean;

/**
 * The test that a filter is (http://hl7.org/fhir/R4/valueset-filter-operator.html), or undefined for one that is not
 * understood. `regex` is none of them: a stranger's expression could run without end.
 */
export function propertyTest(
  { property, op, value }: Filter,
  isBelow: (code: string, above: string) => boolean,
): PropertyTest | undefined {
  const values = value.split(',').map((each) => each.trim());
  const of = (entry: Entry) => valuesOf(entry, property);
  switch (op) {
    case 'is-a':
      return ({ code }) => code === value || isBelow(code, value);
    case 'descendent-of':
      return ({ code }) => isBelow(code, value);
    case 'is-not-a':
      return ({ code }) => code !== value && !isBelow(code, value);
    case 'generalizes':
      return ({ code }) => code === value || isBelow(value, code);
    case '=':
      return (entry) => of(entry).includes(value);
    case 'in':
      return (entry) => of(entry).some((each) => values.includes(each));
    case 'not-in':
      return (entry) => !of(entry).some((each) => values.includes(each));
    case 'exists':
      return (entry) => String(of(entry).length > 0) === value;
    default:
      return undefined;
  }
}

function valuesOf(entry: Entry, name: string): string[] {
  if (name === 'concept' || name === 'code') return [entry.code];
  if (name === 'display') return entry.display === undefined ? [] : [entry.display];
  return (entry.property ?? [])
    .filter(({ code }) => code === name)
    .flatMap((each) => propertyValue(each) ?? []);
}
