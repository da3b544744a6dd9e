import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { elements } from '../../fhir/elements.ts';
import { readJson } from '../../fhir/json/parse.ts';
import { Refusal, refusals, refuse } from '../../fhir/refusal.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { creationOf, keepAll } from '../../interactions/operation-changes.ts';
import type { Server } from '../../interactions/server.ts';
import type { Reader, StoredVersion } from '../../store/store.ts';
import { createReferences, pathOf, type References, type Target } from '../reference.ts';
import { appointmentOperationUrl } from '../vocabulary.ts';
import { type Given, givenParameters } from '../workflow/given-parameters.ts';
import { stateOf } from '../workflow/states.ts';
import { isTerminal } from '../workflow/steps.ts';
import { appointmentPriority, prioritiesOf } from './green-channel.ts';
import { heldSlots, holdersOf, isOpen } from './holding.ts';
import { type Place, placeIn, referred } from './place.ts';
import { referralEnded } from './refusals.ts';

/**
 * `Appointment/$book` with one `slot`, or several that follow each other, and the `patient`, or the `task` of a referral
 * that says whom it is for. It makes the Appointment that a client could also create itself, and leaves it to the guard
 * to hold the slots and to take the step of the Task. What the green channel of the referral grants stands in its
 * priority, or what `priority` says. Answers with the Appointment; 409 when a slot is not free any more. Asked again, as
 * after an answer that did not arrive, it answers with the appointment that it made.
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
    const made = await madeBefore(transaction, appointment, references);
    if (made) return { status: 200, version: made };
    return keepAll(server, transaction, [creationOf(server, id, appointment)]);
  });
}

/** The appointment that lies ahead in the very slots, for the same patient and referral. */
async function madeBefore(
  reader: Reader,
  asked: Resource,
  references: References,
): Promise<StoredVersion | undefined> {
  const [slot] = heldSlots(asked, references);
  const patient = patientIn(asked, references);
  if (!slot || !patient) return undefined;
  const holders = await reader.search({ type: 'Appointment', filter: holdersOf(slot), sort: [], limit: 1 });
  const essence = (appointment: Resource) =>
    [
      ...heldSlots(appointment, references),
      ...references.targets(appointment, 'basedOn'),
      ...[patientIn(appointment, references)].filter((target) => target !== undefined),
    ]
      .map(pathOf)
      .sort();
  return holders.find(({ version }) => {
    const held = readJson(version.text) as Resource;
    return isOpen(held) && isDeepStrictEqual(essence(held), essence(asked));
  })?.version;
}

function patientIn(appointment: Resource, references: References): Target | undefined {
  return elements(appointment, 'participant')
    .flatMap((participant) => references.targets(participant, 'actor'))
    .find(({ type }) => type === 'Patient');
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
  if (isTerminal(stateOf(task))) throw new Refusal(409, [referralEnded(stateOf(task))]);
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
