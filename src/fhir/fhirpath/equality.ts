import { type Item, type Items, Node, operand } from './node.ts';
import { equalNumbers, equivalentNumbers } from './number.ts';
import { equalQuantities, equivalentQuantities, Quantity } from './quantity.ts';
import { type Scope, spend } from './scope.ts';
import { compareTemporals, Temporal } from './temporal.ts';

/**
 * `=` (http://hl7.org/fhirpath/N1/#equals): undefined when it cannot be told, e.g. of dates of different precision.
 * Nodes are equal only with their extensions.
 */
export function equal(left: Items, right: Items, scope: Scope): boolean | undefined {
  if (left.length !== right.length) return false;
  if (left.length === 1) return equalItems(left[0]!, right[0]!, scope);
  return left.every((item, index) => equalItems(item, right[index]!, scope));
}

/** `=` of two single items. */
export function equalItems(left: Item, right: Item, scope: Scope): boolean | undefined {
  spend(scope, 1);
  const result = equalOperands(operand(left), operand(right), scope);
  if (!result || !(left instanceof Node) || !(right instanceof Node)) return result;
  if (left.sibling === right.sibling) return true;
  return equalJson(left.sibling ?? null, right.sibling ?? null, scope, false);
}

function equalOperands(left: unknown, right: unknown, scope: Scope): boolean | undefined {
  if (left === right) return true;
  if (left instanceof Temporal) return right instanceof Temporal ? equalTemporals(left, right) : false;
  if (left instanceof Quantity || right instanceof Quantity) {
    const [a, b] = [quantity(left), quantity(right)];
    return a && b ? equalQuantities(a, b) : false;
  }
  return right instanceof Temporal ? false : equalJson(left, right, scope, false);
}

/** A number is a quantity without unit (http://hl7.org/fhirpath/N1/#conversion). */
function quantity(value: unknown): Quantity | undefined {
  return typeof value === 'number'
    ? new Quantity(value, '1', false)
    : value instanceof Quantity
      ? value
      : undefined;
}

function equalTemporals(left: Temporal, right: Temporal): boolean | undefined {
  if ((left.kind === 'Time') !== (right.kind === 'Time')) return false;
  const order = compareTemporals(left, right);
  return order === undefined ? undefined : order === 0;
}

function equalJson(left: unknown, right: unknown, scope: Scope, loosely: boolean): boolean {
  if (left === right) return true;
  if (typeof left === 'number' && typeof right === 'number')
    return loosely ? equivalentNumbers(left, right) : equalNumbers(left, right);
  if (loosely && typeof left === 'string' && typeof right === 'string') return normal(left) === normal(right);
  if (typeof left !== 'object' || typeof right !== 'object' || !left || !right) return false;
  const keys = Object.keys(left);
  spend(scope, keys.length);
  return (
    Array.isArray(left) === Array.isArray(right) &&
    keys.length === Object.keys(right).length &&
    keys.every(
      (key) =>
        Object.hasOwn(right, key) &&
        equalJson(
          (left as Record<string, unknown>)[key],
          (right as Record<string, unknown>)[key],
          scope,
          loosely,
        ),
    )
  );
}

/**
 * `~` (http://hl7.org/fhirpath/N1/#equivalent): order, case, white space and precision beyond what both sides have
 * do not matter.
 */
export function equivalent(left: Items, right: Items, scope: Scope): boolean {
  if (left.length !== right.length) return false;
  if (left.length === 1) return equivalentItems(left[0]!, right[0]!, scope);
  const rest = [...right];
  return left.every((item) => {
    const at = rest.findIndex((other) => equivalentItems(item, other, scope));
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

function equivalentItems(left: Item, right: Item, scope: Scope): boolean {
  spend(scope, 1);
  const [a, b] = [operand(left), operand(right)];
  if (a instanceof Temporal || b instanceof Temporal)
    return (
      a instanceof Temporal &&
      b instanceof Temporal &&
      a.precision === b.precision &&
      equalTemporals(a, b) === true
    );
  if (a instanceof Quantity || b instanceof Quantity)
    return a instanceof Quantity && b instanceof Quantity && equivalentQuantities(a, b);
  return equalJson(a, b, scope, true);
}

function normal(text: string): string {
  return text.toUpperCase().replace(/\p{White_Space}/gu, ' ');
}
