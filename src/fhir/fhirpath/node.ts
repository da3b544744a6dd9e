import { isElement } from '../resource.ts';
import { type Quantity, quantityOf } from './quantity.ts';
import { parseDate, parseDateTime, parseTime, Temporal } from './temporal.ts';
import { type ElementType, type TypeName, typeNamed, unknownType } from './types.ts';

/** A value of the data, with its type and the place where it stands. */
export class Node {
  /** JSON; undefined or null for a primitive that has only an id or extensions. */
  readonly value: unknown;
  readonly type: ElementType;
  /** The id and extensions of a primitive. */
  readonly sibling: unknown;
  readonly parent: Node | undefined;
  /** The JSON property of the parent, and the position in it when it is an array. */
  readonly key: string;
  readonly index: number | undefined;

  constructor(
    value: unknown,
    type: ElementType,
    sibling?: unknown,
    parent?: Node,
    key = '',
    index?: number | undefined,
  ) {
    this.value = value;
    this.type = type;
    this.sibling = sibling;
    this.parent = parent;
    this.key = key;
    this.index = index;
  }
}

/** What a collection holds: a node of the data, or a value that was computed. */
export type Item = Node | string | number | boolean | Temporal | Quantity;
export type Items = readonly Item[];

export const empty: Items = Object.freeze([]);
const yes: Items = Object.freeze([true]);
const no: Items = Object.freeze([false]);

/** A truth value as a collection: undefined is empty. */
export function truth(value: boolean | undefined): Items {
  return value === undefined ? empty : value ? yes : no;
}

/** A value as a collection: undefined is empty. */
export function optional(value: Item | undefined): Items {
  return value === undefined ? empty : [value];
}

/** A node for data given from outside: a resource tells its type, other objects have `type`. */
export function nodeOf(value: unknown, type: ElementType): Node {
  return new Node(value, actualType(value, type));
}

/** The type of a value where `declared` is expected: what `resourceType` says, if resources may stand there. */
export function actualType(value: unknown, declared: ElementType): ElementType {
  if (!declared.abstract || !isElement(value)) return declared;
  return typeof value.resourceType === 'string' ? typeNamed(value.resourceType) : declared;
}

/** The items of a variable: objects become nodes, primitives are values; null and undefined are empty. */
export function itemsOf(variable: unknown): Items {
  if (variable === undefined || variable === null) return empty;
  if (!Array.isArray(variable)) return [itemOf(variable)];
  return variable.filter((value) => value !== undefined && value !== null).map(itemOf);
}

function itemOf(value: unknown): Item {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : nodeOf(value, unknownType);
}

/** The raw value of an item: JSON for a node. */
export function rawOf(item: Item): unknown {
  return item instanceof Node ? item.value : item;
}

/**
 * The value of an item as operators see it: FHIR dates, times and quantities become FHIRPath's own
 * (http://hl7.org/fhir/R4/fhirpath.html#types), everything else is JSON.
 */
export function operand(item: Item): unknown {
  if (!(item instanceof Node)) return item;
  const { value, type } = item;
  if (typeof value === 'string') {
    switch (type.name) {
      case 'dateTime':
      case 'instant':
        return parseDateTime(value) ?? value;
      case 'date':
        return parseDate(value) ?? value;
      case 'time':
        return type.namespace === 'FHIR' ? (parseTime(value) ?? value) : value;
      default:
        return value;
    }
  }
  return typeof value === 'object' && value !== null ? (quantityOf(value, type) ?? value) : value;
}

/** The type of an item as `is` sees it. */
export function typeOf(item: Item): TypeName {
  if (item instanceof Node && item.type !== unknownType) return item.type;
  const value = rawOf(item);
  if (typeof value === 'number')
    return { namespace: 'System', name: Number.isInteger(value) ? 'Integer' : 'Decimal' };
  if (typeof value === 'string') return { namespace: 'System', name: 'String' };
  if (typeof value === 'boolean') return { namespace: 'System', name: 'Boolean' };
  if (value instanceof Temporal) return { namespace: 'System', name: value.kind };
  return { namespace: 'System', name: item instanceof Node ? 'Object' : 'Quantity' };
}

/** The one string of a collection; undefined when there is none. Throws when there are several items or it is no string. */
export function stringOf(items: Items): string | undefined {
  const value = singleValue(items);
  if (value === undefined || typeof value === 'string') return value;
  throw new TypeError('A string was expected');
}

/** The one number of a collection; undefined when there is none. Throws when there are several items or it is no number. */
export function numberOf(items: Items): number | undefined {
  const value = singleValue(items);
  if (value === undefined || typeof value === 'number') return value;
  throw new TypeError('A number was expected');
}

/** The one integer of a collection; undefined when there is none. Throws otherwise. */
export function integerOf(items: Items): number | undefined {
  const value = numberOf(items);
  if (value === undefined || Number.isInteger(value)) return value;
  throw new TypeError('An integer was expected');
}

/**
 * The truth of a collection (http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections): a single item that
 * is no boolean counts as true. Throws when there are several items.
 */
export function booleanOf(items: Items): boolean | undefined {
  const value = singleValue(items);
  return value === undefined ? undefined : value !== false;
}

function singleValue(items: Items): unknown {
  if (items.length === 0) return undefined;
  return rawOf(single(items)!) ?? undefined;
}

/** The only item, or undefined. Throws when there are several. */
export function single(items: Items): Item | undefined {
  if (items.length > 1) throw new TypeError(`One item was expected, there are ${items.length}`);
  return items[0];
}
