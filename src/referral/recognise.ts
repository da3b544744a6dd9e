import { codesOf } from '../fhir/elements.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Change } from '../interactions/guard.ts';
import { pathOf, type References, type Target } from './reference.ts';
import { codeSystems, type Direction, directions, profiles } from './vocabulary.ts';

/** The changes of a submission that are about referrals. */
export interface Recognised {
  /** ServiceRequests that are referrals. */
  referrals: readonly Change[];
  /** The Tasks that coordinate referrals. */
  tasks: readonly Change[];
}

/** Asks whether the store holds a referral under this name. */
export type IsStoredReferral = (target: Target) => Promise<boolean>;

/**
 * Finds the referrals and referral Tasks among the changes of a submission. A resource that was one stays one: it
 * cannot leave the rules behind by dropping the marks that it is known by. Plain FHIR ServiceRequests and Tasks are
 * not among them. Asks the store only about the ServiceRequest of a Task that nothing else tells about.
 */
export async function recognise(
  changes: readonly Change[],
  references: References,
  isStoredReferral: IsStoredReferral,
): Promise<Recognised> {
  const referrals = new Map<string, Change>();
  const submitted = new Map(changes.map((change) => [pathOf(change), change]));
  const focusOf = (task: Change) =>
    references.target(task.resource ?? task.previous, 'focus', 'ServiceRequest');
  for (const change of changes) {
    const focused =
      change.type === 'Task' && states(change, isReferralTask) && submitted.get(focusPath(focusOf(change)));
    if (focused) referrals.set(pathOf(focused), focused);
    else if (change.type === 'ServiceRequest' && states(change, isReferral))
      referrals.set(pathOf(change), change);
  }

  const tasks: Change[] = [];
  for (const change of changes) {
    if (change.type !== 'Task') continue;
    const focus = focusOf(change);
    const path = focusPath(focus);
    if (
      states(change, isReferralTask) ||
      referrals.has(path) ||
      (focus && !submitted.has(path) && (await isStoredReferral(focus)))
    )
      tasks.push(change);
  }
  return { referrals: [...referrals.values()], tasks };
}

function focusPath(focus: Target | undefined): string {
  return focus ? pathOf(focus) : '';
}

/** Whether the resource, as it would be or as it was, is of a kind. */
function states(change: Change, isOfKind: (resource: Resource) => boolean): boolean {
  return (
    (change.resource !== null && isOfKind(change.resource)) ||
    (change.previous !== null && isOfKind(change.previous))
  );
}

/** True of a ServiceRequest that says of itself that it is a referral: by profile, direction or indication. */
export function isReferral(request: Resource): boolean {
  return (
    names(request, profiles.referral) ||
    names(request, profiles.upReferral) ||
    names(request, profiles.downReferral) ||
    codesOf(request, 'category', codeSystems.direction).length > 0 ||
    codesOf(request, 'reasonCode', codeSystems.indication).length > 0
  );
}

/** True of a Task that says of itself that it coordinates a referral: by profile or business status. */
export function isReferralTask(task: Resource): boolean {
  return names(task, profiles.task) || codesOf(task, 'businessStatus', codeSystems.businessStatus).length > 0;
}

/** Whether a resource names a profile in `meta.profile`, with or without a version. */
export function names(resource: Resource, profile: string): boolean {
  const named: unknown = resource.meta?.profile;
  return (
    Array.isArray(named) && named.some((url) => typeof url === 'string' && url.split('|', 1)[0] === profile)
  );
}

/** The direction of a referral, when it states exactly one; otherwise the rule `sr-direction` speaks. */
export function directionOf(referral: Resource): Direction | undefined {
  const [code, ...others] = codesOf(referral, 'category', codeSystems.direction);
  return others.length === 0 ? directions.find((direction) => direction === code) : undefined;
}

/** Whether a referral asks for a tele-consultation (远程会诊): for advice, not for the patient to be taken over. */
export function isConsultation(referral: Resource | undefined): boolean {
  return codesOf(referral, 'category', codeSystems.service).includes('tele-consult');
}
