import type { Resource } from '../../fhir/resource.ts';
import type { Change } from '../../interactions/guard.ts';
import type { Records } from '../context/records.ts';
import { isReferralTask } from '../recognise.ts';
import type { References } from '../reference.ts';
import { type State, stateOf } from '../workflow/states.ts';
import { terminal } from '../workflow/steps.ts';
import { mostAppointments, openAppointmentsOf } from './holding.ts';

/**
 * The appointments that end with the Tasks of a submission, so that no slot stays taken for a patient who will not
 * come: those of a referral that was rejected, cancelled, redirected or entered in error are cancelled; after a no-show
 * the patient has missed them. A referral that was completed keeps what it has ahead: a visit for follow-up.
 */
export async function endedAppointments(
  changes: readonly Change[],
  { records, references }: { records: Records; references: References },
): Promise<Resource[]> {
  const ended: Resource[] = [];
  for (const { type, resource, previous } of changes) {
    if (type !== 'Task' || !resource || !previous || !isReferralTask(resource)) continue;
    const state = stateOf(resource);
    if (!hasEnded(state) || hasEnded(stateOf(previous)) || state.startsWith('completed:')) continue;
    const referral = references.target(resource, 'focus', 'ServiceRequest');
    if (!referral) continue;
    const open = await records.stored('Appointment', openAppointmentsOf(referral), mostAppointments);
    ended.push(...open.map((appointment) => endedBy(state, appointment)));
  }
  return ended;
}

function hasEnded(state: string): boolean {
  return terminal.has(state as State);
}

function endedBy(state: string, appointment: Resource): Resource {
  return {
    ...appointment,
    status: state === 'failed:no-show' ? 'noshow' : 'cancelled',
    cancelationReason: { text: `转诊任务已结束 / The Task of the referral has ended: ${state}` },
  };
}
