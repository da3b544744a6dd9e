import type { ElementDefinition } from '../element-definition.ts';

/** An element of a snapshot with the elements under it and its slices. */
export interface SnapshotNode {
  readonly definition: ElementDefinition;
  readonly children: Map<string, SnapshotNode>;
  readonly slices: SnapshotNode[];
}

/**
 * The elements of a snapshot as a tree, by their ids (http://hl7.org/fhir/R4/elementdefinition.html#id), such as
 * `Observation.component:SystolicBP.code`. A slice `a/b` is a slice of the slice `a`.
 */
export function treeOf(elements: readonly ElementDefinition[]): SnapshotNode {
  const nodes = new Map<string, SnapshotNode>();
  const root: SnapshotNode = { definition: elements[0]!, children: new Map(), slices: [] };
  nodes.set(elements[0]!.id, root);
  for (const definition of elements.slice(1)) {
    const node: SnapshotNode = { definition, children: new Map(), slices: [] };
    nodes.set(definition.id, node);
    const { parent, name, slice } = readId(definition.id);
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

function readId(id: string): { parent: string; name: string; slice: string | undefined } {
  const dot = id.lastIndexOf('.');
  const [name, slice] = id.slice(dot + 1).split(':', 2) as [string, string | undefined];
  return { parent: id.slice(0, dot), name, slice };
}
