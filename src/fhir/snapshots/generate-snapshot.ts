import {
  canonicalOfType,
  type ElementDefinition,
  type ElementType,
  type Slicing,
  type StructureDefinition,
  typeName,
} from './element-definition.ts';
import { mergeElement } from './merge-element.ts';
import { elementsOf, idsOf, leaf, type SnapshotNode, treeOf } from './snapshot-tree.ts';
import { type Widening, wideningsOf } from './widening.ts';

/** Finds a definition, with its snapshot, by its canonical URL. */
export type FindDefinition = (url: string) => StructureDefinition | undefined;

/** What is wrong with an element of a differential that has its place in the base. */
export interface SnapshotProblem {
  index: number;
  path: string;
  what: Widening | 'slicing';
}

/** A snapshot, or what keeps it from being made: the element of the differential that has no place in the base. */
export type Generated =
  | { element: ElementDefinition[]; problems: SnapshotProblem[] }
  | { unknownBase: string }
  | { misplaced: { path: string; index: number }[] };

/**
 * The snapshot of a definition that has a differential only (http://hl7.org/fhir/R4/profiling.html#snapshot): what its
 * base says, with what the differential says over it, and inside of types and extensions as far as the differential goes.
 */
export function generateSnapshot(definition: StructureDefinition, find: FindDefinition): Generated {
  const { url, type, baseDefinition = '', differential } = definition;
  const base = find(baseDefinition);
  if (!base?.snapshot) return { unknownBase: baseDefinition };
  const root = treeOf(base.snapshot.element);
  const isNewType = definition.derivation !== 'constraint';
  if (isNewType) root.definition = { ...root.definition, path: type };
  const inOrder = differential?.element ?? [];
  const ids = idsOf(inOrder);
  const misplaced: { path: string; index: number }[] = [];
  const problems: SnapshotProblem[] = [];
  const context: Context = { find, root, isNewType, choices: new Map(), unsliced: new Set() };
  for (const [index, element] of inOrder.entries()) {
    const node = nodeAt(root, ids[index]!.split('.'), context);
    if (!node) misplaced.push({ path: element.path, index });
    else {
      const { path } = element;
      if (!isNewType)
        for (const what of wideningsOf(node.definition, element, find)) problems.push({ index, path, what });
      if (context.unsliced.delete(node)) problems.push({ index, path, what: 'slicing' });
      const { sliceName, ...rest } = element;
      const own = node.definition.sliceName ?? sliceName;
      const stated = { ...rest, path: node.definition.path, ...(own !== undefined && { sliceName: own }) };
      node.definition = mergeElement(node.definition, stated as ElementDefinition, url);
    }
  }
  return misplaced.length > 0 ? { misplaced } : { element: elementsOf(root), problems };
}

interface Context {
  find: FindDefinition;
  root: SnapshotNode;
  isNewType: boolean;
  /** Choices whose types have been narrowed by naming them, as they were before. */
  choices: Map<SnapshotNode, ElementDefinition>;
  /** New slices of elements of which nothing says how they are sliced. */
  unsliced: Set<SnapshotNode>;
}

/** The node of an id of the differential; slices, and what is inside of types, are made as they are named. */
function nodeAt(root: SnapshotNode, segments: readonly string[], context: Context): SnapshotNode | undefined {
  if (segments[0] !== root.definition.path) return undefined;
  let node: SnapshotNode | undefined = root;
  for (const segment of segments.slice(1)) {
    const colon = segment.indexOf(':');
    const name = colon === -1 ? segment : segment.slice(0, colon);
    const slice = colon === -1 ? undefined : segment.slice(colon + 1);
    node = childOf(node, name, context);
    if (node && slice !== undefined) {
      const sliced: SnapshotNode = node;
      node = sliceOf(sliced, slice);
      if (!sliced.definition.slicing && !slice.includes('/')) context.unsliced.add(node);
    }
    if (!node) return undefined;
  }
  return node;
}

function childOf(node: SnapshotNode, name: string, context: Context): SnapshotNode | undefined {
  if (node.children.size === 0) expand(node, context);
  const child = node.children.get(name);
  if (child) return child;
  for (const [choice, found] of node.children) {
    if (!choice.endsWith('[x]')) continue;
    const known = findSlice(found, name);
    if (known) return known;
    const type = typeOfChoice(context.choices.get(found) ?? found.definition, choice, name);
    if (type) return chosenType(found, name, type, context);
  }
  if (!context.isNewType) return undefined;
  const added = leaf({ id: '', path: `${node.definition.path}.${name}`, min: 0, max: '1' });
  node.children.set(name, added);
  return added;
}

function typeOfChoice({ type = [] }: ElementDefinition, choice: string, name: string) {
  const stem = choice.slice(0, -3);
  if (!name.startsWith(stem)) return undefined;
  return type.find((one) => name === stem + typeName(one)[0]!.toUpperCase() + typeName(one).slice(1));
}

/**
 * `valueQuantity` in a path stands for the slice of `value[x]` that has this type, and leaves the choice no others than
 * those that are named so, unless the slicing says otherwise.
 */
function chosenType(
  choice: SnapshotNode,
  name: string,
  type: ElementType,
  { choices }: Context,
): SnapshotNode {
  const isSliced = choice.definition.slicing !== undefined;
  const whole = choices.get(choice);
  const slice = sliceOf(choice, name, type);
  if (whole || !isSliced) {
    const before = whole ? (choice.definition.type ?? []) : [];
    if (!whole) choices.set(choice, choice.definition);
    const slicing = { ...choice.definition.slicing!, rules: 'closed' as const };
    choice.definition = { ...choice.definition, slicing, type: [...before, type] };
  }
  return slice;
}

/** The elements inside of an element are those of its type, or of the one that it repeats. */
function expand(node: SnapshotNode, { find, root }: Context): void {
  const { contentReference, type = [] } = node.definition;
  const source = contentReference
    ? repeated(contentReference, root)
    : treeOfDefinition(definitionOf(type, find));
  for (const [name, child] of source?.children ?? []) node.children.set(name, copyOf(child));
}

function repeated(contentReference: string, root: SnapshotNode): SnapshotNode | undefined {
  let node: SnapshotNode | undefined = root;
  const names = contentReference.slice(contentReference.indexOf('#') + 1).split('.');
  for (const name of names.slice(1)) node = node?.children.get(name);
  return node;
}

function treeOfDefinition(definition: StructureDefinition | undefined): SnapshotNode | undefined {
  return definition?.snapshot && treeOf(definition.snapshot.element);
}

function definitionOf(types: readonly ElementType[], find: FindDefinition): StructureDefinition | undefined {
  const codes = new Set(types.map(typeName));
  if (codes.size > 1) return find(canonicalOfType('Element'));
  const [first] = types;
  if (!first) return undefined;
  const profile = types.length === 1 && first.profile?.length === 1 ? find(first.profile[0]!) : undefined;
  return profile?.snapshot ? profile : find(canonicalOfType(typeName(first)));
}

/** The slice of an element, of which `a/b` is one of the slice `a`; made from the element where it is new. */
function sliceOf(node: SnapshotNode, name: string, type?: ElementType): SnapshotNode {
  const known = findSlice(node, name);
  if (known) return known;
  const outer = name.includes('/') ? findSlice(node, name.slice(0, name.lastIndexOf('/'))) : undefined;
  const sliced = outer ?? node;
  const { slicing, min: _, ...definition } = sliced.definition;
  const path = definition.path.slice(definition.path.lastIndexOf('.') + 1);
  const chosen =
    type ?? (path.endsWith('[x]') ? typeOfChoice(definition as ElementDefinition, path, name) : undefined);
  const implied = slicing ?? impliedSlicing(definition as ElementDefinition, path);
  sliced.definition = { ...sliced.definition, ...(implied && { slicing: implied }) };
  const slice = copyOf({ ...sliced, slices: [] });
  slice.definition = {
    ...definition,
    min: 0,
    sliceName: name,
    ...(chosen && { type: [chosen] }),
  } as ElementDefinition;
  sliced.slices.push(slice);
  return slice;
}

function findSlice({ slices }: SnapshotNode, name: string): SnapshotNode | undefined {
  for (const slice of slices) {
    if (slice.definition.sliceName === name) return slice;
    const inner = findSlice(slice, name);
    if (inner) return inner;
  }
  return undefined;
}

/** Extensions are always told apart by their URLs, and choices by their types. */
function impliedSlicing({ type }: ElementDefinition, path: string): Slicing | undefined {
  if (type?.[0]?.code === 'Extension')
    return { discriminator: [{ type: 'value', path: 'url' }], ordered: false, rules: 'open' };
  if (path.endsWith('[x]'))
    return { discriminator: [{ type: 'type', path: '$this' }], ordered: false, rules: 'open' };
  return undefined;
}

function copyOf({ definition, children, slices }: SnapshotNode): SnapshotNode {
  return {
    definition,
    children: new Map([...children].map(([name, child]) => [name, copyOf(child)])),
    slices: slices.map(copyOf),
  };
}
