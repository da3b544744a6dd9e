import { parseJson } from '../../fhir/json/parse.ts';
import { Refusal } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { checkIfMatch } from '../../interactions/preconditions.ts';
import { presentVersion } from '../../interactions/present-version.ts';
import { validResource } from '../../interactions/resource-body.ts';
import type { Server } from '../../interactions/server.ts';
import { write } from '../../interactions/write.ts';
import type { Reader } from '../../store/store.ts';
import { isOpen } from './holding.ts';
import { notOpen } from './refusals.ts';

/**
 * Changes the appointment that an operation was called on, as an update would: `If-Match`, validation, guards, one
 * version. Refuses with 409 one that does not lie ahead.
 */
export function changeAppointment(
  request: OperationRequest,
  server: Server,
  change: (appointment: Resource, reader: Reader) => Promise<Resource>,
): Promise<OperationAnswer> {
  return request.store.write(async (transaction): Promise<OperationAnswer> => {
    const replaced = await presentVersion(transaction, 'Appointment', request.id!);
    checkIfMatch(request.ifMatch, replaced);
    const before = parseJson(replaced.text, Number.POSITIVE_INFINITY) as Resource;
    if (!isOpen(before)) throw new Refusal(409, [notOpen(String(before.status))]);
    const changed = await change(before, transaction);
    const { resource, issues, isBroken } = validResource(server, changed, 'Appointment');
    const planned = { method: 'PATCH', type: 'Appointment', id: request.id!, resource, replaced } as const;
    const [kept] = await write(server, transaction, [planned], { noted: issues, isBroken });
    return { status: 200, version: kept!.version, issues: [...issues, ...kept!.issues] };
  });
}
