import type { Resource } from '../fhir/resource.ts';
import { and } from '../fhir/search/query.ts';
import type { Change, Submission } from '../interactions/guard.ts';
import { type Context, createContext, type Sources } from './context/context.ts';
import { patientOf } from './context/episode.ts';
import { type Variable, variablesOfType } from './context/variables.ts';
import { firstTask } from './first-task.ts';
import { hasConcept, refersTo } from './queries.ts';
import type { Recognised } from './recognise.ts';
import { isSame, pathOf, type Target } from './reference.ts';
import type { Case } from './rules/judge.ts';
import type { Rule } from './rules/rule.ts';
import type { RuleBook } from './rules/rule-book.ts';
import { codeSystems } from './vocabulary.ts';
import { carriedOver, replacedBy } from './workflow/replacement.ts';

/** A case with its place in the submission. */
export interface SubmittedCase extends Case {
  /** Index into `Submission.changes`. */
  change: number;
  /** The referral that it belongs to, or its Task where the referral is not on record; undefined outside of referrals. */
  referral: Resource | undefined;
  /** Set when the resource judged is not the one submitted: where the submission refers to it. */
  place?: string;
  /** Judged only to see whether warnings on record still hold; nothing of it is reported. */
  silent?: boolean;
}

/** What the referral's rules say of its receiver, who may be another with every new Task. */
const receiverVariables: readonly Variable[] = ['task', 'to', 'lead', 'svcTo', 'agreements', 'formulary'];

/** What a ServiceRequest or a Task is no longer under way with. */
const ended = ['completed', 'revoked', 'cancelled', 'rejected', 'failed', 'entered-in-error'];

const mostTasks = 20;

/** What one patient's referrals can owe. */
const mostOwed = 50;

/** A referral of the submission, with its context. */
interface Open {
  context: Context;
  /** The resource by which its warnings are kept. */
  referral: Resource;
  task?: Resource | undefined;
}

/** What is judged, and what the server adds to it. */
export interface Submitted {
  cases: SubmittedCase[];
  /** The Tasks of referrals that came without one. */
  made: Resource[];
}

/**
 * The cases of a submission: its referrals, its Tasks, the referrals that a further Task sends to a receiver, and all
 * else that comes with them. Outside of referrals only what the rules always speak of.
 */
export async function casesOf(
  submission: Submission,
  { referrals, tasks }: Recognised,
  book: RuleBook,
  sources: Sources,
  importsHistory = false,
): Promise<Submitted> {
  const { changes } = submission;
  const made: Resource[] = [];
  /** An update, and what is history, is not held to rules about what is new. */
  const rulesFor = ({ type, previous }: Change) =>
    previous === null && !importsHistory ? book.of(type) : book.of(type).filter((rule) => !rule.onCreation);
  const cases: SubmittedCase[] = [];
  const open: Open[] = [];
  for (const change of referrals) {
    if (!change.resource) continue;
    let task = await currentTask(change, tasks, sources);
    const first =
      task || change.previous !== null || importsHistory
        ? undefined
        : await firstTask(change.resource, sources);
    if (first) {
      // What is asked for anew after a rejection is of the same chain.
      const replaced = await replacedBy(change.resource, sources);
      const chain = replaced?.rejected[0]?.groupIdentifier;
      task = chain === undefined ? first : { ...first, groupIdentifier: chain };
      made.push(task);
    }
    const context = createContext(sources, {
      referral: change.resource,
      task,
      encounterOf: 'referral',
    });
    open.push({ context, referral: change.resource, task });
    if (hasEnded(change)) continue;
    const about = { change: changes.indexOf(change), context, referral: change.resource };
    cases.push({ ...about, focus: change.resource, rules: rulesFor(change) });
    if (first)
      cases.push({ ...about, focus: task!, rules: book.of('Task'), place: 'ServiceRequest.performer' });
    cases.push(...(await storedParts(about, book, sources)));
  }
  for (const change of tasks) {
    const task = change.resource;
    if (!task) continue;
    const focus = sources.references.target(task, 'focus', 'ServiceRequest');
    const referral = focus && (await sources.records.find(focus));
    const about = { change: changes.indexOf(change), referral: referral ?? task };
    const context = createContext(sources, { referral, task, encounterOf: 'task' });
    cases.push({ ...about, focus: task, context, rules: rulesFor(change) });
    if (referral && sendsOn(change) && !open.some((each) => each.task === task))
      cases.push({ ...about, ...sentOn(referral, task, book, sources) });
    open.push({ context, referral: about.referral });
  }
  for (const [change, { type, resource, previous }] of changes.entries()) {
    if (!resource || type === 'ServiceRequest' || type === 'Task') continue;
    const rules = book.of(type);
    if (rules.length === 0) continue;
    const patient = patientOf(resource, sources.references);
    const { referral, context } = belongsTo(open, patient) ?? {
      context: createContext(sources, { patient, encounterOf: 'referral' }),
    };
    const [spoken, others] = split(rules, (rule) => rule.always || open.length > 0);
    const about = { change, focus: resource, context, referral };
    cases.push({ ...about, rules: spoken });
    if (previous) cases.push({ ...about, rules: others.filter(mayWarn), silent: true });
  }
  cases.push(...(await papersSupplied(changes, cases, book, sources)));
  return { cases, made };
}

/** Whether a rule says that what it asks for may follow in resources of a type. */
export function mayFollowIn(type: string, book: RuleBook): boolean {
  return rulesThatFollow(type, book).length > 0;
}

function rulesThatFollow(type: string, book: RuleBook): Rule[] {
  const seen = variablesOfType[type] ?? [];
  return type === 'ServiceRequest' || type === 'Task'
    ? []
    : book
        .of('ServiceRequest')
        .filter(({ mayFollow, holds }) => mayFollow && seen.some((name) => holds.variables.has(name)));
}

/**
 * Where what is written can be what a referral of the patient still owes, as a consent that follows, that referral is
 * judged by those rules again.
 */
async function papersSupplied(
  changes: readonly Change[],
  judged: readonly SubmittedCase[],
  book: RuleBook,
  sources: Sources,
): Promise<SubmittedCase[]> {
  const { records, references } = sources;
  const known = new Set(judged.map(({ focus }) => `${focus.resourceType}/${focus.id}`));
  const cases: SubmittedCase[] = [];
  for (const [change, { type, resource, previous }] of changes.entries()) {
    const rules = rulesThatFollow(type, book);
    const patient = rules.length > 0 && patientOf(resource ?? previous ?? undefined, references);
    if (!patient || records.isNew(patient)) continue;
    const isOwed = and([
      refersTo('patient', patient),
      hasConcept('code', codeSystems.ruleConsequence, 'owed'),
    ]);
    for (const issue of await records.stored('DetectedIssue', isOwed, mostOwed)) {
      const target = references.target(issue, 'implicated', 'ServiceRequest');
      const referral = target && !known.has(pathOf(target)) && (await records.find(target));
      if (!target || !referral) continue;
      known.add(pathOf(target));
      const context = createContext(sources, { referral, encounterOf: 'referral' });
      cases.push({ change, referral, focus: referral, context, rules, silent: true });
    }
  }
  return cases;
}

/** Whether what breaks the rule can be on record, as a warning or as owed. */
export function mayWarn({ severity, mayFollow }: Rule): boolean {
  return severity !== 'error' || mayFollow !== undefined;
}

function split(rules: readonly Rule[], isFirst: (rule: Rule) => boolean): [Rule[], Rule[]] {
  return [rules.filter(isFirst), rules.filter((rule) => !isFirst(rule))];
}

/**
 * The Task that a referral now depends on: of those that come with it, else of those on record, the one that is still
 * under way.
 */
async function currentTask(
  { resource, previous, ...referral }: Change,
  submitted: readonly Change[],
  { records, references }: Sources,
): Promise<Resource | undefined> {
  const brought = submitted.flatMap(({ resource }) =>
    resource && isSame(references.target(resource, 'focus'), referral) ? resource : [],
  );
  if (!previous && resource && brought.length === 0) {
    const replaced = await replacedBy(resource, { records, references });
    if (replaced?.task) return carriedOver(replaced.task, resource);
  }
  const tasks =
    brought.length > 0 ? brought : await records.stored('Task', refersTo('focus', referral), mostTasks);
  return tasks.find((task) => !ended.includes(String(task.status))) ?? tasks[0];
}

/** Whether a referral that was accepted before has ended: whether it may be made is no longer a question. */
function hasEnded({ resource, previous }: Change): boolean {
  return previous !== null && ended.includes(String(resource?.status));
}

/** Whether a Task sends its referral to a receiver that the rules have not judged yet. */
function sendsOn({ resource, previous }: Change): boolean {
  const receiver = (task: Resource | null) => JSON.stringify([task?.requester, task?.owner, task?.focus]);
  return receiver(resource) !== receiver(previous);
}

/** A referral that a Task sends on is judged by the rules that its receiver can break. */
function sentOn(referral: Resource, task: Resource, book: RuleBook, sources: Sources) {
  return {
    focus: referral,
    context: createContext(sources, { referral, task, encounterOf: 'referral' }),
    rules: book
      .of('ServiceRequest')
      .filter((rule) => receiverVariables.some((name) => rule.holds.variables.has(name))),
    place: 'Task.focus',
  };
}

/** What a referral states as its reasons and evidence is part of it, also where it was on record before. */
async function storedParts(
  about: { change: number; context: Context; referral: Resource },
  book: RuleBook,
  { records, references }: Sources,
): Promise<SubmittedCase[]> {
  const cases: SubmittedCase[] = [];
  // What the patient of a replaced referral owed, that of the one that replaces it owes.
  const isReplacing = references.targets(about.referral, 'replaces').length > 0;
  const rulesOf = (member: string, type: string) =>
    member === 'subject' ? book.of(type).filter(({ mayFollow }) => mayFollow) : book.of(type);
  for (const member of ['reasonReference', 'supportingInfo', ...(isReplacing ? ['subject'] : [])]) {
    const stored = references
      .targets(about.referral, member)
      .filter((target) => !records.isSubmitted(target) && rulesOf(member, target.type).length > 0);
    for (const [type, targets] of Map.groupBy(stored, (target) => target.type)) {
      const ids = targets.map(({ id }) => id);
      for (const focus of await records.findAll(type, ids))
        cases.push({ ...about, focus, rules: rulesOf(member, type), place: `ServiceRequest.${member}` });
    }
  }
  return cases;
}

/** The referral of the same patient; what is about no patient, such as an organization, goes with the first one. */
function belongsTo(open: readonly Open[], patient: Target | undefined): Open | undefined {
  return patient ? open.find(({ context }) => isSame(context.patient, patient)) : open[0];
}
