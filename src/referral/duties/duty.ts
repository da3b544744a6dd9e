import { codesOf, elements } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { codeSystems, identifierSystems, profiles } from '../vocabulary.ts';
import { withOwed } from '../workflow/owed.ts';
import { arrivalEnd } from '../workflow/requirements.ts';

/** What is owed beside the steps of a referral: a visit to the patient (随访), or a paper that may follow (补交材料). */
export const duties = ['follow-up', 'supply-papers'] as const;
export type Duty = (typeof duties)[number];

const texts: Readonly<Record<Duty, string>> = { 'follow-up': '随访', 'supply-papers': '补交材料' };
const profileOf: Readonly<Record<Duty, string>> = {
  'follow-up': profiles.followUpTask,
  'supply-papers': profiles.papersTask,
};

const ended: ReadonlySet<unknown> = new Set([
  'rejected',
  'cancelled',
  'completed',
  'failed',
  'entered-in-error',
]);

/** Which duty a Task is; undefined when it is none. */
export function dutyOf(task: Resource | null): Duty | undefined {
  const codes = codesOf(task, 'code', codeSystems.duty);
  return duties.find((duty) => codes.includes(duty));
}

/** Whether a duty is still to be done. */
export function isOpenDuty({ status }: Resource): boolean {
  return !ended.has(status);
}

/** What a duty is made of: beside its kind, whose it is and until when, in milliseconds since the epoch. */
export interface NewDuty {
  id: string;
  duty: Duty;
  /** The Task of the referral that it comes from: its patient, chain, number and priority are the duty's. */
  of: Resource;
  owner: Element;
  requester: Element;
  now: number;
  until: number;
  /** What else the Task says: focus, description. */
  members?: Record<string, unknown>;
}

/** The Task of a duty, which its owner owes until the end of its period. */
export function dutyTask({ id, duty, of, owner, requester, now, until, members = {} }: NewDuty): Resource {
  const made = new Date(now).toISOString();
  const [chain] = elements(of, 'groupIdentifier');
  return withDue({
    resourceType: 'Task',
    id,
    meta: { profile: [profileOf[duty]] },
    identifier: [{ system: identifierSystems.task, value: id }],
    ...(of.focus !== undefined && { basedOn: [of.focus] }),
    ...(chain && { groupIdentifier: chain }),
    partOf: [{ reference: `Task/${of.id}` }],
    // Not `requested`: it is no referral that waits on the owner's worklist for an answer.
    status: 'ready',
    intent: 'order',
    ...(of.priority !== undefined && { priority: of.priority }),
    code: { coding: [{ system: codeSystems.duty, code: duty, display: texts[duty] }] },
    for: of.for,
    authoredOn: made,
    lastModified: made,
    requester,
    owner,
    restriction: { period: { start: made, end: new Date(until).toISOString() } },
    ...members,
  });
}

/** The Task of a duty as it says who owes it until when: its owner, until the end of its period, as long as it is open. */
export function withDue(task: Resource): Resource {
  const [by] = elements(task, 'owner');
  const until = arrivalEnd(task);
  return withOwed(task, isOpenDuty(task) && by && until !== undefined ? { by, until } : undefined);
}
