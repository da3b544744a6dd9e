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

/** The JSON properties that an element can be found under, with the type of the values of each. */
export type Properties = ReadonlyMap<string, string>;

/** The occurrences of an element in what holds it, in order. */
export function instancesOf(holder: Element, properties: Properties): Instance[] {
  const instances: Instance[] = [];
  if (properties.size === 1) {
    for (const [json, type] of properties) collect(holder, json, type, instances);
    return instances;
  }
  // A choice can have fifty types, but what holds it has few members.
  for (const name in holder) {
    const json = name.startsWith('_') ? name.slice(1) : name;
    const type = properties.get(json);
    const alone = name === json || holder[json] === undefined;
    if (type !== undefined && alone) collect(holder, json, type, instances);
  }
  return instances;
}

function collect(holder: Element, json: string, type: string, into: Instance[]): void {
  const value = holder[json];
  const sibling = holder[`_${json}`];
  if (value === undefined && sibling === undefined) return;
  if (Array.isArray(value) || Array.isArray(sibling)) {
    const values = listOf(value);
    const siblings = listOf(sibling);
    for (let index = 0; index < Math.max(values.length, siblings.length); index++) {
      into.push(instance(values[index], siblings[index], type, index));
    }
  } else {
    into.push(instance(value, sibling, type, -1));
  }
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
