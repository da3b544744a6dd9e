import type { Items } from '../node.ts';
import type { Evaluate, Scope } from '../scope.ts';

/**
 * A FHIRPath function: how many parameters it takes, and how a call is put together from its parts. `input` gives the
 * collection that it is called on; parameters may be evaluated in its place (values) or for each item (criteria).
 */
export interface FunctionDefinition {
  readonly parameters: readonly [least: number, most: number];
  readonly build: (input: Evaluate, parameters: readonly Evaluate[]) => Evaluate;
}

export type FunctionTable = Readonly<Record<string, FunctionDefinition>>;

/** A function of its input alone. */
export function plain(apply: (input: Items, scope: Scope) => Items): FunctionDefinition {
  return { parameters: [0, 0], build: (input) => (self, scope) => apply(input(self, scope), scope) };
}

/** A function of its input and of one value; called without it when it may be left out and is. */
export function withValue(
  apply: (input: Items, value: Items | undefined, scope: Scope) => Items,
  least: 0 | 1 = 1,
): FunctionDefinition {
  return {
    parameters: [least, 1],
    build:
      (input, [value]) =>
      (self, scope) =>
        apply(input(self, scope), value?.(self, scope), scope),
  };
}

/** A function of its input and of two values. */
export function withValues(
  apply: (input: Items, first: Items, second: Items | undefined, scope: Scope) => Items,
  least: 1 | 2 = 2,
): FunctionDefinition {
  return {
    parameters: [least, 2],
    build:
      (input, [first, second]) =>
      (self, scope) =>
        apply(input(self, scope), first!(self, scope), second?.(self, scope), scope),
  };
}
