import { type Refusal, refusals, refuse } from '../refusal.ts';
import { type Element, isElement, type Resource } from '../resource.ts';
import {
  type Content,
  contentAt,
  contentOf,
  edited,
  type Holder,
  isHolder,
  type Place,
  sizeOf,
  spliced,
  withMember,
  withoutMember,
} from './document.ts';
import { checkIdentity, mostCopied, mostOperations } from './limits.ts';
import { parsePointer, positionOf } from './pointer.ts';

/** A patch on its way: the document so far, and what its operations have used up. */
interface Patch {
  document: Content;
  /** Lists that have lost their last item: FHIR has no empty ones, so they go at the end. */
  emptied: Place[];
  copied: number;
}

/** One operation, checked for form. */
interface Operation extends Element {
  /** How it is named to people, e.g. `2 (replace /birthDate)`. */
  label: string;
  path: string[];
  pointer: string;
}

/**
 * Applies a JSON Patch (RFC 6902, http://hl7.org/fhir/R4/http.html#patch) and gives a new resource, which shares
 * with the old one what did not change. Lists that lose their last item are removed, since FHIR has no empty ones.
 * Refuses with 400 (`invalidPatch`) what is no patch; with 422 what cannot be done (`patchTargetMissing`,
 * `patchTestFailed`, `patchRefused`), what is too much (`patchTooLarge`), and a change of the type or id
 * (`patchProtected`).
 */
export function applyJsonPatch(resource: Resource, operations: unknown): Resource {
  if (!Array.isArray(operations))
    throw refuse(refusals.notAPatch, [
      { zh: 'JSON Patch 须为操作的数组', en: 'a JSON Patch is a list of operations' },
    ]);
  if (operations.length > mostOperations) throw refuse(refusals.patchTooLarge);
  const patch: Patch = { document: { value: resource }, emptied: [], copied: 0 };
  for (const [index, operation] of operations.entries()) apply(patch, readOperation(operation, index));
  for (const place of patch.emptied) removeIfEmpty(patch, place);
  const patched = patch.document.value;
  if (!isElement(patched)) throw refuse(refusals.patchProtected, ['resourceType']);
  checkIdentity(resource, patched as Resource);
  return patched as Resource;
}

type Apply = (patch: Patch, operation: Operation) => void;

const operationKinds: Readonly<Record<string, Apply>> = {
  add: (patch, operation) => add(patch, operation, valueOfOperation(operation)),
  remove: (patch, operation) => remove(patch, operation, operation.path),
  replace: (patch, operation) => {
    const value = valueOfOperation(operation);
    const { holder, key, place } = target(patch, operation, operation.path);
    if (holder) change(patch, place, (old) => withMember(old, key, value));
    else patch.document = value;
  },
  move: (patch, operation) => {
    const from = readPointer(operation, 'from');
    const content = existing(patch, operation, from);
    if (operation.pointer.startsWith(`${operation.from}/`))
      throw refuse(refusals.patchRefused, [
        operation.label,
        { zh: '不能把值移到它自身之中', en: 'a value cannot be moved into itself' },
      ]);
    if (operation.pointer === operation.from) return;
    remove(patch, operation, from);
    add(patch, operation, content);
  },
  copy: (patch, operation) => {
    const content = existing(patch, operation, readPointer(operation, 'from'));
    patch.copied += sizeOf(content.value, mostCopied);
    if (patch.copied > mostCopied) throw refuse(refusals.patchTooLarge);
    add(patch, operation, content);
  },
  test: (patch, operation) => {
    const expected = valueOfOperation(operation).value;
    const { value } = existing(patch, operation, operation.path);
    if (!isSame(value, expected))
      throw refuse(refusals.patchTestFailed, [operation.label, operation.pointer]);
  },
};

function apply(patch: Patch, operation: Operation): void {
  operationKinds[operation.op as string]!(patch, operation);
}

function readOperation(operation: unknown, index: number): Operation {
  const number = String(index + 1);
  if (!isElement(operation))
    throw refuse(refusals.invalidPatch, [number, { zh: '操作须为对象', en: 'an operation is an object' }]);
  const { op, path } = operation;
  if (typeof op !== 'string' || !Object.hasOwn(operationKinds, op))
    throw refuse(refusals.invalidPatch, [
      number,
      {
        zh: `「op」须为 ${Object.keys(operationKinds).join('、')} 之一`,
        en: `"op" is one of ${Object.keys(operationKinds).join(', ')}`,
      },
    ]);
  const label = `${number} (${op}${typeof path === 'string' ? ` ${path.slice(0, 200)}` : ''})`;
  const pointer = typeof path === 'string' ? path : '';
  return { ...operation, label, pointer, path: readPointer({ ...operation, label }, 'path') };
}

function readPointer(operation: Element, name: 'path' | 'from'): string[] {
  const pointer = operation[name];
  const label = String(operation.label);
  if (typeof pointer !== 'string')
    throw refuse(refusals.invalidPatch, [label, { zh: `缺少「${name}」`, en: `"${name}" is missing` }]);
  try {
    return parsePointer(pointer);
  } catch (error) {
    throw refuse(refusals.invalidPatch, [
      label,
      { zh: `「${name}」不是 JSON Pointer`, en: (error as SyntaxError).message },
    ]);
  }
}

function valueOfOperation(operation: Operation): Content {
  const content = contentOf(operation, 'value');
  if (!content)
    throw refuse(refusals.invalidPatch, [operation.label, { zh: '缺少「value」', en: '"value" is missing' }]);
  return content;
}

function add(patch: Patch, operation: Operation, content: Content): void {
  const { place, key: token } = parent(patch, operation, operation.path);
  if (token === undefined) {
    patch.document = content;
    return;
  }
  change(patch, place, (holder) => {
    if (!Array.isArray(holder)) return withMember(holder, token, content);
    const position = positionOf(token, holder.length);
    if (position === undefined || position > holder.length) throw missing(operation, operation.path);
    return spliced(holder, position, 0, [content]);
  });
}

function remove(patch: Patch, operation: Operation, path: readonly string[]): void {
  const { holder, key, place } = target(patch, operation, path);
  if (!holder)
    throw refuse(refusals.patchRefused, [
      operation.label,
      { zh: '不能移除资源本身', en: 'the resource itself cannot be removed' },
    ]);
  change(patch, place, (old) => withoutMember(old, key));
  if (Array.isArray(holder) && holder.length === 1) patch.emptied.push(place);
}

function removeIfEmpty(patch: Patch, place: Place): void {
  const content = contentAt(patch.document, place);
  if (!Array.isArray(content?.value) || content.value.length > 0 || place.length === 0) return;
  change(patch, place.slice(0, -1), (holder) => withoutMember(holder, place.at(-1)!));
}

function change(patch: Patch, place: Place, edit: (holder: Holder) => Holder): void {
  patch.document = { value: edited(patch.document.value as Holder, place, edit) };
}

function existing(patch: Patch, operation: Operation, path: readonly string[]): Content {
  const { holder, key } = target(patch, operation, path);
  return holder ? contentOf(holder, key)! : patch.document;
}

/** The holder of what a pointer points at, and its key there; without a holder it is the whole document. */
function target(
  patch: Patch,
  operation: Operation,
  path: readonly string[],
): { holder: Holder; key: string | number; place: Place } | { holder: undefined; key: ''; place: Place } {
  const { holder, key: token, place } = parent(patch, operation, path);
  if (token === undefined) return { holder: undefined, key: '', place };
  const key = Array.isArray(holder) ? index(token) : token;
  if (key === undefined || !Object.hasOwn(holder, key)) throw missing(operation, path);
  return { holder, key, place };
}

function parent(
  patch: Patch,
  operation: Operation,
  path: readonly string[],
): { holder: Holder; place: Place; key: string | undefined } {
  const place: (string | number)[] = [];
  const document = patch.document.value;
  // An operation before may have put a plain value in the place of the whole document.
  if (!isHolder(document)) throw missing(operation, path);
  let holder = document;
  for (const token of path.slice(0, -1)) {
    const key = Array.isArray(holder) ? index(token) : token;
    const inner = key === undefined ? undefined : contentOf(holder, key)?.value;
    if (!isHolder(inner)) throw missing(operation, path);
    place.push(key!);
    holder = inner;
  }
  return { holder, place, key: path.at(-1) };
}

function index(token: string): number | undefined {
  return token === '-' ? undefined : positionOf(token, 0);
}

function missing(operation: Operation, path: readonly string[]): Refusal {
  return refuse(refusals.patchTargetMissing, [operation.label, `/${path.join('/').slice(0, 200)}`]);
}

/** RFC 6902, 4.6: numbers are compared by value, objects without regard to order. */
function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (!isHolder(left) || !isHolder(right) || Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => {
      const other = contentOf(right, key);
      return other !== undefined && isSame(contentOf(left, key)!.value, other.value);
    })
  );
}
