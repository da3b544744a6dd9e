import { codings } from '../../fhir/elements.ts';
import type { Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import { directionOf, isConsultation } from '../recognise.ts';
import { changedFields, fields } from './fields.ts';
import * as refusals from './refusals.ts';
import { isStat, type Requirement, requirements, type StepContext } from './requirements.ts';
import { businessStatusOf, type State, stateOf, withState } from './states.ts';
import { type Party, type Step, steps } from './steps.ts';

/** What is to become of a Task that a client wants to write. */
export type Decision =
  /** The step is legal, by whom it is asked for, and has all that it needs. */
  | { kind: 'step'; step: Step }
  /** The Task stays in its state, and only members change that may. */
  | { kind: 'edit' }
  | { kind: 'refused'; status: 403 | 409 | 422; issues: readonly Issue[] };

/**
 * Decides whether a Task may become what it would be: the one place where the table of steps is held against a change,
 * whichever way it came. `parties` are what the actor is to this Task, undefined where nobody is known; then everything
 * but the *who* is held.
 */
export function decide(context: StepContext, parties: ReadonlySet<Party> | undefined): Decision {
  const { before, after } = context;
  if (before && stateOf(before) === stateOf(after)) return edit(before, after, parties);
  const legal = stepsFrom(context);
  const target = stateOf(after);
  const meant = legal.filter(({ to }) => to.some((state) => state === target));
  if (!isState(target)) return refuse(422, [refusals.noSuchState(target, 'task-business-status')]);
  if (meant.length === 0)
    return before
      ? refuse(409, [refusals.illegalStep(before, target, legal)])
      : refuse(422, [refusals.noSuchState(target, 'task-start')]);
  const own = meant.filter((step) => mayTake(step, parties));
  if (own.length === 0) return refuse(403, [refusals.wrongActor(meant[0]!)]);
  const step = own.find((each) => missing(each, context).length === 0) ?? own[0]!;
  const lacking = missing(step, context).map((requirement) => refusals.missingRequirement(step, requirement));
  if (lacking.length > 0) return refuse(422, lacking);
  if (!before) return { kind: 'step', step };
  const sides = parties ? step.who.filter((party) => parties.has(party)) : step.who;
  const foreign = changedFields(before, after).filter((field) => !mayChange(field, sides));
  return foreign.length > 0 ? refuse(422, [refusals.protectedFields(foreign, step)]) : { kind: 'step', step };
}

/** The steps that the table has for the Task as it is, whoever asks. */
export function stepsFrom(context: StepContext): Step[] {
  const { before } = context;
  const state = before && stateOf(before);
  return steps.filter(
    (step) =>
      holdsFor(step, context) &&
      (state === null ? step.from.length === 0 : step.from.some((each) => each === state)),
  );
}

/** Whether a party of these may take a step; always where nobody is known. */
export function mayTake({ who }: Step, parties: ReadonlySet<Party> | undefined): boolean {
  return parties === undefined || who.some((party) => parties.has(party));
}

/** What a step needs and the Task does not have. */
export function missing(step: Step, context: StepContext): Requirement[] {
  return step.requires
    .map((name): Requirement => requirements[name])
    .filter((requirement) => !requirement.isMet(context));
}

/**
 * The Task in the state that its writer means. Old clients state the status and leave the business status as it was, or
 * out: then it is that of the row that fits best, by the code of the reason where one of its states has it.
 */
export function intended(context: StepContext): Resource {
  const { before, after } = context;
  const code = businessStatusOf(after);
  if (!before || after.status === before.status || (code !== undefined && code !== businessStatusOf(before)))
    return after;
  const rows = stepsFrom(context).filter(({ to }) => to.some((state) => statusOf(state) === after.status));
  const [row] = rows.sort((a, b) => missing(a, context).length - missing(b, context).length);
  // Where no row leads there, it is still some state of that name that is meant, and refused as such.
  const meant = row ?? steps.find(({ to }) => to.some((state) => statusOf(state) === after.status));
  return meant ? withState(after, stateByReason(meant, after)) : after;
}

/** Of the states that a step can lead to, the one that the reason's code names, else the first. */
export function stateByReason({ to }: Step, task: Resource): State {
  const reasons = codings(task, 'statusReason').map(({ code }) => code);
  return to.find((state) => reasons.includes(state.split(':')[1])) ?? to[0]!;
}

function edit(before: Resource, after: Resource, parties: ReadonlySet<Party> | undefined): Decision {
  const changed = changedFields(before, after).filter((field) => field !== 'businessStatus');
  const anybodys = changed.filter((field) => !mayChange(field, ['sender', 'receiver', 'alliance-office']));
  if (anybodys.length > 0) return refuse(422, [refusals.protectedFields(anybodys)]);
  const others = parties ? changed.filter((field) => !mayChange(field, [...parties])) : [];
  if (others.length > 0) return refuse(403, [refusals.otherSidesFields(others)]);
  return { kind: 'edit' };
}

function mayChange(field: string, who: readonly Party[]): boolean {
  return who.some((party) => fields[party].has(field));
}

function holdsFor({ only }: Step, context: StepContext): boolean {
  switch (only) {
    case undefined:
      return true;
    case 'stat':
      return isStat(context);
    case 'down':
      return isDown(context);
    case 'treatment':
      return !isDown(context) && !isConsultation(context.referral);
    case 'consult':
      return isConsultation(context.referral);
    default:
      throw new TypeError(`Unknown kind of referral ${only satisfies never}`);
  }
}

function isDown({ referral }: StepContext): boolean {
  return referral !== undefined && directionOf(referral) === 'down';
}

function isState(state: string): boolean {
  return steps.some(({ to }) => to.some((each) => each === state));
}

function statusOf(state: State): string {
  return state.split(':', 1)[0]!;
}

function refuse(status: 403 | 409 | 422, issues: readonly Issue[]): Decision {
  return { kind: 'refused', status, issues };
}
