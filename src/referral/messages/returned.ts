import { elements, string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import { directionOf } from '../recognise.ts';
import type { Sent } from '../submission/sent.ts';
import { followingTask } from '../workflow/following-task.ts';
import { withoutOwed } from '../workflow/owed.ts';
import { parameterNamed } from '../workflow/parameters.ts';
import { withState } from '../workflow/states.ts';

/** What a message brings, and the Task that it is about, once it is known that the patient goes back with a referral. */
export interface Returned {
  sent: Sent[];
  task: Resource;
}

/**
 * The feedback of who returns the patient: with a new down-referral in it the Task is returned, unless it says otherwise,
 * and names that. What follows from the Task need not be said, as with `$return`: whom the down-referral is about, what it
 * is based on, who receives it, and the Task of it. Everything else stays as it is. `beyond` is an index that no entry of
 * the message has.
 */
export function withReturn(
  sent: readonly Sent[],
  { before, after, told }: { before: Resource; after: Resource; told: Resource },
  { beyond, now }: { beyond: number; now: number },
): Returned {
  const isDown = ({ resource }: Sent) =>
    resource.resourceType === 'ServiceRequest' && directionOf(resource) === 'down';
  const down = sent.find(isDown);
  if (!down || after.status !== 'completed') return { sent: [...sent], task: after };
  const { resource } = down;
  const referral = {
    ...resource,
    ...(!resource.subject && { subject: before.for }),
    ...(!resource.basedOn && { basedOn: elements(before, 'focus') }),
    ...(!resource.performer && { performer: elements(before, 'requester') }),
  };
  const isTaken = sent.some(
    (each) =>
      each.resource.resourceType === 'Task' &&
      string(elements(each.resource, 'focus')[0], 'reference') === down.fullUrl,
  );
  const task = followingTask(
    withoutOwed(before),
    elements(before, 'requester')[0]!,
    'requested:submitted',
    now,
    {
      focus: { reference: down.fullUrl },
      requester: before.owner,
      ...(resource.priority !== undefined && { priority: resource.priority }),
    },
  );
  const state = told.businessStatus === undefined ? withState(after, 'completed:returned') : after;
  return {
    sent: [
      ...sent.map((each) => (each === down ? { ...each, resource: referral } : each)),
      ...(isTaken ? [] : [{ index: beyond, fullUrl: `urn:uuid:${task.id}`, resource: task }]),
    ],
    task: parameterNamed('down-referral').apply(state, { reference: down.fullUrl }, 'valueReference'),
  };
}
