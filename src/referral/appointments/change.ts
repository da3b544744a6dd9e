import { Refusal } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { changeResource } from '../../interactions/operation-changes.ts';
import type { Server } from '../../interactions/server.ts';
import type { Reader } from '../../store/store.ts';
import { isOpen } from './holding.ts';
import { notOpen } from './refusals.ts';

/** Changes the appointment that an operation was called on (`changeResource`); refuses with 409 one that does not lie ahead. */
export function changeAppointment(
  request: OperationRequest,
  server: Server,
  change: (appointment: Resource, reader: Reader) => Promise<Resource>,
): Promise<OperationAnswer> {
  return changeResource(request, server, async (appointment, reader) => {
    if (!isOpen(appointment)) throw new Refusal(409, [notOpen(String(appointment.status))]);
    return change(appointment, reader);
  });
}
