import { type Element, isElement, isResource } from '../../resource.ts';
import type { Slicing } from '../../snapshots/element-definition.ts';
import type { SnapshotNode } from '../../snapshots/snapshot-tree.ts';
import { formats } from '../formats.ts';
import { resolveWithin, typeReferredTo } from '../references.ts';
import type { Visit } from '../visit.ts';
import type { Instance } from './instances.ts';

/** A value at the end of a discriminator's path, with its type as far as that is known. */
export interface Found {
  readonly value: unknown;
  readonly type: string | undefined;
}

/** The steps of a discriminator's path (http://hl7.org/fhir/R4/profiling.html#discriminator). */
export type Step =
  | { kind: 'member'; name: string }
  | { kind: 'extension'; url: string }
  | { kind: 'type'; type: string }
  | { kind: 'resolve' };

export type Discriminator = NonNullable<Slicing['discriminator']>[number];

/** Reads the restricted FHIRPath of a discriminator; undefined when it goes beyond what is allowed there. */
export function stepsOf(path: string): Step[] | undefined {
  const steps: Step[] = [];
  for (const part of path.match(/(?:'[^']*'|[^.'])+/g) ?? []) {
    const call = /^(\w+)\((?:'([^']*)'|([^)]*))\)$/.exec(part);
    if (part === '$this') continue;
    if (!call) {
      if (!/^\w+(?:\[x\])?$/.test(part)) return undefined;
      steps.push({ kind: 'member', name: part.replace('[x]', '') });
    } else if (call[1] === 'extension') steps.push({ kind: 'extension', url: call[2]! });
    else if (call[1] === 'ofType' || call[1] === 'as') steps.push({ kind: 'type', type: call[3]! });
    else if (call[1] === 'resolve') steps.push({ kind: 'resolve' });
    else return undefined;
  }
  return steps;
}

/** The values that a discriminator's path leads to from an occurrence of the sliced element. */
export function follow(steps: readonly Step[], { value, type }: Instance, visit: Visit): Found[] {
  let found: Found[] = value === undefined ? [] : [{ value, type }];
  for (const step of steps) found = found.flatMap((from) => next(step, from, visit));
  return found;
}

function next(step: Step, from: Found, visit: Visit): Found[] {
  switch (step.kind) {
    case 'member':
      return isElement(from.value) ? membersOf(from.value, step.name) : [];
    case 'extension':
      return isElement(from.value)
        ? membersOf(from.value, 'extension').filter(({ value }) => isElement(value) && value.url === step.url)
        : [];
    case 'type':
      return from.type === undefined || from.type === step.type ? [from] : [];
    case 'resolve': {
      const reference = isElement(from.value) ? from.value.reference : undefined;
      const resource = typeof reference === 'string' ? resolveWithin(reference, visit) : undefined;
      if (resource) return [{ value: resource, type: resource.resourceType }];
      const type = typeReferredTo(from.value, visit);
      return type ? [{ value: undefined, type }] : [];
    }
    default:
      return step satisfies never;
  }
}

/** The values of a member: of a choice, whichever type it has. */
function membersOf(holder: Element, name: string): Found[] {
  if (holder[name] !== undefined) return each(holder[name], undefined);
  for (const json in holder) {
    const suffix = json.startsWith(name) ? json.slice(name.length) : '';
    if (/^[A-Z]/.test(suffix)) return each(holder[json], typeNamed(suffix));
  }
  return [];
}

function each(value: unknown, type: string | undefined): Found[] {
  return (Array.isArray(value) ? value : [value]).map((one: unknown) => ({
    value: one,
    type: isResource(one) ? one.resourceType : type,
  }));
}

/** `Quantity` stays, `String` is the primitive `string`. */
function typeNamed(suffix: string): string {
  const primitive = suffix[0]!.toLowerCase() + suffix.slice(1);
  return Object.hasOwn(formats, primitive) ? primitive : suffix;
}

/**
 * The nodes of a slice that a discriminator's path leads to: where the path enters a sliced element, also the nodes
 * of the slices there.
 */
export function nodesAt(steps: readonly Step[], slice: SnapshotNode): SnapshotNode[] {
  let nodes = [slice];
  for (const step of steps) {
    nodes = nodes.flatMap((node) => {
      if (step.kind === 'member') {
        const child = node.children.get(step.name) ?? node.children.get(`${step.name}[x]`);
        return child ? [child, ...child.slices] : [];
      }
      if (step.kind === 'extension') {
        const slices = node.children.get('extension')?.slices ?? [];
        return slices.filter(({ definition }) => definition.type?.[0]?.profile?.[0] === step.url);
      }
      return [node];
    });
  }
  return nodes;
}
