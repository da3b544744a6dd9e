import { elements } from '../../fhir/elements.ts';
import type { Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import { mostAppointments, openAppointmentsOf } from '../appointments/holding.ts';
import { findReceiver, findSender } from '../context/parties.ts';
import type { Records } from '../context/records.ts';
import { refersTo } from '../queries.ts';
import { isReferral } from '../recognise.ts';
import { isSame, type References, type Target } from '../reference.ts';
import type { Deadlines } from './deadlines.ts';
import { mayTake, missing } from './decide.ts';
import { owedOf, withOwed, withoutOwed } from './owed.ts';
import * as refusals from './refusals.ts';
import type { Replacement, StepContext } from './requirements.ts';
import { stateOf } from './states.ts';
import { isTerminal, type Party, type Step, steps } from './steps.ts';
import { withStepTaken } from './taken-steps.ts';

const mostTasks = 20;

const replace = steps.find(({ name }) => name === 'replace')!;

/** What replacements are found and judged by. */
export interface ReplacementSources {
  records: Records;
  references: References;
}

/** A referral that a new one replaces (`ServiceRequest.replaces`), and its Tasks. */
export interface Replaced {
  referral: Resource & { id: string };
  /** The Task that goes on with the new referral; undefined where none is under way. */
  task?: Resource & { id: string };
  /** Those of its Tasks that were rejected: their sender has decided now. */
  rejected: Resource[];
}

/** What a new referral replaces; undefined when it replaces no referral of this server. */
export async function replacedBy(
  referral: Resource,
  { records, references }: ReplacementSources,
): Promise<Replaced | undefined> {
  for (const target of references.targets(referral, 'replaces')) {
    const replaced = target.type === 'ServiceRequest' ? await records.find(target) : undefined;
    if (!replaced || !isReferral(replaced)) continue;
    const tasks = await tasksOf(target, { records, references });
    const task = tasks.find((each) => !isTerminal(stateOf(each)));
    const rejected = tasks.filter((each) => stateOf(each).startsWith('rejected:'));
    return {
      referral: replaced as Replaced['referral'],
      ...(task && { task: task as Replaced['referral'] }),
      rejected,
    };
  }
  return undefined;
}

async function tasksOf(target: Target, { records, references }: ReplacementSources): Promise<Resource[]> {
  const isOf = (task: Resource) => isSame(references.target(task, 'focus'), target);
  return [
    ...records.submitted('Task').filter(isOf),
    ...(await records.stored('Task', refersTo('focus', target), mostTasks)),
  ];
}

/** The Task of a referral as it goes on with the one that replaces it: the same Task, of another referral. */
export function carriedOver(task: Resource, to: Resource): Resource {
  const { priority } = to;
  return {
    ...task,
    focus: { reference: `ServiceRequest/${to.id}` },
    ...(priority !== undefined && { priority }),
  };
}

/** What becomes of a replacement: refused, or what is kept with the new referral. */
export type ReplacementVerdict =
  | { status: 403 | 409 | 422; issues: readonly Issue[] }
  | { referral: Resource; replaced: string; step: Step; keep: Resource[] };

/**
 * Judges a new referral that replaces another by the row `replace`. The Task of the replaced one is carried over: it
 * keeps its state, its papers and its chain, and what is owed, and its appointments are of the new referral. Where the
 * Task was rejected, the new referral is asked for anew; where it has ended otherwise there is nothing to replace.
 */
export async function judgeReplacement(
  referral: Resource,
  replaced: Replaced,
  asked: ReplacementSources & { deadlines: Deadlines; parties: ReadonlySet<Party> | undefined; now: number },
): Promise<ReplacementVerdict> {
  const { records, references, deadlines, parties, now } = asked;
  const { task, rejected } = replaced;
  const of = task ?? rejected[0];
  if (!of) return { status: 409, issues: [refusals.nothingToReplace(String(replaced.referral.status))] };
  if (!mayTake(replace, parties)) return { status: 403, issues: [refusals.wrongActor(replace)] };
  const replacement = await comparedWith(referral, of, asked);
  const after = carriedOver(withoutOwed(of), referral);
  const context: StepContext = {
    before: of,
    after,
    referral,
    beside: { replacement },
    noShowFrom: undefined,
    now,
  };
  const lacking = missing(replace, context).map((need) => refusals.missingRequirement(replace, need));
  if (lacking.length > 0 && task) return { status: 422, issues: lacking };
  const done = { replaced: replaced.referral.id, step: replace };
  if (!task) return { ...done, referral, keep: rejected.filter(owedOf).map(withoutOwed) };
  const isHeld = stateOf(task).startsWith('on-hold');
  const row = steps.find(({ to, owes }) => owes && to.some((state) => state === stateOf(task)));
  const isOtherHaste = referral.priority !== replaced.referral.priority;
  const owed = isOtherHaste && row ? await deadlines.owedAfter(row, context, task) : owedOf(task);
  const target = { type: 'ServiceRequest', id: replaced.referral.id };
  const appointments = await records.stored('Appointment', openAppointmentsOf(target), mostAppointments);
  return {
    ...done,
    referral: { ...referral, status: isHeld ? 'on-hold' : 'active' },
    keep: [
      withStepTaken(withOwed(after, owed), task, replace, now),
      ...appointments.map((each) => ({
        ...each,
        basedOn: elements(each, 'basedOn').map((based) =>
          isSame(references.target({ based }, 'based'), target) ? after.focus : based,
        ),
      })),
    ],
  };
}

/** How a new referral stands to the Task that it takes over: of whom, from whom and to whom it is, and its own Tasks. */
async function comparedWith(
  referral: Resource,
  task: Resource,
  { records, references }: ReplacementSources,
): Promise<Replacement> {
  const own = { type: 'ServiceRequest', id: referral.id! };
  const isBrought = (each: Resource) => each.id === task.id || isSame(references.target(each, 'focus'), own);
  const [sender, receiver] = [
    await findSender(records, references, referral, undefined),
    await findReceiver(records, references, referral, undefined),
  ];
  return {
    isAlone: !records.submitted('Task').some(isBrought),
    isSameCase:
      isSame(references.target(referral, 'subject'), references.target(task, 'for')) &&
      isSame(sender, references.target(task, 'requester', 'Organization')) &&
      isSame(receiver, references.target(task, 'owner', 'Organization')),
  };
}
