import type { ElementDefinition } from './element-definition.ts';

/** An element of a snapshot with the elements under it and its slices. */
export interface SnapshotNode {
  definition: ElementDefinition;
  readonly children: Map<string, SnapshotNode>;
  readonly slices: SnapshotNode[];
}

/** A node without anything under it. */
export function leaf(definition: ElementDefinition): SnapshotNode {
  return { definition, children: new Map(), slices: [] };
}

/**
 * The elements of a snapshot as a tree, by their ids (http://hl7.org/fhir/R4/elementdefinition.html#id), such as
 * `Observation.component:SystolicBP.code`; where one has no id, by their order. A slice `a/b` is a slice of the slice `a`.
 */
export function treeOf(elements: readonly ElementDefinition[]): SnapshotNode {
  const nodes = new Map<string, SnapshotNode>();
  const root = leaf(elements[0]!);
  const ids = idsOf(elements);
  nodes.set(ids[0]!, root);
  for (const [at, definition] of elements.entries()) {
    if (at === 0) continue;
    const node = leaf(definition);
    nodes.set(ids[at]!, node);
    const { parent, name, slice } = readId(ids[at]!);
    if (slice === undefined) {
      nodes.get(parent)?.children.set(name, node);
    } else {
      const sliced = `${parent}.${name}`;
      const outer = slice.includes('/') ? `${sliced}:${slice.slice(0, slice.lastIndexOf('/'))}` : sliced;
      (nodes.get(outer) ?? nodes.get(sliced))?.slices.push(node);
    }
  }
  return root;
}

/** The elements of a tree in the order of a snapshot, with the ids and paths of their places. */
export function elementsOf(root: SnapshotNode): ElementDefinition[] {
  const elements: ElementDefinition[] = [];
  const visit = (node: SnapshotNode, id: string, path: string): void => {
    elements.push({ ...node.definition, id, path });
    for (const [name, child] of node.children) visit(child, `${id}.${name}`, `${path}.${name}`);
    for (const slice of node.slices) {
      const [sliced] = id.slice(id.lastIndexOf('.') + 1).split(':', 1);
      const place = `${id.slice(0, id.lastIndexOf('.') + 1)}${sliced}:${slice.definition.sliceName}`;
      visit(slice, place, path);
    }
  };
  visit(root, root.definition.path, root.definition.path);
  return elements;
}

/**
 * The ids of elements: those that they have, if they are those of their paths, else by their order, where an element
 * stands under the latest one of the path above it.
 */
export function idsOf(elements: readonly ElementDefinition[]): string[] {
  const latest = new Map<string, string>();
  return elements.map(({ id, path, sliceName }) => {
    const stated = id !== undefined && withoutSlices(id) === path ? id : undefined;
    const dot = path.lastIndexOf('.');
    const parent = dot === -1 ? undefined : (latest.get(path.slice(0, dot)) ?? path.slice(0, dot));
    const own = parent === undefined ? path : `${parent}.${path.slice(dot + 1)}`;
    const found = stated ?? (sliceName === undefined ? own : `${own}:${sliceName}`);
    latest.set(path, found);
    return found;
  });
}

function withoutSlices(id: string): string {
  return id
    .split('.')
    .map((part) => part.split(':', 1)[0])
    .join('.');
}

function readId(id: string): { parent: string; name: string; slice: string | undefined } {
  const dot = id.lastIndexOf('.');
  const [name, slice] = id.slice(dot + 1).split(':', 2) as [string, string | undefined];
  return { parent: id.slice(0, dot), name, slice };
}
