import { codesOf } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import { codeSystems } from '../vocabulary.ts';

/**
 * The states of a referral Task, as `status:businessStatus`, by Task.status; the business statuses are those of
 * CodeSystem/referral-business-status.
 */
export const states = {
  requested: ['requested:submitted', 'requested:redirected'],
  received: ['received:under-review', 'received:awaiting-information'],
  accepted: [
    'accepted:appointment-pending',
    'accepted:scheduled',
    'accepted:bed-reserved',
    'accepted:in-transit',
  ],
  onHold: ['on-hold:awaiting-patient'],
  inProgress: [
    'in-progress:arrived',
    'in-progress:outpatient-care',
    'in-progress:admitted',
    'in-progress:discharge-planned',
  ],
  completed: [
    'completed:treated',
    'completed:returned',
    'completed:care-resumed',
    'completed:advised',
    'completed:referred',
  ],
  rejected: [
    'rejected:not-indicated',
    'rejected:no-capacity',
    'rejected:out-of-scope',
    'rejected:incomplete',
  ],
  cancelled: ['cancelled:by-sender', 'cancelled:patient-declined', 'cancelled:superseded'],
  failed: ['failed:no-show', 'failed:died', 'failed:left-ama'],
} as const;

export type State = (typeof states)[keyof typeof states][number] | 'entered-in-error';

/** The state that a Task says it is in; any text, since what clients send need not be a state. */
export function stateOf(task: Resource): string {
  if (task.status === 'entered-in-error') return 'entered-in-error';
  return `${String(task.status)}:${businessStatusOf(task) ?? ''}`;
}

/** The code of the project's own system among a Task's business status. */
export function businessStatusOf(task: Resource): string | undefined {
  return codesOf(task, 'businessStatus', codeSystems.businessStatus)[0];
}

/** The Task in another state: its status, and the business status as the coding of it. */
export function withState(task: Resource, state: State): Resource {
  const [status, code] = state.split(':');
  if (code === undefined) return { ...task, status };
  return { ...task, status, businessStatus: { coding: [{ system: codeSystems.businessStatus, code }] } };
}
