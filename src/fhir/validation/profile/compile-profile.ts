import type { Definitions } from '../../definitions/definitions.ts';
import {
  canonicalOfType,
  type ElementDefinition,
  type ElementType,
  type Slicing as SlicingDefinition,
  type StructureDefinition,
  typeName,
} from '../../snapshots/element-definition.ts';
import { type SnapshotNode, treeOf } from '../../snapshots/snapshot-tree.ts';
import { compileElementChecks } from './element-checks.ts';
import type { Properties } from './instances.ts';
import { knownBy } from './known-by.ts';
import { compileMatcher, type Surroundings } from './matchers.ts';
import type { ElementRules, Profile, Slice, Slicing } from './rules.ts';

/** Finds the element of a base definition by its path. */
export type BaseElements = (path: string) => ElementDefinition | undefined;

/** The elements of the base definitions by their paths, each definition read once. */
export function createBaseElements(definitions: Definitions): BaseElements {
  const byType = new Map<string, Map<string, ElementDefinition>>();
  return (path) => {
    const type = path.split('.', 1)[0]!;
    let elements = byType.get(type);
    if (!elements) {
      const definition = definitions.find<StructureDefinition>('StructureDefinition', canonicalOfType(type));
      elements = new Map(definition?.snapshot?.element.map((element) => [element.path, element]));
      byType.set(type, elements);
    }
    return elements.get(path);
  };
}

/**
 * Compiles the snapshot of a profile to the rules that go beyond the base definitions, which are checked for
 * themselves (http://hl7.org/fhir/R4/profiling.html).
 */
export function compileProfile(
  { url, type, snapshot }: StructureDefinition,
  base: BaseElements,
  surroundings: Surroundings,
): Profile {
  return { url, type, root: rulesOf(treeOf(snapshot!.element)) };

  function rulesOf(node: SnapshotNode): ElementRules {
    const { definition, children, slices } = node;
    const { slicing, sliceName } = definition;
    const name = definition.path.slice(definition.path.lastIndexOf('.') + 1);
    const constrained = base(definition.base?.path ?? definition.path) ?? base(definition.path);
    return {
      name: name.replace('[x]', ''),
      label: sliceName ? labelOf(name, sliceName, node) : name,
      properties: propertiesOf(name, definition, constrained),
      cardinality: cardinalityOf(definition, constrained),
      types: narrowedTypes(definition, constrained),
      checks: compileElementChecks(definition, constrained, surroundings),
      // A root states no type; one that did could name its own profile.
      typeProfiles: definition.path.includes('.') ? typeProfilesOf(definition, constrained) : new Map(),
      children: [...children.values()].map(rulesOf).filter(saysSomething),
      slicing: slicing && slicingOf(slicing),
      slices: slicing ? slices.map((slice) => sliceOf(slice, definition)) : [],
    };
  }

  function sliceOf(node: SnapshotNode, { slicing, type: types }: ElementDefinition): Slice {
    const byUrl = types?.[0]?.code === 'Extension';
    const discriminator = byUrl ? [{ type: 'value' as const, path: 'url' }] : slicing!.discriminator;
    const matches = compileMatcher(
      { ...slicing!, ...(discriminator && { discriminator }) },
      node,
      surroundings,
    );
    return { ...rulesOf(node), matches };
  }
}

/** A slice is told to people by what it is known by; its name says nothing outside of the profile. */
function labelOf(name: string, slice: string, node: SnapshotNode): string {
  const known = knownBy(node);
  return known ? `${name} (${known})` : `${name}:${slice}`;
}

/** False of an element that the profile only repeats. */
function saysSomething(rules: ElementRules): boolean {
  return (
    rules.cardinality !== undefined ||
    rules.types !== undefined ||
    rules.checks.length > 0 ||
    rules.typeProfiles.size > 0 ||
    rules.children.length > 0 ||
    rules.slices.length > 0
  );
}

/**
 * Where the element is found in JSON. The base definition is asked for the types of a choice, so that those that the
 * profile forbids are seen. A profile may also name one type's property, as in `Observation.valueQuantity`.
 */
function propertiesOf(name: string, definition: ElementDefinition, base?: ElementDefinition): Properties {
  const types = (base ?? definition).type ?? definition.type ?? [];
  if (!name.endsWith('[x]')) {
    const type = definition.type?.[0] ?? types[0];
    return new Map([[name, type ? typeName(type) : definition.path]]);
  }
  const stem = name.slice(0, -3);
  return new Map(types.map(typeName).map((type) => [stem + type[0]!.toUpperCase() + type.slice(1), type]));
}

function cardinalityOf(definition: ElementDefinition, base?: ElementDefinition): ElementRules['cardinality'] {
  const { min, max, sliceName } = definition;
  if (!sliceName && base && min === base.min && max === base.max) return undefined;
  return { min, max: max === '*' ? Number.POSITIVE_INFINITY : Number(max) };
}

function narrowedTypes(
  definition: ElementDefinition,
  base?: ElementDefinition,
): ReadonlySet<string> | undefined {
  const types = new Set(definition.type?.map(typeName));
  const inBase = new Set(base?.type?.map(typeName));
  if (inBase.has('Resource') && !types.has('Resource') && types.size > 0) return types;
  return types.size > 0 && types.size < inBase.size ? types : undefined;
}

/** The profiles that are asked of a type, beyond those that the base definition asks for. */
function typeProfilesOf(
  { type = [] }: ElementDefinition,
  base?: ElementDefinition,
): ElementRules['typeProfiles'] {
  const inBase = new Set(base?.type?.flatMap(({ profile }) => profile ?? []));
  return new Map(
    type
      .map(
        (one: ElementType) => [typeName(one), (one.profile ?? []).filter((url) => !inBase.has(url))] as const,
      )
      .filter(([, profiles]) => profiles.length > 0),
  );
}

function slicingOf({ ordered, rules, discriminator = [] }: SlicingDefinition): Slicing {
  return { ordered: ordered === true, discriminated: discriminator.length > 0, rules };
}
