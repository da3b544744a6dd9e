import { type Element, isElement, isResource } from '../../resource.ts';
import type { Slicing } from '../../snapshots/element-definition.ts';
import type { SnapshotNode } from '../../snapshots/snapshot-tree.ts';
import { formats } from '../formats.ts';
import { resolveWithin, typeReferredTo } from '../references.ts';
import type { Visit } from '../visit.ts';
import type { Instance } from './instances.ts';

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

/** Whether a value, with its type as far as that is known, is one that is looked for. */
export type Test = (value: unknown, type: string | undefined) => boolean;

/**
 * Whether a discriminator's path leads from an occurrence of the sliced element to a value that is looked for. Each
 * occurrence is tried for each slice, so that nothing is put together on the way.
 */
export function reaches(
  steps: readonly Step[],
  { value, type }: Instance,
  visit: Visit,
  test: Test,
): boolean {
  return value !== undefined && reachesFrom(steps, 0, value, type, visit, test);
}

function reachesFrom(
  steps: readonly Step[],
  at: number,
  value: unknown,
  type: string | undefined,
  visit: Visit,
  test: Test,
): boolean {
  const step = steps[at];
  if (!step) return test(value, type);
  switch (step.kind) {
    case 'member':
      return isElement(value) && reachesIn(steps, at, value, step.name, visit, test);
    case 'extension':
      return (
        isElement(value) &&
        Array.isArray(value.extension) &&
        value.extension.some(
          (each) =>
            isElement(each) &&
            each.url === step.url &&
            reachesFrom(steps, at + 1, each, 'Extension', visit, test),
        )
      );
    case 'type':
      return (
        (type === undefined || type === step.type) && reachesFrom(steps, at + 1, value, type, visit, test)
      );
    case 'resolve': {
      const reference = isElement(value) ? value.reference : undefined;
      const resource = typeof reference === 'string' ? resolveWithin(reference, visit) : undefined;
      if (resource) return reachesFrom(steps, at + 1, resource, resource.resourceType, visit, test);
      const byText = typeReferredTo(value, visit);
      return byText !== undefined && reachesFrom(steps, at + 1, undefined, byText, visit, test);
    }
    default:
      return step satisfies never;
  }
}

/** By a member: of a choice, whichever type it has. */
function reachesIn(
  steps: readonly Step[],
  at: number,
  holder: Element,
  name: string,
  visit: Visit,
  test: Test,
): boolean {
  if (holder[name] !== undefined) return reachesEach(steps, at, holder[name], undefined, visit, test);
  for (const json in holder) {
    if (json.length <= name.length || !json.startsWith(name)) continue;
    const suffix = json.slice(name.length);
    if (/^[A-Z]/.test(suffix)) return reachesEach(steps, at, holder[json], typeNamed(suffix), visit, test);
  }
  return false;
}

function reachesEach(
  steps: readonly Step[],
  at: number,
  value: unknown,
  type: string | undefined,
  visit: Visit,
  test: Test,
): boolean {
  if (!Array.isArray(value))
    return reachesFrom(steps, at + 1, value, isResource(value) ? value.resourceType : type, visit, test);
  for (const one of value) {
    const own = isResource(one) ? one.resourceType : type;
    if (reachesFrom(steps, at + 1, one, own, visit, test)) return true;
  }
  return false;
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
