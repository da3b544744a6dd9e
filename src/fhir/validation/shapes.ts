import type { Definitions } from '../definitions/definitions.ts';
import { canonicalOfType, type StructureDefinition } from '../snapshots/element-definition.ts';
import type { Binding } from './bindings.ts';
import { compileShape } from './compile-shape.ts';
import type { Format } from './formats.ts';
import type { ValueSets } from './value-sets.ts';
import type { Check } from './visit.ts';

/** The structure of a type, or of an element that is defined in place: what a JSON object of it can hold. */
export interface Shape {
  /** The type, or the path of an element defined in place, e.g. `Patient.contact`. */
  readonly type: string;
  readonly isResource: boolean;
  /** By their names in JSON. */
  readonly members: ReadonlyMap<string, Member>;
  /** The elements that must be there. */
  readonly mandatory: readonly ShapeElement[];
  /** The elements with a choice of types. */
  readonly choices: readonly ShapeElement[];
  readonly checks: readonly Check[];
}

/** An element with the JSON members that can stand for it. */
export interface ShapeElement {
  /** The name in the definition, e.g. `value[x]`. */
  readonly name: string;
  readonly members: readonly string[];
  readonly types: readonly string[];
}

/** A JSON member of a shape. */
export interface Member {
  /** The name in JSON, e.g. `valueQuantity`. */
  readonly json: string;
  /** The name in FHIRPath, e.g. `value`. */
  readonly element: string;
  /** The path in the definition, e.g. `Observation.value[x]`; of an element that repeats another the path of that one. */
  readonly path: string;
  readonly type: string;
  /** The name in the definition of a choice of types, e.g. `value[x]`. */
  readonly choice: string | undefined;
  readonly many: boolean;
  readonly max: number;
  /** `sibling`: the member beside a primitive one, such as `_birthDate`, with its id and extensions. */
  readonly kind: 'primitive' | 'sibling' | 'narrative' | 'complex' | 'resource' | 'resourceType';
  readonly format?: Format;
  /** True of types whose values can be references to contained resources. */
  readonly refers?: boolean;
  readonly binding?: Binding | undefined;
  /** Of what stands beside a code: the value set from which the code is required. */
  readonly codeFrom?: string;
  /** The shape of a complex value, compiled when the first one is met. */
  readonly shape?: () => Shape;
  readonly checks: readonly Check[];
}

/** The shapes of all types, each compiled when it is first asked for. */
export interface Shapes {
  /** The shape of a type by its name, or of a constrained type by its canonical URL; undefined if unknown. */
  find(type: string): Shape | undefined;
  /** To be told that definitions have changed: those of R4 do not. */
  forget(): void;
}

/** Shapes from the snapshots of the base definitions (http://hl7.org/fhir/R4/profiling.html#snapshot). */
export function createShapes(
  definitions: Definitions,
  sets: ValueSets,
  typeChecks: Readonly<Record<string, Check>>,
): Shapes {
  const shapes = new Map<string, Shape>();

  function find(type: string): Shape | undefined {
    const compiled = shapes.get(type);
    if (compiled) return compiled;
    const url = type.includes('/') ? type : canonicalOfType(type);
    const definition = definitions.find<StructureDefinition>('StructureDefinition', url);
    if (!definition?.snapshot) return undefined;
    const shape = compileShape(definition, surroundings);
    shapes.set(type, shape);
    return shape;
  }

  function known(type: string): Shape {
    const shape = find(type);
    if (!shape) throw new Error(`There is no definition of the type ${type}`);
    return shape;
  }

  const surroundings = { definitions, sets, typeChecks, shapeOf: known };
  return {
    find,
    forget: () => {
      for (const type of shapes.keys())
        if (type.includes('/') && !type.startsWith(canonicalOfType(''))) shapes.delete(type);
    },
  };
}
