import type { Definitions } from '../definitions/definitions.ts';
import type { Element, Resource } from '../resource.ts';

/** How an element stands in XML (http://hl7.org/fhir/R4/xml.html). */
export type Form = 'primitive' | 'complex' | 'resource' | 'narrative' | 'attribute';

/** Where and how one member stands in its parent: `valueQuantity` has the place of `value[x]`. */
export interface Place {
  /** Its name, in JSON and XML alike. */
  name: string;
  form: Form;
  /** A FHIR type (`Quantity`, `code`), or the path of elements that are defined in place (`Patient.contact`). */
  type: string;
  repeats: boolean;
  /** The place in the order of the definition; attributes stand before all elements. */
  order: number;
}

/** The members of a type by their names, in the order of the definition. */
export type Layout = ReadonlyMap<string, Place>;

/** The layouts of all types, each read from its definition when it is first asked for. */
export interface Layouts {
  /** The layout of a type, or of the path of elements that are defined in place. */
  of(type: string): Layout;
  /** Whether there is a resource of this type. */
  isResource(name: string): boolean;
  /** The layouts of all types and paths, for another thread. */
  all(): ReadonlyMap<string, Layout>;
}

interface Definition extends Element {
  path: string;
  max?: string;
  type?: { code: string }[];
  contentReference?: string;
  representation?: string[];
}

const base = 'http://hl7.org/fhir/StructureDefinition/';

/** Where a resource of any type can stand. */
const anyResource = ['Resource', 'DomainResource'];

const known = new WeakMap<Definitions, Layouts>();

/** The layouts by the snapshots of the definitions. */
export function layoutsOf(definitions: Definitions): Layouts {
  let layouts = known.get(definitions);
  if (!layouts) {
    layouts = createLayouts(definitions);
    known.set(definitions, layouts);
  }
  return layouts;
}

function createLayouts(definitions: Definitions): Layouts {
  const resources = new Set(definitions.resourceTypes);
  const layouts = new Map<string, Map<string, Place>>();
  const nothing: Layout = new Map();

  function read(type: string): void {
    const structure = definitions.find('StructureDefinition', base + type) as
      | (Resource & { snapshot?: { element: Definition[] } })
      | undefined;
    layouts.set(type, new Map());
    for (const [order, element] of (structure?.snapshot?.element ?? []).entries()) {
      const dot = element.path.lastIndexOf('.');
      if (dot < 0 || element.max === '0') continue;
      const parent = element.path.slice(0, dot);
      let layout = layouts.get(parent);
      if (!layout) {
        layout = new Map();
        layouts.set(parent, layout);
      }
      for (const type of typesOf(element)) {
        const place = placeOf(element, type, order);
        layout.set(place.name, place);
      }
    }
  }

  function placeOf(element: Definition, type: string, order: number): Place {
    const form = formOf(element, type);
    return {
      name: nameOf(element, type),
      form,
      type,
      repeats: element.max !== '1',
      order: form === 'attribute' ? -1 : order,
    };
  }

  function formOf({ representation }: Definition, type: string): Form {
    if (representation?.includes('xmlAttr')) return 'attribute';
    if (type === 'xhtml') return 'narrative';
    // Some places are for resources of one type.
    if (resources.has(type) || anyResource.includes(type)) return 'resource';
    return /^[a-z]/.test(type) ? 'primitive' : 'complex';
  }

  return {
    of: (type) => {
      const root = type.split('.', 1)[0]!;
      if (!layouts.has(root)) read(root);
      return layouts.get(type) ?? nothing;
    },
    isResource: (name) => resources.has(name),
    all: () => {
      for (const { kind, type } of definitions.all<Resource & { kind: string; type: string }>(
        'StructureDefinition',
      ))
        if (kind !== 'logical' && !layouts.has(type)) read(type);
      return layouts;
    },
  };
}

/** `value[x]` that is a Quantity is `valueQuantity`. */
function nameOf({ path }: Definition, type: string): string {
  const name = path.slice(path.lastIndexOf('.') + 1);
  return name.endsWith('[x]') ? name.slice(0, -3) + type[0]!.toUpperCase() + type.slice(1) : name;
}

function typesOf({ path, type = [], contentReference }: Definition): string[] {
  if (contentReference) return [contentReference.slice(1)];
  return type.map(({ code }) => {
    if (code === 'BackboneElement' || code === 'Element') return path;
    return code.startsWith('http://hl7.org/fhirpath/') ? 'string' : code;
  });
}
