import { refusals, refuse } from '../../fhir/refusal.ts';
import type { Operation } from '../../interactions/operation.ts';
import { appointmentOperationUrl } from '../vocabulary.ts';
import { givenParameters } from '../workflow/given-parameters.ts';
import { changeAppointment } from './change.ts';

/**
 * `Appointment/[id]/$cancel` with the `reason`: the appointment is cancelled, its slots are free again, and the Task of
 * a referral that was scheduled by it waits for another.
 */
export const cancel: Operation = {
  name: '$cancel',
  definition: appointmentOperationUrl('$cancel'),
  on: { instance: true, types: ['Appointment'] },
  affectsState: true,
  run: (request, server) => {
    const [reason] = givenParameters(request, server, ['reason']);
    if (!reason) throw refuse(refusals.missingStepParameter, ['reason']);
    return changeAppointment(request, server, async (appointment) => ({
      ...appointment,
      status: 'cancelled',
      cancelationReason: reason.value,
    }));
  },
};
