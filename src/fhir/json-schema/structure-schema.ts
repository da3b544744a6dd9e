import type { Definitions } from '../definitions/definitions.ts';
import { elements, string } from '../elements.ts';
import type { Element, Resource } from '../resource.ts';
import type { ValueSets } from '../validation/value-sets.ts';
import { cardinality, type ElementNode, elementTree, isArray, typeCodes } from './element-tree.ts';
import { atLeast, exactly } from './fixed.ts';
import { primitives } from './primitives.ts';
import { allOf, type Schema } from './schema.ts';

/** Longer lists of codes are left to the server. */
const mostCodes = 400;

/** Types of which an element holds its own members in the snapshot rather than those of a type. */
const inline: ReadonlySet<string> = new Set(['BackboneElement', 'Element']);

/** Makes the schemas of structures, which refer to those of the types they use in `#/$defs/`. */
export interface StructureSchemas {
  /** The schema of a profile or type, by its canonical URL. Throws an Error for one that is not there. */
  of(url: string): Schema;
  /** The schema of a type by its name, which is among `types()` from then on. */
  type(name: string): Schema;
  /** Those of all types that were used. */
  types(): Record<string, Schema>;
}

/**
 * What JSON Schema can say of StructureDefinitions: members, types, cardinality, fixed values and patterns, codes of
 * required bindings, and slices that are told apart by their content. What it cannot (invariants, references that
 * resolve, terminology that is elsewhere) is for the server. It refuses nothing that the server accepts.
 */
export function createStructureSchemas(definitions: Definitions, sets: ValueSets): StructureSchemas {
  const used = new Map<string, Schema>();

  /** The schema of a type by its name, as a reference to a definition that is made when it is first used. */
  function typeNamed(name: string): Schema {
    if (!used.has(name)) {
      used.set(name, {});
      used.set(name, definitionOf(name));
    }
    return { $ref: `#/$defs/${name}` };
  }

  function definitionOf(name: string): Schema {
    const primitive = primitives[name];
    if (primitive) return primitive;
    if (name === 'Resource' || name === 'DomainResource')
      return {
        type: 'object',
        required: ['resourceType'],
        properties: { resourceType: { type: 'string', enum: definitions.resourceTypes } },
      };
    return of(`http://hl7.org/fhir/StructureDefinition/${name}`);
  }

  function of(url: string): Schema {
    const structure = definitions.find('StructureDefinition', url);
    if (!structure) throw new Error(`There is no StructureDefinition ${url}`);
    const root = elementTree(structure);
    return whole(root, structure.kind === 'resource' ? structure : undefined);
  }

  /** An object with all that its elements allow, and nothing else. */
  function whole(node: ElementNode, resource?: Resource): Schema {
    const members = node.children.map(membersOf);
    const type = resource && { resourceType: exactly(resource.type) };
    return {
      type: 'object',
      ...(string(node.definition, 'short') !== undefined && { description: node.definition.short }),
      ...(resource && { required: ['resourceType'] }),
      properties: Object.assign({ ...type }, ...members.map(({ properties }) => properties)),
      additionalProperties: false,
      minProperties: 1,
      ...rulesOf(members),
    };
  }

  /** What a snapshot says below an element of a type, besides what the type says itself. */
  function narrowed(node: ElementNode): Schema {
    const members = node.children.filter(isNarrower).map(membersOf);
    if (members.length === 0) return {};
    return {
      properties: Object.assign({}, ...members.map(({ properties }) => properties)),
      ...rulesOf(members),
    };
  }

  interface Members {
    properties: Record<string, Schema>;
    /** What holds of the object as a whole: which members must be there. */
    rules: Schema[];
  }

  function rulesOf(members: readonly Members[]): Schema {
    const rules = members.flatMap((each) => each.rules);
    return rules.length > 0 ? { allOf: rules } : {};
  }

  /** The members of an object that an element is: one for each type that it can have. */
  function membersOf(node: ElementNode): Members {
    const { min, max } = cardinality(node);
    const choice = node.name.endsWith('[x]');
    const codes = typeCodes(node);
    const names = choice ? codes.map((code) => node.name.replace('[x]', upperFirst(code))) : [node.name];
    if (max === 0)
      return {
        properties: Object.fromEntries(
          names.flatMap((name) => [name, `_${name}`].map((each) => [each, false])),
        ) as never,
        rules: [],
      };
    const properties: Record<string, Schema> = {};
    names.forEach((name, n) => {
      const code = choice ? codes[n]! : codes[0];
      const one = valueSchema(node, code);
      properties[name] = isArray(node) ? arrayOf(node, one, isPrimitive(code)) : one;
      if (isPrimitive(code) && node.name !== 'id')
        properties[`_${name}`] = isArray(node) ? { type: 'array', items: beside } : beside;
    });
    const given = names.flatMap((name) => (`_${name}` in properties ? [name, `_${name}`] : [name]));
    const rules: Schema[] = [];
    if (min > 0)
      rules.push(
        given.length === 1 ? { required: given } : { anyOf: given.map((name) => ({ required: [name] })) },
      );
    if (choice && names.length > 1) rules.push(...onlyOne(names));
    return { properties, rules };
  }

  /** The value of an element in one of its types. */
  function valueSchema(node: ElementNode, code: string | undefined): Schema {
    const { definition } = node;
    const reference = string(definition, 'contentReference');
    if (reference !== undefined) return {};
    if (code === undefined) return {};
    if (inline.has(code) && node.children.length > 0) return whole(node);
    return allOf([
      typeNamed(code),
      narrowed(node),
      ...statedValues(definition),
      ...boundCodes(definition, code, sets),
    ]);
  }

  function arrayOf(node: ElementNode, items: Schema, isNullable: boolean): Schema {
    const { min, max } = cardinality(node);
    const slices = node.slices.map((slice) => sliceRule(node, slice)).filter((rule) => rule !== undefined);
    return {
      type: 'array',
      // Where only an extension says why there is no value, the value is null.
      items: isNullable ? { anyOf: [items, { type: 'null' }] } : items,
      minItems: Math.max(1, min),
      ...(Number.isFinite(max) && { maxItems: max }),
      ...(slices.length > 0 && { allOf: slices }),
    };
  }

  /** How many items of a slice there must and may be. */
  function sliceRule(node: ElementNode, slice: ElementNode): Schema | undefined {
    const { min, max } = cardinality(slice);
    const known = knownBy(node, slice);
    if (!known || (min === 0 && !Number.isFinite(max))) return undefined;
    return {
      contains: known,
      minContains: min,
      ...(Number.isFinite(max) && { maxContains: max }),
    };
  }

  /** What the items of a slice are known by; undefined where JSON Schema cannot tell. */
  function knownBy(node: ElementNode, slice: ElementNode): Schema | undefined {
    const discriminators = elements(node.definition.slicing as Element, 'discriminator');
    const parts = discriminators.map(({ type, path }) => {
      if (type !== 'value' && type !== 'pattern') return undefined;
      if (path === 'url' && node.name.endsWith('xtension')) {
        const profile = elements(slice.definition, 'type').flatMap((each) => each.profile as string[])[0];
        return profile === undefined
          ? undefined
          : { required: ['url'], properties: { url: exactly(profile) } };
      }
      return at(slice, String(path) === '$this' ? [] : String(path).split('.'));
    });
    return parts.length > 0 && parts.every((part) => part !== undefined)
      ? allOf(parts as Schema[])
      : undefined;
  }

  /** The value that a slice states at a path below it. */
  function at(slice: ElementNode, [name, ...rest]: readonly string[]): Schema | undefined {
    if (name === undefined) {
      const stated = [
        ...statedValues(slice.definition),
        ...typeCodes(slice).flatMap((code) => boundCodes(slice.definition, code, sets)),
      ];
      return stated.length > 0 ? allOf(stated) : undefined;
    }
    const child = slice.children.find((each) => each.name === name || each.name === `${name}[x]`);
    const below = child && at(child, rest);
    if (!below) return undefined;
    const value = isArray(child) ? { contains: below } : below;
    return { required: [name], properties: { [name]: value } };
  }

  typeNamed('Extension');
  used.set(besidePrimitives, primitiveElement);
  return {
    of,
    type: typeNamed,
    types: () => Object.fromEntries([...used].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

const besidePrimitives = 'PrimitiveElement';
const beside: Schema = { $ref: `#/$defs/${besidePrimitives}` };

/** What stands beside a primitive: its id and extensions (http://hl7.org/fhir/R4/json.html#primitive). */
const primitiveElement: Schema = {
  type: ['object', 'null'],
  properties: {
    id: { type: 'string' },
    extension: { type: 'array', items: { $ref: '#/$defs/Extension' }, minItems: 1 },
  },
  additionalProperties: false,
};

/** Whether a profile says more of an element than that its type has it. */
function isNarrower(node: ElementNode): boolean {
  const { min, max } = cardinality(node);
  const base = node.definition.base as Element | undefined;
  return (
    min !== (base?.min ?? 0) ||
    (Number.isFinite(max) && String(max) !== base?.max) ||
    statedValues(node.definition).length > 0 ||
    node.slices.length > 0 ||
    node.children.some(isNarrower)
  );
}

/** The value that an element must have, or have at least. */
function statedValues(definition: Element): Schema[] {
  return Object.entries(definition).flatMap(([name, value]) => {
    if (name.startsWith('fixed')) return [exactly(value)];
    return name.startsWith('pattern') ? [atLeast(value)] : [];
  });
}

/** The codes of a required binding, where they can all be listed. */
function boundCodes(definition: Element, code: string, sets: ValueSets): Schema[] {
  const binding = definition.binding as Element | undefined;
  const url = string(binding, 'valueSet');
  if (binding?.strength !== 'required' || url === undefined) return [];
  const contents = sets.find(url);
  if (!contents || contents.incomplete || contents.open.size > 0) return [];
  const listed = [...contents.listed].map(([system, codes]) => [system, [...codes]] as const);
  if (listed.reduce((sum, [, codes]) => sum + codes.length, 0) > mostCodes) return [];
  const coding = {
    anyOf: listed.map(([system, codes]) => ({
      required: ['system', 'code'],
      properties: { system: exactly(system), code: { enum: codes } },
    })),
  };
  switch (code) {
    case 'code':
      return [{ enum: [...new Set(listed.flatMap(([, codes]) => codes))] }];
    case 'Coding':
      return [coding];
    case 'CodeableConcept':
      return [{ required: ['coding'], properties: { coding: { contains: coding } } }];
    default:
      return [];
  }
}

/** Of the members of a choice there is one at most. */
function onlyOne(names: readonly string[]): Schema[] {
  return names.slice(1).map((name, n) => ({
    not: { required: [name], anyOf: names.slice(0, n + 1).map((other) => ({ required: [other] })) },
  }));
}

function isPrimitive(code: string | undefined): boolean {
  return code !== undefined && code in primitives;
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
