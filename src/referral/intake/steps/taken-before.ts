import type { Server } from '../../../interactions/server.ts';
import { refersTo } from '../../queries.ts';
import { createReferences, isSame } from '../../reference.ts';
import { stateOf } from '../../workflow/states.ts';
import { steps } from '../../workflow/steps.ts';
import { actionIn } from './step.ts';
import type { RowStep } from './step-of.ts';

/**
 * Whether a redirection was done before: the referral is with the institution that the row names, and came there from
 * another. That Task is not for who redirected to judge, and so nothing would be said of it that they could use.
 */
export function isRedirected({ row, task, parameters }: RowStep, { base }: Server): boolean {
  if (actionIn(row) !== 'redirect' || task.partOf === undefined) return false;
  const references = createReferences(base);
  const receiver = parameters.find(({ name }) => name === 'receiver');
  const isThere = isSame(references.target(task, 'owner'), references.target(receiver, 'valueReference'));
  return isThere && !stateOf(task).startsWith('rejected:');
}

/** Whether the Task is in a state that the action leads to, or has led to what the action makes. */
export async function isTaken({ row, task, referral }: RowStep, { store }: Server): Promise<boolean> {
  const action = actionIn(row);
  const leads = steps.filter(({ operation }) => operation === `$${action}`);
  if (leads.some(({ to }) => to.some((state) => state === stateOf(task)))) return true;
  // A consultation that was answered stays so when the patient is referred.
  if (action !== 'refer' || !referral) return false;
  const filter = refersTo('based-on', { type: 'ServiceRequest', id: String(referral.id) });
  return (await store.search({ type: 'ServiceRequest', filter, sort: [], limit: 1 })).length > 0;
}
