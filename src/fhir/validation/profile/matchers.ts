import type { Definitions } from '../../definitions/definitions.ts';
import { type Element, isElement } from '../../resource.ts';
import {
  type ElementDefinition,
  type Slicing,
  type StructureDefinition,
  typeName,
  typeOfCanonical,
} from '../../snapshots/element-definition.ts';
import type { SnapshotNode } from '../../snapshots/snapshot-tree.ts';
import { isInValueSet } from '../bindings.ts';
import type { ValueSets } from '../value-sets.ts';
import type { Visit } from '../visit.ts';
import {
  type Discriminator,
  nodesAt,
  reaches,
  type Step,
  stepsOf,
  type Test as Wanted,
} from './discriminators.ts';
import { equalsFixed, matchesPattern } from './fixed.ts';
import type { Instance } from './instances.ts';

/** Whether an occurrence belongs to a slice. */
export type Matcher = (instance: Instance, visit: Visit) => boolean;

/** What matching needs from around it. */
export interface Surroundings {
  readonly definitions: Definitions;
  readonly sets: ValueSets;
  /** What an invariant of the profile may cost, where its author is a stranger. */
  readonly steps?: number | undefined;
  /** Whether a value follows a profile. */
  readonly conforms: (url: string, value: unknown, type: string, visit: Visit) => boolean;
}

type Test = (value: unknown) => boolean;

/**
 * Whether an occurrence belongs to a slice, by the discriminators of its slicing
 * (http://hl7.org/fhir/R4/profiling.html#discriminator). Undefined when the slice gives them nothing to tell it by.
 */
export function compileMatcher(
  slicing: Slicing,
  slice: SnapshotNode,
  surroundings: Surroundings,
): Matcher | undefined {
  const matchers: Matcher[] = [];
  for (const discriminator of slicing.discriminator ?? []) {
    const matcher = compileDiscriminator(discriminator, slice, surroundings);
    if (!matcher) return undefined;
    matchers.push(matcher);
  }
  if (matchers.length === 0) return undefined;
  return (instance, visit) => matchers.every((matches) => matches(instance, visit));
}

function compileDiscriminator(
  { type: kind, path }: Discriminator,
  slice: SnapshotNode,
  surroundings: Surroundings,
): Matcher | undefined {
  const steps = stepsOf(path);
  if (!steps) return undefined;
  const nodes = nodesAt(steps, slice);
  switch (kind) {
    case 'value':
    case 'pattern':
      return byValue(steps, nodes, slice, surroundings);
    case 'exists':
      return byExistence(steps, nodes);
    case 'type':
      return byType(steps, nodes, surroundings.definitions);
    case 'profile':
      return byProfile(steps, nodes, surroundings);
    default:
      return kind satisfies never;
  }
}

function byValue(
  steps: Step[],
  nodes: SnapshotNode[],
  slice: SnapshotNode,
  { sets }: Surroundings,
): Matcher | undefined {
  const url = steps[0]?.kind === 'member' && steps[0].name === 'url' ? extensionUrl(slice) : undefined;
  if (url !== undefined) return ({ value }) => isElement(value) && value.url === url;
  if (nodes.length > 0 && nodes.every(({ definition }) => definition.max === '0'))
    return (instance, visit) => !reaches(steps, instance, visit, anything);
  const tests = nodes.map((node) => testOf(node, sets)).filter((test) => test !== undefined);
  if (tests.length === 0) return undefined;
  const [only, ...others] = tests;
  return someFound(
    steps,
    others.length === 0 ? (value) => only!(value) : (value) => tests.some((test) => test(value)),
  );
}

/** The URL of the extension that a slice stands for. */
function extensionUrl({ definition }: SnapshotNode): string | undefined {
  const type = definition.type?.find(({ code }) => code === 'Extension');
  return type?.profile?.[0]?.split('|', 1)[0];
}

/** What the value at a node must be, by the node itself and by the nodes under it. */
function testOf({ definition, children }: SnapshotNode, sets: ValueSets): Test | undefined {
  const tests: Test[] = [];
  const fixed = choiceValue(definition, 'fixed');
  if (fixed !== undefined) tests.push((value) => equalsFixed(value, fixed));
  const pattern = choiceValue(definition, 'pattern');
  if (pattern !== undefined) tests.push((value) => matchesPattern(value, pattern));
  const { binding } = definition;
  if (tests.length === 0 && binding?.strength === 'required' && binding.valueSet) {
    const set = sets.find(binding.valueSet);
    if (set) tests.push((value) => isInValueSet(value, set));
  }
  if (tests.length === 0) {
    for (const [name, child] of children) {
      const test = name.endsWith('[x]') ? undefined : testOf(child, sets);
      if (test) tests.push((value) => isElement(value) && listOf(value, name).some(test));
    }
  }
  return tests.length > 0 ? (value) => tests.every((test) => test(value)) : undefined;
}

function listOf(value: Element, name: string): unknown[] {
  const member = value[name];
  return Array.isArray(member) ? member : [member];
}

function byExistence(steps: Step[], nodes: SnapshotNode[]): Matcher | undefined {
  const definition = nodes[0]?.definition;
  if (!definition) return undefined;
  if (definition.max === '0') return (instance, visit) => !reaches(steps, instance, visit, anything);
  return definition.min > 0 ? someFound(steps, anything) : undefined;
}

function byType(steps: Step[], nodes: SnapshotNode[], definitions: Definitions): Matcher | undefined {
  const types = new Set(nodes.flatMap(({ definition }) => typesOf(definition, steps, definitions)));
  if (types.size === 0) return undefined;
  return someFound(steps, (_, type) => type !== undefined && types.has(type));
}

function typesOf(definition: ElementDefinition, steps: Step[], definitions: Definitions): string[] {
  const types = definition.type ?? [];
  if (steps.at(-1)?.kind !== 'resolve') return types.map(typeName);
  return types.flatMap(({ targetProfile }) =>
    (targetProfile ?? []).flatMap(
      (url) =>
        typeOfCanonical(url) ?? definitions.find<StructureDefinition>('StructureDefinition', url)?.type ?? [],
    ),
  );
}

function byProfile(steps: Step[], nodes: SnapshotNode[], { conforms }: Surroundings): Matcher | undefined {
  const resolved = steps.at(-1)?.kind === 'resolve';
  const urls = nodes.flatMap(({ definition }) =>
    (definition.type ?? []).flatMap(
      ({ profile, targetProfile }) => (resolved ? targetProfile : profile) ?? [],
    ),
  );
  if (urls.length === 0) return undefined;
  return (instance, visit) =>
    reaches(steps, instance, visit, (value, type) =>
      urls.some((url) => conforms(url, value, type ?? instance.type, visit)),
    );
}

const anything: Wanted = () => true;

function someFound(steps: Step[], test: Wanted): Matcher {
  return (instance, visit) => reaches(steps, instance, visit, test);
}

/** The value of `fixed[x]`, `pattern[x]`, `minValue[x]` or `maxValue[x]`, whatever its type. */
export function choiceValue(definition: ElementDefinition, stem: string): unknown {
  for (const name in definition) {
    if (name.startsWith(stem) && /^[A-Z]/.test(name.slice(stem.length))) return definition[name];
  }
  return undefined;
}
