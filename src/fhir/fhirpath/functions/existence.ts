import { DistinctItems } from '../distinct.ts';
import { booleanOf, type Items, Node, rawOf, truth } from '../node.ts';
import type { Scope } from '../scope.ts';
import { type FunctionTable, plain, withValue } from './function.ts';

/** Tests on whole collections (http://hl7.org/fhirpath/N1/#existence). */
export const existence: FunctionTable = {
  empty: plain((items) => truth(items.length === 0)),
  not: plain((items) => {
    const value = booleanOf(items);
    return truth(value === undefined ? undefined : !value);
  }),
  allTrue: plain((items) => truth(items.every((item) => boolean(rawOf(item))))),
  anyTrue: plain((items) => truth(items.some((item) => boolean(rawOf(item))))),
  allFalse: plain((items) => truth(items.every((item) => !boolean(rawOf(item))))),
  anyFalse: plain((items) => truth(items.some((item) => !boolean(rawOf(item))))),
  count: plain((items) => [items.length]),
  isDistinct: plain((items, scope) => truth(new DistinctItems(scope, items).items.length === items.length)),
  subsetOf: withValue((items, others, scope) => truth(isSubset(items, others!, scope))),
  supersetOf: withValue((items, others, scope) => truth(isSubset(others!, items, scope))),
  /** http://hl7.org/fhir/R4/fhirpath.html#functions */
  hasValue: plain((items) => truth(items.length === 1 && isPrimitive(items) && rawOf(items[0]!) != null)),
  getValue: plain((items) =>
    items.length === 1 && isPrimitive(items) && rawOf(items[0]!) != null ? items : [],
  ),
};

function boolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new TypeError('Booleans were expected');
}

function isSubset(items: Items, others: Items, scope: Scope): boolean {
  const set = new DistinctItems(scope, others);
  return items.every((item) => set.has(item));
}

function isPrimitive([item]: Items): boolean {
  return !(item instanceof Node) || typeof item.value !== 'object';
}
