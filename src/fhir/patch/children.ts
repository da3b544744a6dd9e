import { type ElementType, membersOf, type Property, unknownType } from '../fhirpath/types.ts';
import { refusals, refuse } from '../refusal.ts';
import { type Content, contentOf, type Holder, spliced, withMember, withoutMember } from './document.ts';

/** What is put into a resource: a value, the id and extensions of a primitive, and the type that the client gave it. */
export interface PatchValue {
  content: Content | undefined;
  sibling: Content | undefined;
  /** As in `value[x]`: `Quantity`, `Boolean`; undefined for content that is built from parts. */
  suffix: string | undefined;
  /** Builds the content where the client described it part by part. */
  build?: (type: ElementType) => Content;
}

/**
 * The element with one more child of that name: at the end of its list when it may repeat. Refuses
 * (`refusals.patchRefused`) a name that elements of the type do not have, and a second one of what may not repeat.
 */
export function withChild(
  element: Holder,
  type: ElementType,
  name: string,
  value: PatchValue,
  label: string,
): Holder {
  const property = propertyFor(type, name, value, label);
  const taken = membersOf(type, name).some(({ key, siblingKey }) => key in element || siblingKey in element);
  if (!property.repeats) {
    if (taken)
      throw refuse(refusals.patchRefused, [
        label,
        { zh: `已有 ${name},且不可重复`, en: `there is a ${name} already, and it may not repeat` },
      ]);
    return put(element, property, value);
  }
  return insertItem(element, property, listLength(element, property), value);
}

/** The property that content goes to under a name: for choice elements the one of the content's type. */
export function propertyFor(type: ElementType, name: string, value: PatchValue, label: string): Property {
  const candidates = membersOf(type, name);
  const property =
    candidates.length > 1 ? candidates.find(({ key }) => key === name + value.suffix) : candidates[0];
  if (!property || (property.type === unknownType && type !== unknownType))
    throw refuse(refusals.patchRefused, [
      label,
      {
        zh: `没有元素 ${name}${candidates.length > 1 ? value.suffix : ''}`,
        en: `there is no ${name}${candidates.length > 1 ? value.suffix : ''}`,
      },
    ]);
  return property;
}

/** The element with content under a property, in place of what stood there. */
export function put(element: Holder, { key, siblingKey, type }: Property, value: PatchValue): Holder {
  const bare = withoutMember(withoutMember(element, key), siblingKey);
  const content = contentFor(type, value);
  const result = content ? withMember(bare, key, content) : bare;
  return value.sibling ? withMember(result, siblingKey, value.sibling) : result;
}

/** The element with content put into a list at a position. */
export function insertItem(element: Holder, property: Property, at: number, value: PatchValue): Holder {
  return inLists(element, property, value, (list, content) => spliced(list, at, 0, [content]));
}

/** The element with content in a list in place of the item at a position. */
export function replaceItem(element: Holder, property: Property, at: number, value: PatchValue): Holder {
  return inLists(element, property, value, (list, content) => spliced(list, at, 1, [content]));
}

/** The element with the item of a list at another position, to which it is put once it has been taken out. */
export function moveItem(element: Holder, property: Property, from: number, to: number): Holder {
  return inLists(element, property, undefined, (list) =>
    spliced(spliced(list, from, 1, []), to, 0, [contentOf(list, from)!]),
  );
}

/** How many items the list of a property has. */
export function listLength(element: Holder, { key, siblingKey }: Property): number {
  return Math.max(...[key, siblingKey].map((name) => listOf(element, name)?.length ?? 0));
}

function contentFor(type: ElementType, value: PatchValue): Content | undefined {
  return value.build ? value.build(type) : value.content;
}

/**
 * Applies a change to the list of a property, and in step with it to the list of ids and extensions beside a list of
 * primitives, if there is one or there is to be one (http://hl7.org/fhir/R4/json.html#primitive).
 */
function inLists(
  element: Holder,
  property: Property,
  value: PatchValue | undefined,
  change: (list: unknown[], content: Content) => unknown[],
): Holder {
  const { key, siblingKey, type } = property;
  const count = listLength(element, property);
  const added: [string, Content | undefined][] = [
    [key, value && contentFor(type, value)],
    [siblingKey, value?.sibling],
  ];
  return added.reduce((result, [name, content]) => {
    const list = listOf(element, name);
    if (!list && !content) return result;
    return withMember(result, name, { value: change(padded(list ?? [], count), content ?? { value: null }) });
  }, element);
}

/** A list as long as the one beside it. */
function padded(list: unknown[], length: number): unknown[] {
  return list.length === length ? list : [...list, ...Array(length - list.length).fill(null)];
}

function listOf(element: Holder, key: string): unknown[] | undefined {
  const list = contentOf(element, key)?.value;
  return Array.isArray(list) ? list : undefined;
}
