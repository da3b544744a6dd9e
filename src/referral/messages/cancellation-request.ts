import { randomUUID } from 'node:crypto';
import { string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { codeSystems } from '../vocabulary.ts';

/**
 * The request of the sender to cancel after arrival: a Task of code `abort` (COW), which the receiver grants or refuses.
 */
export function cancellationRequest(
  task: Resource,
  reason: Element | undefined,
  now: number,
): Resource & { id: string } {
  return {
    resourceType: 'Task',
    id: randomUUID(),
    status: 'requested',
    intent: 'order',
    code: { coding: [{ system: codeSystems.taskCode, code: 'abort' }] },
    focus: { reference: `Task/${string(task, 'id')}` },
    for: task.for,
    authoredOn: new Date(now).toISOString(),
    requester: task.requester,
    owner: task.owner,
    ...(reason && { reasonCode: reason }),
  };
}
