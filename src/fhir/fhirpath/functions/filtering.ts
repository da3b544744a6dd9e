import { DistinctItems } from '../distinct.ts';
import { booleanOf, empty, type Item, type Items } from '../node.ts';
import { type Evaluate, type Scope, spend } from '../scope.ts';
import type { FunctionTable } from './function.ts';

/** Filtering, projection and the tests that look at items one by one (http://hl7.org/fhirpath/N1/#filtering-and-projection). */
export const filtering: FunctionTable = {
  where: {
    parameters: [1, 1],
    build:
      (input, [criteria]) =>
      (self, scope) =>
        filter(input(self, scope), criteria!, scope),
  },
  exists: {
    parameters: [0, 1],
    build: (input, [criteria]) =>
      criteria
        ? (self, scope) => [
            some(input(self, scope), (item) => booleanOf(criteria(item, scope)) === true, scope),
          ]
        : (self, scope) => [input(self, scope).length > 0],
  },
  all: {
    parameters: [1, 1],
    build:
      (input, [criteria]) =>
      (self, scope) => [
        !some(input(self, scope), (item) => booleanOf(criteria!(item, scope)) !== true, scope),
      ],
  },
  select: {
    parameters: [1, 1],
    build:
      (input, [projection]) =>
      (self, scope) => {
        const result: Item[] = [];
        each(input(self, scope), (item) => void result.push(...projection!(item, scope)), scope);
        return result;
      },
  },
  repeat: {
    parameters: [1, 1],
    build:
      (input, [projection]) =>
      (self, scope) => {
        const found = new DistinctItems(scope);
        let next = input(self, scope);
        while (next.length > 0) {
          const added: Item[] = [];
          each(
            next,
            (item) => {
              for (const result of projection!(item, scope)) if (found.add(result)) added.push(result);
            },
            scope,
          );
          next = added;
        }
        return found.items;
      },
  },
  iif: {
    parameters: [2, 3],
    build:
      (input, [condition, then, otherwise]) =>
      (self, scope) => {
        const focus = input(self, scope);
        if (booleanOf(condition!(focus, scope)) === true) return then!(focus, scope);
        return otherwise ? otherwise(focus, scope) : empty;
      },
  },
  /** Gives its input; the server keeps no trace. */
  trace: { parameters: [1, 2], build: (input) => input },
};

function filter(items: Items, criteria: Evaluate, scope: Scope): Items {
  if (items.length === 0) return empty;
  const result: Item[] = [];
  each(items, (item) => void (booleanOf(criteria(item, scope)) === true && result.push(item[0]!)), scope);
  return result;
}

/** Calls `visit` with each item as a collection of one, `$index` being its position. */
function each(items: Items, visit: (item: Items) => void, scope: Scope): void {
  some(
    items,
    (item) => {
      visit(item);
      return false;
    },
    scope,
  );
}

function some(items: Items, test: (item: Items) => boolean, scope: Scope): boolean {
  const { index } = scope;
  spend(scope, items.length);
  for (let at = 0; at < items.length; at++) {
    scope.index = at;
    if (test([items[at]!])) {
      scope.index = index;
      return true;
    }
  }
  scope.index = index;
  return false;
}
