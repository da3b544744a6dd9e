import { compilePath, type Found, type Path } from '../fhirpath/places.ts';
import { type ElementType, membersOf, type Property, propertyOf } from '../fhirpath/types.ts';
import { refusals, refuse } from '../refusal.ts';
import type { Element, Resource } from '../resource.ts';
import {
  insertItem,
  listLength,
  moveItem,
  type PatchValue,
  propertyFor,
  put,
  replaceItem,
  withChild,
} from './children.ts';
import { contentAt, edited, type Holder, isHolder, withMember, withoutMember } from './document.ts';
import { checkIdentity, mostPathOperations, mostPathSteps, mostPathText } from './limits.ts';
import { type PatchOperation, readOperations } from './parameters.ts';
import { removed } from './removal.ts';

/**
 * Applies a FHIRPath Patch (http://hl7.org/fhir/R4/fhirpatch.html) and gives a new resource, which shares with the
 * old one what did not change. Refuses with 400 (`invalidPatch`) what is no patch or has a path that cannot be
 * evaluated; with 422 a path that selects nothing (`patchTargetMissing`) or several elements
 * (`patchTargetAmbiguous`), what cannot be done (`patchRefused`), what is too much (`patchTooLarge`), and a change of
 * the type or id (`patchProtected`).
 */
export function applyFhirPathPatch(resource: Resource, parameters: unknown): Resource {
  const operations = readOperations(parameters);
  const text = operations.reduce((length, { path }) => length + path.length, 0);
  if (operations.length > mostPathOperations || text > mostPathText) throw refuse(refusals.patchTooLarge);
  const patched = operations.reduce(apply, resource);
  checkIdentity(resource, patched);
  return patched;
}

type Apply = (resource: Resource, operation: PatchOperation, path: Path) => Holder;

const operationTypes: Readonly<Record<string, Apply>> = {
  add: (resource, operation, path) => {
    const element = one(path.find(resource), operation);
    const name = required(operation, 'name');
    const value = required(operation, 'value');
    return inElement(resource, element, (holder) =>
      withChild(holder, element.type, name, value, operation.label),
    );
  },
  insert: (resource, operation, path) =>
    inList(resource, operation, path, (holder, property, count) => {
      const at = position(operation, 'index', count);
      return insertItem(holder, property, at, required(operation, 'value'));
    }),
  delete: (resource, operation, path) => {
    const found = path.find(resource);
    return found.length === 0 ? resource : removed(resource, one(found, operation).place);
  },
  replace: (resource, operation, path) => {
    const { place, holderType } = one(path.find(resource), operation);
    if (!holderType)
      throw refuse(refusals.patchRefused, [
        operation.label,
        { zh: '不能替换资源本身', en: 'the resource itself cannot be replaced' },
      ]);
    const value = required(operation, 'value');
    const last = place.at(-1)!;
    if (typeof last === 'number') {
      const property = propertyOf(holderType, String(place.at(-2)));
      return edited(resource, place.slice(0, -2), (holder) => replaceItem(holder, property, last, value));
    }
    return edited(resource, place.slice(0, -1), (holder) =>
      replaceMember(holder, holderType, last, value, operation),
    );
  },
  move: (resource, operation, path) =>
    inList(resource, operation, path, (holder, property, count) => {
      const from = position(operation, 'source', count - 1);
      return moveItem(holder, property, from, position(operation, 'destination', count - 1));
    }),
};

function apply(resource: Resource, operation: PatchOperation): Resource {
  const { type, label, path } = operation;
  if (!Object.hasOwn(operationTypes, type))
    throw refuse(refusals.invalidPatch, [
      label,
      {
        zh: `「type」须为 ${Object.keys(operationTypes).join('、')} 之一`,
        en: `"type" is one of ${Object.keys(operationTypes).join(', ')}`,
      },
    ]);
  try {
    return operationTypes[type]!(resource, operation, compilePath(path, mostPathSteps)) as Resource;
  } catch (error) {
    if (error instanceof RangeError) throw refuse(refusals.patchTooLarge);
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof ReferenceError)
      throw refuse(refusals.invalidPatch, [
        label,
        {
          zh: `路径无法计算(${error.message.slice(0, 200)})`,
          en: `the path cannot be evaluated (${error.message.slice(0, 200)})`,
        },
      ]);
    throw error;
  }
}

/** The one element that a path selects. */
function one(found: readonly Found[], { label, path }: PatchOperation): Found {
  if (found.length === 0) throw refuse(refusals.patchTargetMissing, [label, path.slice(0, 200)]);
  if (found.length > 1)
    throw refuse(refusals.patchTargetAmbiguous, [label, path.slice(0, 200), String(found.length)]);
  return found[0]!;
}

function required<K extends 'name' | 'value'>(
  operation: PatchOperation,
  part: K,
): NonNullable<PatchOperation[K]> {
  const given = operation[part];
  if (given === undefined)
    throw refuse(refusals.invalidPatch, [
      operation.label,
      { zh: `缺少部分「${part}」`, en: `the part "${part}" is missing` },
    ]);
  return given;
}

function position(operation: PatchOperation, part: 'index' | 'source' | 'destination', most: number): number {
  const given = operation[part];
  if (given === undefined)
    throw refuse(refusals.invalidPatch, [
      operation.label,
      { zh: `缺少部分「${part}」`, en: `the part "${part}" is missing` },
    ]);
  if (given < 0 || given > most)
    throw refuse(refusals.patchRefused, [
      operation.label,
      {
        zh: `「${part}」为 ${given},最后一个为 ${most}`,
        en: `"${part}" is ${given}, the last one is ${most}`,
      },
    ]);
  return given;
}

/** Changes the list that a path names, which need not be there yet. */
function inList(
  resource: Resource,
  operation: PatchOperation,
  { last }: Path,
  change: (holder: Holder, property: Property, count: number) => Holder,
): Holder {
  if (!last)
    throw refuse(refusals.patchRefused, [
      operation.label,
      { zh: '路径末尾须为数组元素的名称', en: 'the path does not end in the name of a list' },
    ]);
  const element = one(last.holders(resource), operation);
  const value = operation.value ?? { content: undefined, sibling: undefined, suffix: undefined };
  const property = propertyFor(element.type, last.name, value, operation.label);
  if (!property.repeats)
    throw refuse(refusals.patchRefused, [
      operation.label,
      { zh: `${last.name} 不可重复`, en: `${last.name} may not repeat` },
    ]);
  return inElement(resource, element, (holder) => change(holder, property, listLength(holder, property)));
}

/** Changes an element: its object, or for a primitive the object beside it. */
function inElement(
  resource: Resource,
  { place, value, sibling }: Found,
  edit: (holder: Holder) => Holder,
): Holder {
  if (isHolder(value)) return edited(resource, place, edit);
  const changed = { value: edit(isHolder(sibling) ? sibling : {}) };
  const last = place.at(-1)!;
  if (typeof last !== 'number')
    return edited(resource, place.slice(0, -1), (holder) => withMember(holder, `_${last}`, changed));
  const key = String(place.at(-2));
  return edited(resource, place.slice(0, -2), (holder) => {
    const list = (holder as Element)[key] as unknown[];
    const siblings = (contentAt({ value: holder }, [`_${key}`])?.value ?? list.map(() => null)) as unknown[];
    return withMember(holder, `_${key}`, {
      value: siblings.map((old, at) => (at === last ? changed.value : old)),
    });
  });
}

/** A choice element may get another type, and then stands under another name. */
function replaceMember(
  holder: Holder,
  type: ElementType,
  key: string,
  value: PatchValue,
  { label }: PatchOperation,
): Holder {
  const name = choiceName(type, key);
  if (name === undefined) return put(holder, propertyOf(type, key), value);
  const { siblingKey } = propertyOf(type, key);
  const rest = withoutMember(withoutMember(holder, key), siblingKey);
  return put(rest, propertyFor(type, name, value, label), value);
}

/** `value` for `valueQuantity`; undefined when the property is none of a choice element. */
function choiceName(type: ElementType, key: string): string | undefined {
  for (const { index } of key.matchAll(/[A-Z]/g)) {
    const properties = membersOf(type, key.slice(0, index));
    if (properties.length > 1 && properties.some((property) => property.key === key))
      return key.slice(0, index);
  }
  return undefined;
}
