import { isElement } from '../resource.ts';
import { actualType, empty, type Item, type Items, Node } from './node.ts';
import { type Evaluate, type Scope, spend } from './scope.ts';
import { type ElementType, membersOf, type Property, propertyOf } from './types.ts';

/** The member of that name of every item: `.name`. Choice elements are found whatever their type. */
export function member(input: Evaluate, name: string): Evaluate {
  let lastType: ElementType | undefined;
  let properties: readonly Property[] = [];
  return (self, scope) => {
    const items = input(self, scope);
    if (items.length === 0) return empty;
    const result: Item[] = [];
    for (const item of items) {
      if (!(item instanceof Node)) continue;
      if (item.type !== lastType) {
        lastType = item.type;
        properties = membersOf(lastType, name);
      }
      collect(item, properties, result);
    }
    spend(scope, items.length + result.length);
    return result;
  };
}

/** The children of that name of every item. */
export function childrenNamed(items: Items, name: string, scope: Scope): Items {
  const result: Item[] = [];
  for (const item of items) if (item instanceof Node) collect(item, membersOf(item.type, name), result);
  spend(scope, items.length + result.length);
  return result;
}

/** Adds the children of a node, whatever their names, to `result`. */
export function childrenOf(node: Node, result: Item[]): void {
  const holder = isElement(node.value) ? node.value : node.sibling;
  if (!isElement(holder)) return;
  for (const key of Object.keys(holder)) {
    if (key === 'resourceType') continue;
    if (!key.startsWith('_')) collectProperty(node, propertyOf(node.type, key), result);
    else if (!Object.hasOwn(holder, key.slice(1)))
      collectProperty(node, propertyOf(node.type, key.slice(1)), result);
  }
}

function collect(node: Node, properties: readonly Property[], result: Item[]): void {
  for (const property of properties) if (collectProperty(node, property, result)) return;
}

/** Adds the nodes of one JSON property to `result`; false when it is not there. */
function collectProperty(node: Node, { key, siblingKey, type }: Property, result: Item[]): boolean {
  const { value: holder, sibling: beside } = node;
  if (!isElement(holder)) {
    const value = isElement(beside) ? beside[key] : undefined;
    return value !== undefined && add(node, value, undefined, key, type, result);
  }
  const value = holder[key];
  const sibling = type.primitive ? holder[siblingKey] : undefined;
  return (value !== undefined || sibling !== undefined) && add(node, value, sibling, key, type, result);
}

function add(
  parent: Node,
  value: unknown,
  sibling: unknown,
  key: string,
  type: ElementType,
  result: Item[],
): boolean {
  if (!Array.isArray(value) && !Array.isArray(sibling)) {
    if (value != null || sibling != null)
      result.push(new Node(value, actualType(value, type), sibling, parent, key));
    return true;
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [];
  const siblings: readonly unknown[] = Array.isArray(sibling) ? sibling : [];
  const count = Math.max(values.length, siblings.length);
  for (let index = 0; index < count; index++) {
    const item = values[index];
    result.push(new Node(item, actualType(item, type), siblings[index], parent, key, index));
  }
  return true;
}
