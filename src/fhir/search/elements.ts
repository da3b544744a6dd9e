import type { Definitions } from '../definitions/definitions.ts';
import type { Element, Resource } from '../resource.ts';

/** One way in which an element can stand in JSON: `value[x]` of Observation has eleven, `valueQuantity` is one. */
export interface ElementForm {
  /** The member in JSON, e.g. `valueQuantity`. */
  property: string;
  /** A FHIR type (`Quantity`), or the path of elements that are defined in place (`Patient.contact`). */
  type: string;
  /** The code system of a `code`, when its required binding leaves no other. */
  system?: string;
  /** At least one value is demanded. */
  mandatory: boolean;
  /** It is part of summaries (http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.isSummary). */
  summary: boolean;
}

/** The elements of the FHIR types, from the snapshots of their StructureDefinitions. */
export interface Elements {
  /** The forms of the element `name` of a type or path; empty when it has none of that name. */
  forms(type: string, name: string): readonly ElementForm[];
  /** All forms of all elements of a type or path, by their names in JSON. */
  members(type: string): ReadonlyMap<string, ElementForm>;
}

interface Definition extends Element {
  path: string;
  min?: number;
  isSummary?: boolean;
  type?: { code: string }[];
  contentReference?: string;
  binding?: { strength: string; valueSet?: string };
}

const base = 'http://hl7.org/fhir/StructureDefinition/';

const known = new WeakMap<Definitions, Elements>();

/** The elements of the definitions; each StructureDefinition is read once, when it is first asked for. */
export function elementsOf(definitions: Definitions): Elements {
  let elements = known.get(definitions);
  if (!elements) {
    elements = createElements(definitions);
    known.set(definitions, elements);
  }
  return elements;
}

/** The forms of the elements of one type, by path. */
type Outline = Map<string, ElementForm[]>;

function createElements(definitions: Definitions): Elements {
  const outlines = new Map<string, Outline>();
  const members = new Map<string, ReadonlyMap<string, ElementForm>>();

  function outline(type: string): Outline {
    const root = type.split('.', 1)[0]!;
    let found = outlines.get(root);
    if (!found) {
      found = readSnapshot(definitions, root);
      outlines.set(root, found);
    }
    return found;
  }

  return {
    forms: (type, name) => outline(type).get(`${type}.${name}`) ?? [],
    members(type) {
      let found = members.get(type);
      if (!found) {
        const depth = type.split('.').length + 1;
        const own = [...outline(type)].filter(
          ([path]) => path.startsWith(`${type}.`) && path.split('.').length === depth,
        );
        found = new Map(own.flatMap(([, forms]) => forms.map((form) => [form.property, form] as const)));
        members.set(type, found);
      }
      return found;
    },
  };
}

function readSnapshot(definitions: Definitions, type: string): Outline {
  const outline: Outline = new Map();
  const structure = definitions.find('StructureDefinition', base + type) as
    | (Resource & { kind?: string; snapshot?: { element: Definition[] } })
    | undefined;
  if (structure?.kind === 'primitive-type') return outline;
  for (const element of structure?.snapshot?.element.slice(1) ?? []) {
    const dot = element.path.lastIndexOf('.');
    const name = element.path.slice(dot + 1);
    const isChoice = name.endsWith('[x]');
    const plain = isChoice ? name.slice(0, -3) : name;
    outline.set(
      `${element.path.slice(0, dot)}.${plain}`,
      typesOf(element).map((code) => ({
        property: isChoice ? plain + code[0]!.toUpperCase() + code.slice(1) : plain,
        type: code,
        ...(code === 'code' && systemOf(definitions, element)),
        mandatory: (element.min ?? 0) > 0,
        summary: element.isSummary === true,
      })),
    );
  }
  return outline;
}

function typesOf(element: Definition): string[] {
  if (element.contentReference) return [element.contentReference.slice(1)];
  return (element.type ?? []).map(({ code }) => {
    if (code === 'BackboneElement' || code === 'Element') return element.path;
    return code.startsWith('http://hl7.org/fhirpath/') ? 'string' : code;
  });
}

function systemOf(definitions: Definitions, { binding }: Definition): { system: string } | undefined {
  if (binding?.strength !== 'required' || !binding.valueSet) return undefined;
  const valueSet = definitions.find('ValueSet', binding.valueSet) as
    | (Resource & { compose?: { include: { system?: string; valueSet?: string[] }[] } })
    | undefined;
  const systems = new Set(valueSet?.compose?.include.map((include) => include.system));
  const [system] = systems;
  return systems.size === 1 && system ? { system } : undefined;
}
