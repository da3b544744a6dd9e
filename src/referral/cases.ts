import type { Resource } from '../fhir/resource.ts';
import type { Change, Submission } from '../interactions/guard.ts';
import { type Context, createContext, type Sources, type Subject } from './context/context.ts';
import { patientOf } from './context/episode.ts';
import type { Variable } from './context/variables.ts';
import type { Recognised } from './recognise.ts';
import { isSame, pathOf, type Target } from './reference.ts';
import type { Case } from './rules/judge.ts';
import type { RuleBook } from './rules/rule-book.ts';

/** A case with its place in the submission. */
export interface SubmittedCase extends Case {
  /** Index into `Submission.changes`. */
  change: number;
  /** The referral that it belongs to, or its Task where the referral is not on record; undefined outside of referrals. */
  referral: Resource | undefined;
  /** Set when the resource judged is not the one submitted: where the submission refers to it. */
  place?: string;
}

/** What the referral's rules say of its receiver, who may be another with every new Task. */
const receiverVariables: readonly Variable[] = ['task', 'to', 'lead', 'svcTo'];

const terminal = ['completed', 'cancelled', 'rejected', 'failed', 'entered-in-error'];

/** A context of the submission and the resource by which its warnings are kept. */
interface Shared {
  context: Context;
  referral: Resource;
}

/**
 * The cases of a submission: its referrals, its Tasks, the stored referrals that a new Task sends to a receiver, and
 * all else that comes with them. Outside of referrals only what the rules always speak of.
 */
export async function casesOf(
  submission: Submission,
  { referrals, tasks }: Recognised,
  book: RuleBook,
  sources: Sources,
): Promise<SubmittedCase[]> {
  const { changes } = submission;
  const { records, references } = sources;
  const indexOf = (change: Change) => changes.indexOf(change);
  const cases: SubmittedCase[] = [];
  const shared: Shared[] = [];
  const open = (subject: Subject) => createContext(sources, subject);

  for (const change of referrals) {
    const referral = change.resource;
    if (!referral) continue;
    const task = currentTask(tasks, change, (each) => references.target(each, 'focus'));
    const context = open({ referral, task, encounterOf: 'referral' });
    shared.push({ context, referral });
    const rules = book.of('ServiceRequest');
    cases.push({ focus: referral, change: indexOf(change), context, rules, referral });
    cases.push(...(await storedParts(referral, indexOf(change), context, book, sources)));
  }

  for (const change of tasks) {
    const task = change.resource;
    if (!task) continue;
    const focus = references.target(task, 'focus', 'ServiceRequest');
    const referral = focus && (await records.find(focus));
    const context = open({ referral, task, encounterOf: 'task' });
    const kept = referral ?? task;
    shared.push({ context, referral: kept });
    cases.push({ focus: task, change: indexOf(change), context, rules: book.of('Task'), referral: kept });
    if (!referral || referrals.some((each) => isSame(each, focus)) || !sendsOn(change)) continue;
    cases.push({
      focus: referral,
      change: indexOf(change),
      context: open({ referral, task, encounterOf: 'referral' }),
      rules: book
        .of('ServiceRequest')
        .filter((rule) => receiverVariables.some((name) => rule.holds.variables.has(name))),
      referral,
      place: 'Task.focus',
    });
  }

  for (const [index, { type, resource }] of changes.entries()) {
    if (!resource || type === 'ServiceRequest' || type === 'Task') continue;
    const rules = book.of(type).filter((rule) => rule.always || shared.length > 0);
    if (rules.length === 0) continue;
    const patient = patientOf(resource, references);
    const { context, referral } = belongsTo(shared, patient) ?? {
      context: open({ patient, encounterOf: 'referral' }),
    };
    cases.push({ focus: resource, change: index, context, rules, referral });
  }
  return cases;
}

/** What a referral states as its reasons and evidence is part of it, also where it was on record before. */
async function storedParts(
  referral: Resource,
  change: number,
  context: Context,
  book: RuleBook,
  { records, references }: Sources,
): Promise<SubmittedCase[]> {
  const cases: SubmittedCase[] = [];
  for (const member of ['reasonReference', 'supportingInfo']) {
    const stored = references.targets(referral, member).filter((target) => !records.isSubmitted(target));
    for (const [type, targets] of Map.groupBy(stored, (target) => target.type)) {
      const rules = book.of(type);
      if (rules.length === 0) continue;
      const parts = await records.findAll(
        type,
        targets.map(({ id }) => id),
      );
      for (const focus of parts)
        cases.push({ focus, change, context, rules, referral, place: `ServiceRequest.${member}` });
    }
  }
  return cases;
}

/** Of the Tasks of a referral that come with it, the one that it now depends on. */
function currentTask(
  tasks: readonly Change[],
  referral: Target,
  focusOf: (task: Resource) => Target | undefined,
): Resource | undefined {
  const own = tasks.flatMap(({ resource }) =>
    resource && isSame(focusOf(resource), referral) ? resource : [],
  );
  return own.find((task) => !terminal.includes(String(task.status))) ?? own[0];
}

/** Whether a Task sends its referral to a receiver that the rules have not judged yet. */
function sendsOn({ resource, previous }: Change): boolean {
  const ownerOf = (task: Resource | null) => JSON.stringify([task?.owner, task?.focus]);
  return ownerOf(resource) !== ownerOf(previous);
}

/** The referral of the same patient; what is about no patient, such as an organization, goes with the first one. */
function belongsTo(shared: readonly Shared[], patient: Target | undefined): Shared | undefined {
  return patient ? shared.find(({ context }) => isSame(context.patient, patient)) : shared[0];
}

/** The referral that a resource is kept with, as a path. */
export function referralPath(referral: Resource): string {
  return pathOf({ type: referral.resourceType, id: referral.id! });
}
