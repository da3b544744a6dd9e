import { DistinctItems } from '../distinct.ts';
import { empty, type Item, type Items, integerOf, single } from '../node.ts';
import { type Scope, spend } from '../scope.ts';
import { type FunctionTable, plain, withValue } from './function.ts';

/** Parts of collections, and collections put together (http://hl7.org/fhirpath/N1/#subsetting, #combining). */
export const subsetting: FunctionTable = {
  first: plain((items) => (items.length > 1 ? [items[0]!] : items)),
  last: plain((items) => (items.length > 1 ? [items.at(-1)!] : items)),
  tail: plain((items) => items.slice(1)),
  single: plain((items) => {
    single(items);
    return items;
  }),
  skip: withValue((items, count) => items.slice(Math.max(0, integerOf(count!) ?? 0))),
  take: withValue((items, count) => items.slice(0, Math.max(0, integerOf(count!) ?? 0))),
  distinct: plain((items, scope) => (items.length > 1 ? new DistinctItems(scope, items).items : items)),
  union: withValue((items, others, scope) => union(items, others!, scope)),
  combine: withValue((items, others, scope) => {
    spend(scope, items.length + others!.length);
    return [...items, ...others!];
  }),
  intersect: withValue((items, others, scope) => {
    const set = new DistinctItems(scope, others);
    return new DistinctItems(
      scope,
      items.filter((item) => set.has(item)),
    ).items;
  }),
  exclude: withValue((items, others, scope) => {
    const set = new DistinctItems(scope, others);
    return items.filter((item) => !set.has(item));
  }),
};

/** `|`: the distinct items of both collections. */
export function union(left: Items, right: Items, scope: Scope): Items {
  if (left.length + right.length === 0) return empty;
  const set = new DistinctItems(scope, left);
  for (const item of right) set.add(item);
  return set.items;
}

/** `items[index]`: empty when there is no such item. */
export function itemAt(items: Items, index: Items): Items {
  const at = integerOf(index);
  const item: Item | undefined = at === undefined ? undefined : items[at];
  return item === undefined ? empty : [item];
}
