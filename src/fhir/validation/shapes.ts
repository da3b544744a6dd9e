import type { Definitions } from '../definitions/definitions.ts';
import { type Binding, compileBinding } from './bindings.ts';
import {
  canonicalOfType,
  type ElementDefinition,
  type ElementType,
  type StructureDefinition,
  typeName,
} from './element-definition.ts';
import { type Format, formats } from './formats.ts';
import { compileConstraints } from './invariants.ts';
import { compileTargets } from './references.ts';
import type { ValueSets } from './value-sets.ts';
import type { Check } from './visit.ts';

/** The structure of a type, or of an element that is defined in place: what a JSON object of it can hold. */
export interface Shape {
  /** The type, or the path of an element defined in place, e.g. `Patient.contact`. */
  readonly type: string;
  readonly isResource: boolean;
  readonly members: ReadonlyMap<string, Member>;
  /** The elements that must be there. */
  readonly mandatory: readonly Element[];
  /** The elements with a choice of types, by name without `[x]`. */
  readonly choices: readonly Element[];
  readonly checks: readonly Check[];
}

/** An element as the JSON members that can stand for it. */
interface Element {
  readonly name: string;
  readonly min: number;
  readonly members: readonly string[];
  readonly types: readonly string[];
}

/** A JSON member of a shape. */
export interface Member {
  /** The name in JSON, e.g. `valueQuantity`. */
  readonly json: string;
  /** The name in FHIRPath, e.g. `value`. */
  readonly element: string;
  readonly many: boolean;
  readonly max: number;
  readonly kind: 'primitive' | 'sibling' | 'narrative' | 'complex' | 'resource' | 'resourceType';
  readonly format?: Format;
  /** True of types whose values can be references to contained resources. */
  readonly refers?: boolean;
  readonly binding?: Binding | undefined;
  /** The shape of a complex value, compiled when the first one is met. */
  readonly shape?: () => Shape;
  readonly checks: readonly Check[];
}

/** The shapes of all types, each compiled when it is first asked for. */
export interface Shapes {
  /** The shape of a type by its name, or of a constrained type by its canonical URL; undefined if unknown. */
  find(type: string): Shape | undefined;
}

const referring = new Set(['uri', 'url', 'canonical']);

/** Shapes from the snapshots of the base definitions (http://hl7.org/fhir/R4/profiling.html#snapshot). */
export function createShapes(definitions: Definitions, sets: ValueSets): Shapes {
  const shapes = new Map<string, Shape | undefined>();

  function find(type: string): Shape | undefined {
    if (!shapes.has(type)) {
      const url = type.includes('/') ? type : canonicalOfType(type);
      const definition = definitions.find<StructureDefinition>('StructureDefinition', url);
      shapes.set(type, definition?.snapshot && compileDefinition(definition));
    }
    return shapes.get(type);
  }

  function known(type: string): Shape {
    const shape = find(type);
    if (!shape) throw new Error(`There is no definition of the type ${type}`);
    return shape;
  }

  /** One shape for the root and one for each element that is defined in place. */
  function compileDefinition(definition: StructureDefinition): Shape {
    const children = new Map<string, ElementDefinition[]>();
    const roots = new Map<string, ElementDefinition>();
    for (const element of definition.snapshot!.element) {
      roots.set(element.path, element);
      const parent = element.path.slice(0, Math.max(0, element.path.lastIndexOf('.')));
      children.set(parent, [...(children.get(parent) ?? []), element]);
    }
    const inPlace = new Map<string, Shape>();

    const shapeAt = (path: string): Shape => {
      let shape = inPlace.get(path);
      if (!shape) {
        shape = compileElements(path, children.get(path) ?? [], roots.get(path)!);
        inPlace.set(path, shape);
      }
      return shape;
    };

    const compileElements = (path: string, elements: ElementDefinition[], root: ElementDefinition): Shape => {
      const isResource = definition.kind === 'resource' && path === definition.type;
      const members = new Map<string, Member>();
      const compiled: Element[] = [];
      if (isResource) members.set('resourceType', resourceType);
      for (const element of elements) {
        const names: string[] = [];
        for (const member of membersOf(element, isResource)) {
          members.set(member.json, member);
          names.push(member.json);
        }
        const name = element.path.slice(path.length + 1);
        const types = (element.type ?? []).map(typeName);
        compiled.push({ name, min: element.min, members: names, types });
      }
      return {
        type: path,
        isResource,
        members,
        mandatory: compiled.filter(({ min }) => min > 0),
        choices: compiled.filter(({ name }) => name.endsWith('[x]')),
        checks: compileConstraints(root.constraint, path),
      };
    };

    const membersOf = (element: ElementDefinition, inResource: boolean): Member[] => {
      const name = element.path.slice(element.path.lastIndexOf('.') + 1);
      const types = element.type ?? [];
      if (!name.endsWith('[x]')) {
        const type = element.contentReference ? undefined : types[0];
        return membersOfType(element, name, name, type, inResource);
      }
      const stem = name.slice(0, -3);
      return types.flatMap((type) =>
        membersOfType(element, stem + capitalised(typeName(type)), stem, type, inResource),
      );
    };

    const membersOfType = (
      element: ElementDefinition,
      json: string,
      name: string,
      type: ElementType | undefined,
      inResource: boolean,
    ): Member[] => {
      const { path, max, contentReference } = element;
      const base = {
        json,
        element: name,
        many: (element.base ?? element).max !== '1',
        max: max === '*' ? Number.POSITIVE_INFINITY : Number(max),
      };
      if (!type) {
        return [{ ...base, kind: 'complex', shape: () => shapeAt(contentReference!.slice(1)), checks: [] }];
      }
      const code = inResource && name === 'id' ? 'id' : typeName(type);
      if (code === 'Resource') return [{ ...base, kind: 'resource', checks: [] }];
      if (code === 'xhtml') return [{ ...base, kind: 'narrative', checks: [] }];
      const binding = element.binding && compileBinding(element.binding, code, sets);
      const format = formats[code];
      if (format) {
        const checks = compileConstraints(element.constraint, code);
        return [
          { ...base, kind: 'primitive', format, refers: referring.has(code), binding, checks },
          { ...base, json: `_${json}`, kind: 'sibling', shape: () => known('Element'), checks: [] },
        ];
      }
      if (code === 'BackboneElement' || code === 'Element') {
        return [{ ...base, kind: 'complex', shape: () => shapeAt(path), checks: [] }];
      }
      const target = compileTargets(type, definitions);
      const checks = [...compileConstraints(constraintsHere(element), code), ...(target ? [target] : [])];
      return [{ ...base, kind: 'complex', binding, shape: () => known(type.profile?.[0] ?? code), checks }];
    };

    return shapeAt(definition.snapshot!.element[0]!.path);
  }

  return { find };
}

const resourceType: Member = {
  json: 'resourceType',
  element: 'resourceType',
  many: false,
  max: 1,
  kind: 'resourceType',
  checks: [],
};

/** Snapshots repeat the constraints of an extension's type, which its own shape checks already. */
function constraintsHere({ constraint }: ElementDefinition) {
  return constraint?.filter(({ key }) => key !== 'ext-1');
}

function capitalised(type: string): string {
  return type[0]!.toUpperCase() + type.slice(1);
}
