import { createHash } from 'node:crypto';
import { string } from '../fhir/elements.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Change } from '../interactions/guard.ts';
import type { Sources } from './context/context.ts';
import { findReceiver, findSender } from './context/parties.ts';
import { withFamilyDoctors } from './duties/family-doctors.ts';
import { directionOf } from './recognise.ts';
import { pathOf, type Target } from './reference.ts';
import { codeSystems, identifierSystems, profiles } from './vocabulary.ts';

/**
 * The Task that the server makes for a referral that comes without one: requested, from the organization that sends to
 * the one that is to receive. Undefined where one of the two is not known (a rule refuses that) and for a referral that
 * asks for nothing yet, or no more.
 */
export async function firstTask(
  referral: Resource,
  { records, references, now }: Sources,
): Promise<Resource | undefined> {
  if (referral.status !== 'active') return undefined;
  const sender = await findSender(records, references, referral, undefined);
  const receiver = await findReceiver(records, references, referral, undefined);
  if (!sender || !receiver) return undefined;
  const id = firstTaskId({ type: referral.resourceType, id: referral.id! });
  const made = new Date(now).toISOString();
  const task = {
    resourceType: 'Task',
    id,
    meta: { profile: [profiles.task] },
    identifier: [{ system: identifierSystems.task, value: id }],
    status: 'requested',
    businessStatus: {
      coding: [{ system: codeSystems.businessStatus, code: 'submitted', display: '已提交' }],
    },
    intent: 'order',
    ...(string(referral, 'priority') && { priority: referral.priority }),
    code: { coding: [{ system: codeSystems.taskCode, code: 'fulfill' }] },
    focus: { reference: `ServiceRequest/${referral.id}` },
    ...(referral.subject !== undefined && { for: referral.subject }),
    ...(referral.encounter !== undefined && { encounter: referral.encounter }),
    authoredOn: made,
    lastModified: made,
    requester: { reference: pathOf(sender) },
    owner: { reference: pathOf(receiver) },
  };
  return directionOf(referral) === 'down' ? withFamilyDoctors(task, { records, references }) : task;
}

/** The Task that the server made for a referral: its id follows from the referral's, so it is never made twice. */
function firstTaskId(referral: Target): string {
  return createHash('sha256')
    .update(`${pathOf(referral)} task`)
    .digest('hex')
    .slice(0, 40);
}

/**
 * The Tasks that the server made and nobody has answered, whose referral now gets a Task from its sender: an older
 * client sends the referral first and its Task in a second request. Both would ask the same thing twice, so the
 * server's goes. Not where the new Task passes the referral on (`partOf`).
 */
export async function replacedFirstTasks(
  tasks: readonly Change[],
  { records, references }: Pick<Sources, 'records' | 'references'>,
): Promise<Target[]> {
  const replaced: Target[] = [];
  for (const { id, resource, previous } of tasks) {
    const referral = references.target(resource, 'focus', 'ServiceRequest');
    if (!resource || previous || !referral || records.isNew(referral) || resource.partOf) continue;
    const first = { type: 'Task', id: firstTaskId(referral) };
    if (first.id === id || records.isSubmitted(first)) continue;
    if ((await records.find(first))?.status === 'requested') replaced.push(first);
  }
  return replaced;
}
