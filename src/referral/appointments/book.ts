import { randomUUID } from 'node:crypto';
import { Refusal, refusals, refuse } from '../../fhir/refusal.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { creationOf, keepAll } from '../../interactions/operation-changes.ts';
import type { Server } from '../../interactions/server.ts';
import type { Reader } from '../../store/store.ts';
import { createReferences, type References } from '../reference.ts';
import { appointmentOperationUrl } from '../vocabulary.ts';
import { type Given, givenParameters } from '../workflow/given-parameters.ts';
import { type State, stateOf } from '../workflow/states.ts';
import { terminal } from '../workflow/steps.ts';
import { appointmentPriority, prioritiesOf } from './green-channel.ts';
import { type Place, placeIn, referred } from './place.ts';
import { referralEnded } from './refusals.ts';

/**
 * `Appointment/$book` with one `slot`, or several that follow each other, and the `patient`, or the `task` of a referral
 * that says whom it is for. It makes the Appointment that a client could also create itself, and leaves it to the guard
 * to hold the slots and to take the step of the Task. What the green channel of the referral grants stands in its
 * priority, or what `priority` says. Answers with the Appointment; 409 when a slot is not free any more.
 */
export const book: Operation = {
  name: '$book',
  definition: appointmentOperationUrl('$book'),
  on: { type: true, types: ['Appointment'] },
  affectsState: true,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const given = givenParameters(request, server, ['slot', 'patient', 'task', 'priority', 'comment']);
  const references = createReferences(request.base);
  const id = randomUUID();
  return server.store.write(async (transaction) => {
    const now = server.now();
    const place = await placeIn(transaction, given, { references, now });
    const referral = await referralOf(transaction, given, references);
    const appointment = appointmentOf(given, place, referral, now);
    return keepAll(server, transaction, [creationOf(server, id, appointment)]);
  });
}

/** A referral that an appointment is made for, and its Task. */
interface ForReferral {
  task: Resource;
  referral: Resource;
}

async function referralOf(
  reader: Reader,
  given: readonly Given[],
  references: References,
): Promise<ForReferral | undefined> {
  const named = given.find(({ name }) => name === 'task');
  if (!named) return undefined;
  const task = await referred(reader, references, { task: named.value }, 'task', 'Task');
  if (terminal.has(stateOf(task) as State)) throw new Refusal(409, [referralEnded(stateOf(task))]);
  return { task, referral: await referred(reader, references, task, 'focus', 'ServiceRequest') };
}

function appointmentOf(
  given: readonly Given[],
  { members, actors }: Place,
  of: ForReferral | undefined,
  now: number,
): Resource {
  const value = (name: string) => given.find((each) => each.name === name)?.value;
  const patient = value('patient') ?? of?.task.for;
  if (patient === undefined) throw refuse(refusals.missingStepParameter, ['patient']);
  const asked = given.filter(({ name }) => name === 'priority').map((each) => String(each.value));
  const granted = asked.length > 0 ? asked : prioritiesOf(of?.referral);
  return {
    resourceType: 'Appointment',
    status: 'booked',
    ...members,
    ...appointmentPriority(of?.referral, granted),
    ...(value('comment') !== undefined && { comment: value('comment') }),
    created: new Date(now).toISOString(),
    ...(of && { basedOn: [of.task.focus] }),
    participant: [patient as Element, ...actors].map((actor) => ({ actor, status: 'accepted' })),
  };
}
