import { codesOf, elements, extension } from '../../../fhir/elements.ts';
import type { Element } from '../../../fhir/resource.ts';
import type { Reader } from '../../../store/store.ts';
import { refersTo } from '../../queries.ts';
import type { References } from '../../reference.ts';
import { codeSystems, extensions } from '../../vocabulary.ts';
import { type Held, heldOf, openShelf, type Shelf } from './shelf.ts';

/** Somebody, or an institution, that a resource names: as the reference says, and as it is on record. */
export interface Named {
  reference: Element | undefined;
  held: Held | undefined;
}

/** What a referral holds, as its papers need it. */
export interface ReferralRecord {
  shelf: Shelf;
  task: Held | undefined;
  referral: Held | undefined;
  patient: Named;
  encounter: Held | undefined;
  sender: Named;
  receiver: Named;
  /** The receiving department and the liaison that the receiver has named. */
  department: Named;
  liaison: Named;
  /** The doctor who refers; `role` is a PractitionerRole, where it is by one. */
  doctor: { role: Named; person: Named };
  liaisonPerson: Named;
  /** What the referral is for: its conditions, and what else it gives as reasons. */
  reasons: Held[];
  /** What it brings along (`supportingInfo`). */
  evidence: Held[];
}

/** What is known of a referral before the rest of it is read. */
export interface Start {
  task: Held | undefined;
  referral: Held | undefined;
  /** References: to whom it is about, who sends, and who is to receive. */
  patient: Element | undefined;
  sender: Element | undefined;
  receiver: Element | undefined;
}

/** A referral has few Tasks. */
const mostTasks = 20;

/** Reads what the referral of a Task holds: a few reads by id, and no search. */
export async function readReferral(
  task: Held,
  reader: Reader,
  references: References,
): Promise<ReferralRecord> {
  const shelf = openShelf(reader, references);
  const { requester, owner } = partiesOf(task);
  const referral = await shelf.take(references.target(task.resource, 'focus', 'ServiceRequest'));
  const patient = patientOf(task, referral);
  return readFrom({ task, referral, patient, sender: requester, receiver: owner }, { shelf, references });
}

/**
 * Reads the referral down by which the referral of a Task was answered (`$return`): from the Task's owner to its
 * requester. Without one, what the receiver has told as feedback stands for it.
 */
export async function readReturn(
  task: Held,
  reader: Reader,
  references: References,
): Promise<ReferralRecord> {
  const shelf = openShelf(reader, references);
  const outputs = (type: string) =>
    elements(task.resource, 'output')
      .filter((output) => codesOf(output, 'type', codeSystems.outputType).includes(type))
      .flatMap((output) => elements(output, 'valueReference'));
  const { requester, owner } = partiesOf(task);
  const [referral] = await shelf.follow({ down: outputs('down-referral') }, 'down', ['ServiceRequest']);
  const patient = patientOf(task, referral);
  const [made, told, [encounter]] = await Promise.all([
    readFrom({ task, referral, patient, sender: owner, receiver: requester }, { shelf, references }),
    shelf.follow({ feedback: outputs('referral-feedback') }, 'feedback'),
    shelf.follow({ encounters: outputs('encounter') }, 'encounters', ['Encounter']),
  ]);
  return { ...made, encounter: made.encounter ?? encounter, evidence: [...made.evidence, ...told] };
}

/** The latest Task of the referral that a referral is based on; undefined where that is not on record. */
export async function taskBehind(
  { resource }: Held,
  reader: Reader,
  references: References,
): Promise<Held | undefined> {
  const target = references.target(resource, 'focus', 'ServiceRequest');
  const referral = target && heldOf(await reader.read(target.type, target.id));
  const earlier = references.target(referral?.resource, 'basedOn', 'ServiceRequest');
  if (!earlier) return undefined;
  const filter = refersTo('focus', earlier);
  const [latest] = await reader.search({ type: 'Task', filter, sort: [], limit: mostTasks });
  return heldOf(latest?.version);
}

function partiesOf({ resource }: Held): { requester: Element | undefined; owner: Element | undefined } {
  return { requester: elements(resource, 'requester')[0], owner: elements(resource, 'owner')[0] };
}

function patientOf(task: Held, referral: Held | undefined): Element | undefined {
  return elements(referral?.resource, 'subject')[0] ?? elements(task.resource, 'for')[0];
}

/** Reads the rest: who and what the referral and its Task name. */
export async function readFrom(
  { task, referral, patient: about, sender, receiver }: Start,
  { shelf, references }: { shelf: Shelf; references: References },
): Promise<ReferralRecord> {
  const asked = referral?.resource;
  const named = async (reference: Element | undefined): Promise<Named> => ({
    reference,
    held: await shelf.take(references.target({ reference: reference ?? {} }, 'reference')),
  });
  const said = (url: string) => named(elements(extension(task?.resource, url), 'valueReference')[0]);
  const personOf = async (role: Named): Promise<Named> =>
    role.held?.resource.resourceType === 'PractitionerRole'
      ? named(elements(role.held.resource, 'practitioner')[0])
      : role;
  const service = elements(asked, 'performer').find(
    (each) => references.target({ each }, 'each')?.type === 'HealthcareService',
  );
  const [patient, from, to, stated, asking, liaison, role, reasons, evidence, [encounter]] =
    await Promise.all([
      named(about),
      named(sender),
      named(receiver),
      said(extensions.receivingDepartment),
      named(service),
      said(extensions.liaison),
      named(elements(asked, 'requester')[0]),
      shelf.follow(asked, 'reasonReference'),
      shelf.follow(asked, 'supportingInfo'),
      shelf.follow(asked, 'encounter', ['Encounter']),
    ]);
  const [person, liaisonPerson] = await Promise.all([personOf(role), personOf(liaison)]);
  return {
    shelf,
    task,
    referral,
    patient,
    encounter,
    sender: from,
    receiver: to,
    department: stated.reference ? stated : asking,
    liaison,
    doctor: { role, person },
    liaisonPerson,
    reasons,
    evidence,
  };
}
