import { type Element, isElement, isResource } from '../../resource.ts';

/** One occurrence of an element. */
export interface Instance {
  /** Undefined for a primitive that has only an id or extensions. */
  readonly value: unknown;
  /** The id and extensions of a primitive. */
  readonly sibling: Element | undefined;
  readonly type: string;
  /** Its place in a list; -1 for an element that does not repeat. */
  readonly index: number;
}

/** A JSON property that an element can be found under, and the type of its values. */
export interface Property {
  readonly json: string;
  readonly type: string;
}

/** The occurrences of an element in what holds it, in order. */
export function instancesOf(holder: Element, properties: readonly Property[]): Instance[] {
  const instances: Instance[] = [];
  for (const { json, type } of properties) {
    const value = holder[json];
    const sibling = holder[`_${json}`];
    if (value === undefined && sibling === undefined) continue;
    if (Array.isArray(value) || Array.isArray(sibling)) {
      const values = listOf(value);
      const siblings = listOf(sibling);
      for (let index = 0; index < Math.max(values.length, siblings.length); index++) {
        instances.push(instance(values[index], siblings[index], type, index));
      }
    } else {
      instances.push(instance(value, sibling, type, -1));
    }
  }
  return instances;
}

function instance(value: unknown, sibling: unknown, type: string, index: number): Instance {
  return {
    value: value ?? undefined,
    sibling: isElement(sibling) ? sibling : undefined,
    type: type === 'Resource' && isResource(value) ? value.resourceType : type,
    index,
  };
}

/** What holds the children of an occurrence: a complex value itself, or what stands beside a primitive one. */
export function holderOf({ value, sibling }: Instance): Element | undefined {
  return isElement(value) ? value : sibling;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
