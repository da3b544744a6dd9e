import { elements, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { or } from '../../fhir/search/query.ts';
import type { Actor } from '../../interactions/actor.ts';
import type { Change, Finding } from '../../interactions/guard.ts';
import type { Reader } from '../../store/store.ts';
import { findOrganization } from '../context/parties.ts';
import type { Records } from '../context/records.ts';
import { refersTo } from '../queries.ts';
import { isReferralTask } from '../recognise.ts';
import { isSame, pathOf, type References, type Target } from '../reference.ts';
import type { Deadlines } from '../workflow/deadlines.ts';
import { withOwed, withoutOwed } from '../workflow/owed.ts';
import { stepParameters } from '../workflow/parameters.ts';
import { partiesOf } from '../workflow/parties.ts';
import { arrivalEnd } from '../workflow/requirements.ts';
import { stateOf, withState } from '../workflow/states.ts';
import { isTerminal, type Step, steps } from '../workflow/steps.ts';
import { withStepTaken } from '../workflow/taken-steps.ts';
import { grantedBy, withGranted } from './green-channel.ts';
import { mostAppointments, openAppointmentsOf, stands } from './holding.ts';
import { othersReferral, unknownReferral } from './refusals.ts';

/** A referral is passed on a few times at most, so it has few Tasks. */
const mostTasks = 20;

const schedule = steps.find(({ name }) => name === 'schedule')!;
const unschedule = steps.find(({ name }) => name === 'unschedule')!;

/** What Tasks are found and judged by. */
export interface TaskSources {
  records: Records;
  /** What who asks may see. */
  shown: Reader;
  references: References;
  deadlines(): Promise<Deadlines>;
  actor: Actor | undefined;
  now: number;
}

/**
 * The Tasks as they follow the appointments of their referrals (`Appointment.basedOn`), whichever way these come. A
 * Task that waits for its appointment is scheduled by one at its receiver; it waits again when the appointment is off,
 * and its time to arrive moves with it. A Task for which a bed is reserved stays so: an appointment for an examination
 * is no reason to give the bed away. What the submission itself does to a Task is left as it is.
 */
export async function followAppointments(
  changes: readonly Change[],
  sources: TaskSources,
): Promise<{ findings: Finding[]; status: 403 | 422; keep: Resource[] }> {
  const findings: Finding[] = [];
  let status: 403 | 422 = 403;
  const followed = new Map<string, Resource>();
  for (const [index, change] of changes.entries()) {
    if (change.type !== 'Appointment') continue;
    const unknown = await unknownReferrals(change, sources);
    if (unknown.length > 0) {
      findings.push(...unknown.map((each) => ({ ...unknownReferral(each), change: index })));
      status = 422;
      continue;
    }
    const tasks = await openTasksOf(change, sources);
    if (tasks.some((task) => isOthers(task, sources))) findings.push({ ...othersReferral, change: index });
    for (const stored of tasks) {
      const id = stored.id!;
      if (sources.records.isSubmitted({ type: 'Task', id })) continue;
      const task = await afterAppointment(followed.get(id) ?? stored, change, sources);
      if (task) followed.set(id, task);
    }
  }
  return { findings, status, keep: [...followed.values()] };
}

/** The referrals that an appointment is newly based on, and that are not there for who asks. Where nobody is known, all is. */
async function unknownReferrals(
  { resource, previous }: Change,
  { records, references, shown, actor }: TaskSources,
): Promise<string[]> {
  if (!actor) return [];
  const before = references.targets(previous, 'basedOn');
  const unknown: string[] = [];
  for (const target of references.targets(resource, 'basedOn')) {
    if (target.type !== 'ServiceRequest' || before.some((each) => isSame(each, target))) continue;
    if (records.isSubmitted(target) || (await shown.read(target.type, target.id))?.text) continue;
    unknown.push(pathOf(target));
  }
  return unknown;
}

/**
 * The Tasks that a submission accepts without an appointment although one was booked at the receiver before, by a family
 * doctor for instance: they are scheduled at once. A Task that was scheduled and is to wait again does wait.
 */
export async function scheduleAccepted(
  changes: readonly Change[],
  sources: TaskSources,
): Promise<{ change: number; resource: Resource }[]> {
  const scheduled: { change: number; resource: Resource }[] = [];
  for (const [index, { type, resource, previous }] of changes.entries()) {
    if (type !== 'Task' || !resource || !previous || !isReferralTask(resource)) continue;
    const isAccepted = stateOf(resource) === 'accepted:appointment-pending';
    if (!isAccepted || stateOf(previous).startsWith('accepted:')) continue;
    const there = await appointmentsAtReceiver(resource, sources);
    if (there.length === 0) continue;
    const listed = there.reduce(withAppointment, resource);
    scheduled.push({ change: index, resource: await stepped(schedule, listed, previous, sources) });
  }
  return scheduled;
}

/** The appointments of a Task's referral that stand, with its receiver. */
async function appointmentsAtReceiver(task: Resource, sources: TaskSources): Promise<Resource[]> {
  const { records, references } = sources;
  const referral = references.target(task, 'focus', 'ServiceRequest');
  if (!referral) return [];
  const booked = [
    ...records
      .submitted('Appointment')
      .filter((each) => references.targets(each, 'basedOn').some((target) => isSame(target, referral))),
    ...(await records.stored('Appointment', openAppointmentsOf(referral), mostAppointments)),
  ];
  const there: Resource[] = [];
  for (const each of booked) if (stands(each) && (await isAtReceiver(each, task, sources))) there.push(each);
  return there;
}

/** The Task with an appointment among its outputs, and what that grants. */
function withAppointment(task: Resource, appointment: Resource): Resource {
  return stepParameters.appointment.apply(
    withGranted(untilAppointment(task, appointment), grantedBy(appointment)),
    { reference: `Appointment/${appointment.id}` },
    'valueReference',
  );
}

/** The Tasks under way of the referral that an appointment is for, and those that have it as an output. */
async function openTasksOf(
  { type, id, resource, previous }: Change,
  { records, references }: TaskSources,
): Promise<Resource[]> {
  const referrals = [resource, previous].flatMap((appointment) =>
    references.targets(appointment, 'basedOn').filter((target) => target.type === 'ServiceRequest'),
  );
  const asked = [
    ...referrals.map((referral) => refersTo('focus', referral)),
    ...(previous ? [refersTo('output', { type, id })] : []),
  ];
  if (asked.length === 0) return [];
  const brought = records
    .submitted('Task')
    .filter((task) => referrals.some((referral) => isSame(references.target(task, 'focus'), referral)));
  return [...brought, ...(await records.stored('Task', or(asked), mostTasks))].filter(
    (task) => isReferralTask(task) && !isTerminal(stateOf(task)),
  );
}

/** Whether a known actor is neither side of a Task, nor the office. */
function isOthers(task: Resource, { actor, references }: TaskSources): boolean {
  return partiesOf(actor, task, references)?.size === 0;
}

/** The Task after a change of an appointment of its referral; undefined when it stays as it is. */
async function afterAppointment(
  task: Resource,
  { type, id, resource, previous }: Change,
  sources: TaskSources,
): Promise<Resource | undefined> {
  const own = { type, id };
  const state = stateOf(task);
  const isListed = appointmentsOf(task, sources.references).some((each) => isSame(each, own));
  if (!stands(resource)) {
    if (!isListed) return undefined;
    const without = withoutAppointment(task, own, sources.references);
    const waits = state === 'accepted:scheduled' && appointmentsOf(without, sources.references).length === 0;
    return waits ? stepped(unschedule, without, task, sources) : without;
  }
  if (!isListed) {
    if (!state.startsWith('accepted:') || !(await isAtReceiver(resource!, task, sources))) return undefined;
    const listed = withAppointment(task, resource!);
    return state === 'accepted:appointment-pending' ? stepped(schedule, listed, task, sources) : listed;
  }
  const isMoved = resource!.start !== previous?.start || resource!.end !== previous?.end;
  if (!isMoved || state !== 'accepted:scheduled') return undefined;
  return stepped(schedule, untilAppointment(task, resource!), task, sources);
}

/** The Task after a step of the table, and who owes the next one. */
async function stepped(
  step: Step,
  changed: Resource,
  before: Resource,
  { records, references, deadlines, now }: TaskSources,
): Promise<Resource> {
  const after = withState(withoutOwed(changed), step.to[0]!);
  const focus = references.target(after, 'focus', 'ServiceRequest');
  const referral = focus && (await records.find(focus));
  const context = { before, after, referral, beside: {}, noShowFrom: undefined, now };
  const owed = await (await deadlines()).owedAfter(step, context, before);
  return withStepTaken(withOwed(after, owed), before, step, now);
}

/** Whether an appointment is with the organization that receives the referral, by one of its services or people. */
async function isAtReceiver(
  appointment: Resource,
  task: Resource,
  { records, references }: TaskSources,
): Promise<boolean> {
  const owner = references.target(task, 'owner', 'Organization');
  for (const participant of elements(appointment, 'participant')) {
    if (isSame(await findOrganization(records, references, participant, 'actor'), owner)) return true;
  }
  return false;
}

/** The Task whose time to arrive is not over before its appointment. */
function untilAppointment(task: Resource, appointment: Resource): Resource {
  const end = string(appointment, 'end') ?? string(appointment, 'start');
  const present = arrivalEnd(task);
  if (end === undefined || (present !== undefined && present >= Date.parse(end))) return task;
  const [restriction] = elements(task, 'restriction');
  const [period] = elements(restriction, 'period');
  return { ...task, restriction: { ...restriction, period: { ...period, end } } };
}

/** The appointments among the outputs of a Task. */
export function appointmentsOf(task: Resource, references: References): Target[] {
  return elements(task, 'output').flatMap((output) =>
    references.targets(output, 'valueReference').filter(({ type }) => type === 'Appointment'),
  );
}

function withoutAppointment(task: Resource, appointment: Target, references: References): Resource {
  const { output: _, ...others } = task;
  const output = elements(task, 'output').filter(
    (each: Element) => !isSame(references.target(each, 'valueReference'), appointment),
  );
  return output.length > 0 ? { ...others, output } : others;
}
