import { elements } from '../elements.ts';
import type { Element, Resource } from '../resource.ts';

/** An element of a snapshot with what stands below it (http://hl7.org/fhir/R4/elementdefinition.html). */
export interface ElementNode {
  definition: Element;
  /** The last part of the path, e.g. `value[x]`. */
  name: string;
  children: ElementNode[];
  slices: ElementNode[];
}

/** The snapshot of a StructureDefinition as a tree: its elements by their ids. Throws an Error where it has none. */
export function elementTree(structure: Resource): ElementNode {
  const byId = new Map<string, ElementNode>();
  let root: ElementNode | undefined;
  for (const definition of elements(structure.snapshot as Element, 'element')) {
    const id = String(definition.id);
    const name = String(definition.path).split('.').at(-1)!;
    const node: ElementNode = { definition, name, children: [], slices: [] };
    byId.set(id, node);
    if (!root) {
      root = node;
      continue;
    }
    const colon = id.lastIndexOf(':');
    const dot = id.lastIndexOf('.');
    if (colon > dot) sliced(byId, id, colon)?.slices.push(node);
    else byId.get(id.slice(0, dot))?.children.push(node);
  }
  if (!root) throw new Error(`${structure.url} has no snapshot`);
  return root;
}

/** The element of which one is a slice; a slice of a slice, `a:b/c`, belongs to the element as well. */
function sliced(byId: ReadonlyMap<string, ElementNode>, id: string, colon: number): ElementNode | undefined {
  return byId.get(id.slice(0, colon));
}

/** The least and the most that a cardinality allows. */
export function cardinality({ definition }: ElementNode): { min: number; max: number } {
  const { min, max } = definition;
  return {
    min: typeof min === 'number' ? min : 0,
    max: max === '*' || max === undefined ? Number.POSITIVE_INFINITY : Number(max),
  };
}

/** Whether an element is an array in JSON: by what the base says of it, whatever a profile narrows it to. */
export function isArray({ definition }: ElementNode): boolean {
  const base = definition.base as Element | undefined;
  const max = base?.max ?? definition.max;
  return max !== '1' && max !== '0';
}

/** The codes of the types that an element can have; a system type of FHIRPath is a string here. */
export function typeCodes({ definition }: ElementNode): string[] {
  const codes = elements(definition, 'type').map(({ code }) => String(code));
  return [...new Set(codes)].map((code) =>
    code.startsWith('http://hl7.org/fhirpath/System.') ? 'string' : code,
  );
}
