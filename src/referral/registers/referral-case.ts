import { codesOf, elements, extension, string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import { directionOf, isConsultation } from '../recognise.ts';
import { pathOf, type References, type Target } from '../reference.ts';
import { codeSystems, type Direction, extensions } from '../vocabulary.ts';
import { owedOf } from '../workflow/owed.ts';
import { stateOf } from '../workflow/states.ts';
import { steps } from '../workflow/steps.ts';
import { type TakenStep, takenSteps } from '../workflow/taken-steps.ts';
import { refusedBefore } from './first-pass/refused-before.ts';

/** What registers and reports know of a referral to one institution: its Task and ServiceRequest as plain data. */
export interface ReferralCase {
  /** Ids of the Task and of the ServiceRequest. */
  task: string;
  referral: string;
  /** The number that the sender gave. */
  number?: string;
  direction?: Direction;
  isConsultation: boolean;
  priority: string;
  /** Paths, as `Organization/x`. */
  patient?: string;
  sender?: string;
  receiver?: string;
  department?: string;
  doctor?: string;
  liaison?: string;
  /** Paths of what the referral is for. */
  reasons: readonly string[];
  /** Codes of CodeSystem/referral-indication. */
  indications: readonly string[];
  /** `status:businessStatus` */
  state: string;
  times: CaseTimes;
  /** Steps that were taken after they were due. */
  late: readonly LateStep[];
  /** How often a new referral has replaced it (更正). */
  corrections: number;
  /** How often it was refused before it was accepted as valid. */
  refusedBefore: number;
  /** Until when the next step is owed, in milliseconds, and by whom; undefined when nothing is owed. */
  owed?: { by: Party; until: number };
}

/** When what happened, in milliseconds since the epoch. */
export interface CaseTimes {
  /** When the referral was written: by this it belongs to a period. */
  authored: number;
  submitted: number;
  acknowledged?: number;
  /** The receiver's answer: accepted, rejected, sent on, or the patient taken in at once. */
  answered?: number;
  departed?: number;
  arrived?: number;
  /** When the discharge was planned: from then on feedback is owed. */
  discharged?: number;
  ended?: number;
}

export type Party = 'sender' | 'receiver';

export interface LateStep {
  step: string;
  by: Party;
}

const answers = new Set([
  'accept',
  'accept-scheduled',
  'accept-bed',
  'reject',
  'redirect',
  'arrive-at-once',
  'advise',
]);
const arrivals = new Set(['arrive', 'arrive-at-once']);
/** Steps after which a Task has ended. */
const ends = new Set(
  steps
    .filter(({ to, owes }) => to.length > 0 && !owes && !to.some((state) => state.startsWith('requested')))
    .map(({ name }) => name),
).add('reject');
const debtors = new Map(steps.flatMap(({ name, owes }) => (owes ? [[name, owes.by] as const] : [])));

/** The case of a Task and its referral; the latter is undefined where it is not on record, or not to be seen. */
export function caseOf(task: Resource, referral: Resource | undefined, references: References): ReferralCase {
  const path = (parent: Resource | undefined, member: string, type?: string) =>
    optionalPath(references.target(parent, member, type));
  const said = (url: string) => optionalPath(references.target(extension(task, url), 'valueReference'));
  const taken = takenSteps(task);
  const owed = owedOf(task);
  const owes = owed && { by: debtor(task, taken, references), until: owed.until };
  return {
    task: task.id!,
    referral: references.target(task, 'focus', 'ServiceRequest')?.id ?? '',
    ...optional('number', numberOf(referral)),
    ...optional('direction', referral && directionOf(referral)),
    isConsultation: isConsultation(referral),
    priority: string(referral, 'priority') ?? string(task, 'priority') ?? 'routine',
    ...optional('patient', path(task, 'for', 'Patient')),
    ...optional('sender', path(task, 'requester', 'Organization')),
    ...optional('receiver', path(task, 'owner', 'Organization')),
    ...optional(
      'department',
      said(extensions.receivingDepartment) ?? path(referral, 'performer', 'HealthcareService'),
    ),
    ...optional('doctor', path(referral, 'requester')),
    ...optional('liaison', said(extensions.liaison)),
    reasons: references.targets(referral, 'reasonReference').map(pathOf),
    indications: codesOf(referral, 'reasonCode', codeSystems.indication),
    state: stateOf(task),
    times: timesOf(task, taken),
    late: taken.flatMap(({ step, time, due }, index) => {
      const by = debtors.get(taken[index - 1]?.step ?? '');
      return due !== undefined && time > due && by ? [{ step, by }] : [];
    }),
    corrections: taken.filter(({ step }) => step === 'replace').length,
    refusedBefore: refusedBefore(task),
    ...optional('owed', owes),
  };
}

/** What a Task says of its times; where steps are not on record, as far as the Task itself has it. */
function timesOf(task: Resource, taken: readonly TakenStep[]): CaseTimes {
  const first = (names: ReadonlySet<string>) => taken.find(({ step }) => names.has(step))?.time;
  const [executed] = elements(task, 'executionPeriod');
  const authored = instantOf(string(task, 'authoredOn')) ?? first(beginnings) ?? 0;
  const departure = elements(task, 'input').find((input) =>
    codesOf(input, 'type', codeSystems.inputType).includes('departure'),
  );
  const end = taken.findLast(({ step }) => ends.has(step))?.time;
  return {
    authored,
    submitted: first(beginnings) ?? authored,
    ...optional('acknowledged', first(acknowledgement) ?? first(answers)),
    ...optional('answered', first(answers)),
    ...optional('departed', instantOf(string(departure, 'valueDateTime'))),
    ...optional('arrived', first(arrivals) ?? instantOf(string(executed, 'start'))),
    ...optional('discharged', first(discharge)),
    ...optional('ended', end ?? instantOf(string(executed, 'end'))),
  };
}

const beginnings = new Set(['submit', 'send-on']);
const acknowledgement = new Set(['acknowledge']);
const discharge = new Set(['plan-discharge']);

/** Who owes the next step: by the latest step that leaves something owed, else by whom the Task names. */
function debtor(task: Resource, taken: readonly TakenStep[], references: References): Party {
  const known = taken.findLast(({ step }) => debtors.has(step));
  if (known) return debtors.get(known.step)!;
  const waiting = references.target(extension(task, extensions.waitingFor), 'valueReference');
  const sender = references.target(task, 'requester', 'Organization');
  return waiting && sender && pathOf(waiting) === pathOf(sender) ? 'sender' : 'receiver';
}

/** The number that the sender gave a referral, else its first one. */
export function numberOf(referral: Resource | undefined): string | undefined {
  const identifiers = elements(referral, 'identifier');
  const placed = identifiers.find((each) =>
    codesOf(each, 'type', codeSystems.identifierType).includes('PLAC'),
  );
  return string(placed ?? identifiers[0], 'value');
}

function instantOf(time: string | undefined): number | undefined {
  const instant = Date.parse(time ?? '');
  return Number.isNaN(instant) ? undefined : instant;
}

function optionalPath(target: Target | undefined): string | undefined {
  return target && pathOf(target);
}

function optional<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { [P in K]?: V };
}
