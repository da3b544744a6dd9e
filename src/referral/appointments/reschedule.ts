import { elements, string } from '../../fhir/elements.ts';
import { readJson } from '../../fhir/json/parse.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { Operation } from '../../interactions/operation.ts';
import type { Reader } from '../../store/store.ts';
import { createReferences, type References } from '../reference.ts';
import { appointmentOperationUrl } from '../vocabulary.ts';
import { givenParameters } from '../workflow/given-parameters.ts';
import { changeAppointment } from './change.ts';
import { actorsOf, placeIn } from './place.ts';

/**
 * `Appointment/[id]/$reschedule` with another `slot`, or several: the appointment moves there, the slots that it held
 * are free again, and the Task of a referral that was scheduled by it has until then for the patient to arrive. Refused
 * with 409, and nothing moves, when a slot is not free.
 */
export const reschedule: Operation = {
  name: '$reschedule',
  definition: appointmentOperationUrl('$reschedule'),
  on: { instance: true, types: ['Appointment'] },
  affectsState: true,
  run: (request, server) => {
    const given = givenParameters(request, server, ['slot']);
    const references = createReferences(request.base);
    return changeAppointment(request, server, async (appointment, reader) => {
      const { members, actors } = await placeIn(reader, given, { references, now: server.now() });
      const left = await actorsOf(reader, await slotsOf(appointment, reader, references), references);
      return {
        ...appointment,
        ...members,
        participant: [
          ...elements(appointment, 'participant').filter((each) => !isOneOf(left, each)),
          ...actors.map((actor) => ({ actor, status: 'accepted' })),
        ],
      };
    });
  },
};

/** The slots of an appointment that are on record still. */
async function slotsOf(appointment: Resource, reader: Reader, references: References): Promise<Resource[]> {
  const slots: Resource[] = [];
  for (const { type, id } of references.targets(appointment, 'slot')) {
    const stored = await reader.read(type, id);
    if (stored?.text) slots.push(readJson(stored.text) as Resource);
  }
  return slots;
}

function isOneOf(actors: readonly Element[], participant: Element): boolean {
  const reference = string(elements(participant, 'actor')[0], 'reference');
  return reference !== undefined && actors.some((actor) => actor.reference === reference);
}
