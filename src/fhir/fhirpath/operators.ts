import { type Element, isElement } from '../resource.ts';
import { equal, equalItems, equivalent } from './equality.ts';
import { union } from './functions/subsetting.ts';
import { booleanOf, empty, type Items, numberOf, operand, single, stringOf, truth } from './node.ts';
import { compareNumbers } from './number.ts';
import { calendarUnit, compareQuantities, Quantity } from './quantity.ts';
import { type Evaluate, type Scope, spend, weighed } from './scope.ts';
import { addDuration, compareTemporals, Temporal } from './temporal.ts';
import { Unsupported } from './unsupported.ts';

type Build = (left: Evaluate, right: Evaluate) => Evaluate;

/** The binary operators (http://hl7.org/fhirpath/N1/#operations), by their text. */
export const operators: Readonly<Record<string, Build>> = {
  '=': ofBoth((left, right, scope) => truth(equal(left, right, scope))),
  '!=': ofBoth((left, right, scope) => {
    const same = equal(left, right, scope);
    return truth(same === undefined ? undefined : !same);
  }),
  '~': ofAny((left, right, scope) => truth(equivalent(left, right, scope))),
  '!~': ofAny((left, right, scope) => truth(!equivalent(left, right, scope))),
  '<': comparison((order) => order < 0),
  '>': comparison((order) => order > 0),
  '<=': comparison((order) => order <= 0),
  '>=': comparison((order) => order >= 0),
  '|': ofAny(union),
  in: ofAny(isMember),
  contains: ofAny((left, right, scope) => isMember(right, left, scope)),
  and: (left, right) => (self, scope) => {
    const a = booleanOf(left(self, scope));
    if (a === false) return truth(false);
    const b = booleanOf(right(self, scope));
    return truth(b === false ? false : a && b);
  },
  or: (left, right) => (self, scope) => {
    const a = booleanOf(left(self, scope));
    if (a) return truth(true);
    const b = booleanOf(right(self, scope));
    return truth(b ? true : a === undefined ? undefined : b);
  },
  implies: (left, right) => (self, scope) => {
    const a = booleanOf(left(self, scope));
    if (a === false) return truth(true);
    const b = booleanOf(right(self, scope));
    return truth(b ? true : a === undefined ? undefined : b);
  },
  xor: (left, right) => (self, scope) => {
    const a = booleanOf(left(self, scope));
    const b = booleanOf(right(self, scope));
    return truth(a === undefined || b === undefined ? undefined : a !== b);
  },
  '&': ofAny((left, right, scope) => [weighed((stringOf(left) ?? '') + (stringOf(right) ?? ''), scope)]),
  '+': ofBoth(add),
  '-': ofBoth((left, right) => {
    const [a, b] = operands(left, right);
    if (a === undefined || b === undefined) return empty;
    if (a instanceof Temporal) return [shifted(a, b, -1)];
    refuseQuantities(a, b);
    return finite(numberFor(a) - numberFor(b));
  }),
  '*': ofNumbers((a, b) => a * b),
  '/': ofNumbers((a, b) => a / b),
  div: ofNumbers((a, b) => Math.trunc(a / b)),
  mod: ofNumbers((a, b) => a % b),
};

function ofAny(apply: (left: Items, right: Items, scope: Scope) => Items): Build {
  return (left, right) => (self, scope) => apply(left(self, scope), right(self, scope), scope);
}

/** An operator that gives nothing when one of its sides is empty. */
function ofBoth(apply: (left: Items, right: Items, scope: Scope) => Items): Build {
  return (left, right) => (self, scope) => {
    const a = left(self, scope);
    if (a.length === 0) return empty;
    const b = right(self, scope);
    return b.length === 0 ? empty : apply(a, b, scope);
  };
}

function ofNumbers(apply: (left: number, right: number) => number): Build {
  return ofBoth((left, right) => {
    const [a, b] = operands(left, right);
    if (a === undefined || b === undefined) return empty;
    refuseQuantities(a, b);
    return finite(apply(numberFor(a), numberFor(b)));
  });
}

/** Overflow and division by zero give nothing (http://hl7.org/fhirpath/N1/#math). */
function finite(value: number): Items {
  return Number.isFinite(value) ? [value] : empty;
}

function operands(left: Items, right: Items): [unknown, unknown] {
  return [operand(single(left)!) ?? undefined, operand(single(right)!) ?? undefined];
}

function refuseQuantities(...values: unknown[]): void {
  if (values.some((value) => value instanceof Quantity)) throw new Unsupported('Arithmetic with quantities');
}

function numberFor(value: unknown): number {
  return numberOf([value as number])!;
}

function add(left: Items, right: Items, scope: Scope): Items {
  const [a, b] = operands(left, right);
  if (a === undefined || b === undefined) return empty;
  if (typeof a === 'string' && typeof b === 'string') return [weighed(a + b, scope)];
  if (a instanceof Temporal) return [shifted(a, b, 1)];
  refuseQuantities(a, b);
  return finite(numberFor(a) + numberFor(b));
}

/** http://hl7.org/fhirpath/N1/#datetime-arithmetic */
function shifted(time: Temporal, by: unknown, sign: 1 | -1): Temporal {
  const unit = by instanceof Quantity ? calendarUnit(by) : undefined;
  if (!unit) throw new TypeError('Only a duration can be added to a date or time');
  return addDuration(time, sign * (by as Quantity).value, unit);
}

function isMember(items: Items, collection: Items, scope: Scope): Items {
  if (items.length === 0) return empty;
  const item = single(items)!;
  spend(scope, collection.length);
  return truth(collection.some((other) => equalItems(other, item, scope)));
}

function comparison(test: (order: number) => boolean): Build {
  return ofBoth((left, right) => {
    const [a, b] = operands(left, right);
    const order = a === undefined || b === undefined ? undefined : compare(a, b);
    return truth(order === undefined ? undefined : test(order));
  });
}

/** http://hl7.org/fhirpath/N1/#comparison */
function compare(left: unknown, right: unknown): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return compareNumbers(left, right);
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  if (left instanceof Temporal && right instanceof Temporal) return compareTemporals(left, right);
  if (left instanceof Quantity && right instanceof Quantity) return compareQuantities(left, right);
  if (left instanceof Quantity && typeof right === 'number')
    return compareQuantities(left, new Quantity(right, '1', false));
  if (typeof left === 'number' && right instanceof Quantity)
    return compareQuantities(new Quantity(left, '1', false), right);
  if (isMeasured(left) && isMeasured(right)) return compareMeasured(left, right);
  throw new TypeError(`A ${kindOf(left)} cannot be compared with a ${kindOf(right)}`);
}

/** True of a quantity, and of a FHIR Quantity without UCUM code, which has no FHIRPath counterpart. */
function isMeasured(value: unknown): value is Quantity | Element {
  return value instanceof Quantity || (isElement(value) && typeof value.value === 'number');
}

/** Quantities without UCUM codes compare when they name their unit in the same way. */
function compareMeasured(left: Quantity | Element, right: Quantity | Element): number | undefined {
  if (left instanceof Quantity || right instanceof Quantity) return undefined;
  const sameUnit = ['system', 'code', 'unit'].every((name) => left[name] === right[name]);
  if (!sameUnit || left.comparator !== undefined || right.comparator !== undefined) return undefined;
  return compareNumbers(left.value as number, right.value as number);
}

function kindOf(value: unknown): string {
  if (value instanceof Temporal) return value.kind;
  if (value instanceof Quantity) return 'Quantity';
  return typeof value === 'object' ? 'FHIR element' : typeof value;
}
