import type { Definitions } from '../definitions/definitions.ts';
import {
  type ElementDefinition,
  type ElementType,
  type StructureDefinition,
  typeName,
} from '../snapshots/element-definition.ts';
import { compileBinding } from './bindings.ts';
import { formats } from './formats.ts';
import { compileConstraints } from './invariants.ts';
import { compileCanonicalTargets, compileTargets } from './references.ts';
import type { Member, Shape, ShapeElement } from './shapes.ts';
import type { ValueSets } from './value-sets.ts';
import type { Check } from './visit.ts';

/** What a shape needs from around its definition. */
export interface ShapeSurroundings {
  readonly definitions: Definitions;
  readonly sets: ValueSets;
  /** Checks that all elements of a type have in common, wherever they stand. */
  readonly typeChecks: Readonly<Record<string, Check>>;
  /** The shape of another type. */
  readonly shapeOf: (type: string) => Shape;
}

/** Types whose values can be references to contained resources. */
const referring = new Set(['uri', 'url', 'canonical']);

const resourceType: Member = {
  json: 'resourceType',
  element: 'resourceType',
  path: 'resourceType',
  type: 'code',
  choice: undefined,
  many: false,
  max: 1,
  kind: 'resourceType',
  checks: [],
};

/** The shape of a type. Elements that are defined in place get a shape of their own when one is first met. */
export function compileShape(
  { kind, snapshot }: StructureDefinition,
  surroundings: ShapeSurroundings,
): Shape {
  const elements = snapshot!.element;
  const rootPath = elements[0]!.path;
  const byPath = new Map(elements.map((element) => [element.path, element]));
  const children = Map.groupBy(elements, ({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('.'))));
  const shapes = new Map<string, Shape>();

  function shapeAt(path: string): Shape {
    let shape = shapes.get(path);
    if (!shape) {
      shape = compileAt(path);
      shapes.set(path, shape);
    }
    return shape;
  }

  function compileAt(path: string): Shape {
    const isResource = kind === 'resource' && path === rootPath;
    const members = new Map<string, Member>(isResource ? [['resourceType', resourceType]] : []);
    const mandatory: ShapeElement[] = [];
    const choices: ShapeElement[] = [];
    for (const element of children.get(path) ?? []) {
      const own = membersOf(element, isResource);
      for (const member of own) members.set(member.json, member);
      const name = element.path.slice(path.length + 1);
      const compiled = {
        name,
        members: own.map(({ json }) => json),
        types: (element.type ?? []).map(typeName),
      };
      if (element.min > 0) mandatory.push(compiled);
      if (name.endsWith('[x]')) choices.push(compiled);
    }
    const checks = compileConstraints(byPath.get(path)!.constraint, path);
    return { type: path, isResource, members, mandatory, choices, checks };
  }

  function membersOf(element: ElementDefinition, inResource: boolean): Member[] {
    const name = element.path.slice(element.path.lastIndexOf('.') + 1);
    if (element.contentReference) {
      const path = element.contentReference.slice(1);
      const shape = () => shapeAt(path);
      const member = common(element, name, name, 'BackboneElement');
      return [{ ...member, path, kind: 'complex', shape, checks: [] }];
    }
    const types = element.type ?? [];
    if (!name.endsWith('[x]')) {
      const type = inResource && name === 'id' ? { code: 'id' } : types[0]!;
      return membersOfType(element, name, name, type);
    }
    const stem = name.slice(0, -3);
    return types.flatMap((type) => membersOfType(element, stem + capitalised(typeName(type)), stem, type));
  }

  function membersOfType(
    element: ElementDefinition,
    json: string,
    name: string,
    type: ElementType,
  ): Member[] {
    const { sets, definitions, typeChecks, shapeOf } = surroundings;
    const code = typeName(type);
    const member = common(element, json, name, code);
    if (code === 'Resource') return [{ ...member, kind: 'resource', checks: [] }];
    if (code === 'xhtml') return [{ ...member, kind: 'narrative', checks: [] }];
    if (code === 'BackboneElement' || code === 'Element') {
      return [{ ...member, kind: 'complex', shape: () => shapeAt(element.path), checks: [] }];
    }
    const binding = element.binding && compileBinding(element.binding, code, sets);
    const checks = compileConstraints(constraintsHere(element), code);
    const format = formats[code];
    if (format) {
      const canonical = compileCanonicalTargets(type, definitions);
      if (canonical) checks.push(canonical);
      const beside = {
        ...member,
        json: `_${json}`,
        kind: 'sibling',
        shape: () => shapeOf('Element'),
        checks: [],
        ...requiredCode(element),
      } as const;
      return [{ ...member, kind: 'primitive', format, refers: referring.has(code), binding, checks }, beside];
    }
    const targets = compileTargets(type, definitions);
    if (targets) checks.push(targets);
    // The codings of a concept are checked with it.
    const typeCheck = element.path === 'CodeableConcept.coding' ? undefined : typeChecks[code];
    if (typeCheck) checks.push(typeCheck);
    return [{ ...member, kind: 'complex', binding, shape: () => shapeOf(type.profile?.[0] ?? code), checks }];
  }

  return shapeAt(rootPath);
}

function common({ path, base, max }: ElementDefinition, json: string, element: string, type: string) {
  const many = (base?.max ?? max) !== '1';
  const choice = path.endsWith('[x]') ? path.slice(path.lastIndexOf('.') + 1) : undefined;
  return {
    json,
    element,
    path,
    type,
    choice,
    many,
    max: max === '*' ? Number.POSITIVE_INFINITY : Number(max),
  };
}

/** Snapshots repeat the constraints of an extension's type, which its own shape checks already. */
function constraintsHere({ constraint }: ElementDefinition) {
  return constraint?.filter(({ key }) => key !== 'ext-1');
}

function capitalised(type: string): string {
  return type[0]!.toUpperCase() + type.slice(1);
}

/** The value set from which a code is required, in whose place an extension cannot stand. */
function requiredCode({ binding, type }: ElementDefinition): Pick<Member, 'codeFrom'> {
  const required = binding?.strength === 'required' && type?.[0]?.code === 'code';
  return required && binding.valueSet !== undefined ? { codeFrom: binding.valueSet } : {};
}
