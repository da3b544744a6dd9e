import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { elements, string } from '../../fhir/elements.ts';
import type { Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Change, Finding, Guard, Submission, Verdict } from '../../interactions/guard.ts';
import { openRecords, type Records } from '../context/records.ts';
import { withFamilyDoctors } from '../duties/family-doctors.ts';
import { followUpsAfter } from '../duties/follow-ups.ts';
import { papersMoot } from '../duties/papers.ts';
import { certificateOf, newCertificate, withCertificate } from '../papers/certificate/certificate.ts';
import { directionOf, isReferral, recognise } from '../recognise.ts';
import { createReferences, type References } from '../reference.ts';
import {
  refusalsOnRecord,
  refusedBefore,
  withRefusedBefore,
} from '../registers/first-pass/refused-before.ts';
import { besideOf } from './beside.ts';
import { createDeadlines, type Deadlines, owedStill } from './deadlines.ts';
import { decide, intended } from './decide.ts';
import { owedOf, withOwed, withoutOwed } from './owed.ts';
import { partiesOf } from './parties.ts';
import { receptionIn, withReception } from './reception.ts';
import { judgeReferralUpdate } from './referral-update.ts';
import { taskStays } from './refusals.ts';
import { judgeReplacement, replacedBy } from './replacement.ts';
import { arrivalEnd, isStat, type StepContext } from './requirements.ts';
import { type State, stateOf } from './states.ts';
import { type Step, steps, terminal } from './steps.ts';
import { takenSteps, withStepTaken, withTakenSteps } from './taken-steps.ts';

/** What the guard works with; built once, at start. */
export interface WorkflowGuardParts {
  definitions: Definitions;
  /** The server's base URL, below which absolute references are to this server. */
  base?: string;
  /** While history is imported, Tasks may come in any state. */
  importsHistory?: boolean;
}

const nothing: Verdict = { findings: [], keep: [] };

/**
 * The guard that holds the Tasks of referrals to the table of steps, whichever way a step is taken, and completes what
 * the server keeps itself: the chain, who owes the next step and until when, and the status of the referral.
 */
export function createWorkflowGuard({ definitions, base, importsHistory }: WorkflowGuardParts): Guard {
  const references = createReferences(base);
  const deadlinesOf = createDeadlines(definitions);
  const receiving = (context: StepContext, { receptions }: Deadlines) =>
    receptions.receiving(references.target(context.after, 'owner', 'Organization'), {
      isStat: isStat(context),
      now: context.now,
    });

  /** What is imported has taken its steps when it says so. */
  const withTaken = (task: Resource, { resource, previous }: Change, step: Step | undefined, now: number) => {
    if (importsHistory && !previous) return withTakenSteps(task, takenSteps(resource));
    return step ? withStepTaken(task, previous, step, now) : withTakenSteps(task, takenSteps(previous));
  };

  return async (submission: Submission): Promise<Verdict> => {
    const { changes, now, actor } = submission;
    if (!changes.some(({ type }) => type === 'Task' || type === 'ServiceRequest')) return nothing;
    const records = openRecords(submission);
    const recognised = await recognise(changes, references, async (target) => {
      const stored = await records.find(target);
      return stored !== undefined && isReferral(stored);
    });

    const findings: Finding[] = [];
    const completed: { change: number; resource: Resource }[] = [];
    const keep: Resource[] = [];
    const statuses: number[] = [];
    const taken = new Map<string, Step>();
    let deadlines: Deadlines | undefined;
    const refuse = (change: number, status: number, issues: readonly Issue[]) => {
      findings.push(...issues.map((issue): Finding => ({ ...issue, change })));
      statuses.push(status);
    };

    for (const change of recognised.tasks) {
      const index = changes.indexOf(change);
      if (!change.resource) {
        if (change.previous && !terminal.has(stateOf(change.previous) as State))
          refuse(index, 409, [taskStays]);
        continue;
      }
      const focus = references.target(change.resource, 'focus', 'ServiceRequest');
      const referral = focus && (await records.find(focus));
      deadlines ??= await deadlinesOf(records);
      const context = await contextOf(change, referral, { records, references, changes, now, deadlines });
      // A Task that is sent on is its predecessor's receiver's to make as well.
      const ofTask = change.previous ?? context.beside.predecessor ?? change.resource;
      const parties = partiesOf(actor, ofTask, references);
      const decision = importsHistory && !change.previous ? importOf(context) : decide(context, parties);
      if (decision.kind === 'refused') {
        refuse(index, decision.status, decision.issues);
        // What is meant is judged by the rules as well, so that all is told at once.
        completed.push({ change: index, resource: context.after });
        continue;
      }
      const step = decision.kind === 'step' ? decision.step : undefined;
      const owed = step
        ? await deadlines.owedAfter(step, context, change.previous)
        : owedStill(context, change.previous);
      const reception =
        step?.from.length === 0 ? await receiving(context, deadlines) : receptionIn(change.previous);
      const certificate = certificateOf(change.previous) ?? (step?.certifies && newCertificate(now));
      const told = withReception(withOwed(inChain(context), owed), reception);
      const refused = change.previous
        ? refusedBefore(change.previous)
        : importsHistory
          ? refusedBefore(change.resource)
          : await refusalsOnRecord(referral, records);
      const kept = withCertificate(
        withRefusedBefore(withTaken(told, change, step, now), refused),
        certificate,
      );
      const isSentDown = step?.from.length === 0 && referral && directionOf(referral) === 'down';
      completed.push({
        change: index,
        resource: isSentDown ? await withFamilyDoctors(kept, { records, references }) : kept,
      });
      if (!step) continue;
      keep.push(...(await followUpsAfter(step, context, { records, references, deadlines })));
      if (step.referral === 'revoked' || step.referral === 'entered-in-error')
        keep.push(...(await papersMoot(change, { records, references })));
      if (step.referral && referral && focus && !records.isNew(focus)) taken.set(focus.id, step);
      const { predecessor } = context.beside;
      if (predecessor && owedOf(predecessor)) keep.push(withoutOwed(predecessor));
    }

    for (const change of importsHistory ? [] : recognised.referrals) {
      const replaced =
        change.resource && !change.previous && (await replacedBy(change.resource, { records, references }));
      if (!change.resource || !replaced) continue;
      deadlines ??= await deadlinesOf(records);
      const [of] = [...(replaced.task ? [replaced.task] : []), ...replaced.rejected];
      const parties = of && partiesOf(actor, of, references);
      const verdict = await judgeReplacement(change.resource, replaced, {
        records,
        references,
        deadlines,
        parties,
        now,
      });
      const index = changes.indexOf(change);
      if ('issues' in verdict) refuse(index, verdict.status, verdict.issues);
      else {
        completed.push({ change: index, resource: verdict.referral });
        keep.push(...verdict.keep);
        taken.set(verdict.replaced, verdict.step);
      }
    }

    for (const change of recognised.referrals) {
      const step = taken.get(change.id);
      if (step && change.resource)
        completed.push({
          change: changes.indexOf(change),
          resource: { ...change.resource, status: step.referral },
        });
      taken.delete(change.id);
      const verdict = await judgeReferralUpdate(change, step, {
        records,
        references,
        tasks: recognised.tasks,
        actor,
      });
      if ('issue' in verdict) refuse(changes.indexOf(change), verdict.status, [verdict.issue]);
      else keep.push(...verdict.keep);
    }
    for (const [id, step] of taken) {
      const referral = await records.find({ type: 'ServiceRequest', id });
      if (referral && referral.status !== step.referral) keep.push({ ...referral, status: step.referral });
    }

    if (findings.length > 0) return { findings, keep: [], completed, status: Math.min(...statuses) };
    return { findings, keep, completed };
  };
}

async function contextOf(
  { id, resource, previous }: Change,
  referral: Resource | undefined,
  from: {
    records: Records;
    references: References;
    changes: readonly Change[];
    now: number;
    deadlines: Deadlines;
  },
): Promise<StepContext> {
  const before = previous && asClientsWrite(previous);
  const sent = asClientsWrite(resource!);
  // What the server has added is not the client's to leave out.
  const after =
    before?.groupIdentifier && !sent.groupIdentifier
      ? { ...sent, groupIdentifier: before.groupIdentifier }
      : sent;
  const end = before ? arrivalEnd(before) : undefined;
  const context: StepContext = {
    before,
    after,
    referral,
    beside: await besideOf({ id, before, after }, from),
    noShowFrom: end === undefined ? undefined : end + from.deadlines.grace(referral),
    now: from.now,
  };
  return { ...context, after: intended(context) };
}

/** A Task without what the server keeps on it: what clients are compared by. */
function asClientsWrite(task: Resource): Resource {
  return withCertificate(
    withoutOwed(withReception(withRefusedBefore(withTakenSteps(task, []), 0), undefined)),
    undefined,
  );
}

/** A Task without a chain starts one, by the number of its first identifier (Task.groupIdentifier). */
function inChain({ after, beside }: StepContext): Resource {
  if (after.groupIdentifier) return after;
  const chain = elements(beside.predecessor, 'groupIdentifier')[0] ?? elements(after, 'identifier')[0];
  const [system, value] = [string(chain, 'system'), string(chain, 'value')];
  return value === undefined ? after : { ...after, groupIdentifier: { ...(system && { system }), value } };
}

/** An imported Task is as if the step that leads to its state, or at least to its status, had just been taken. */
function importOf(context: StepContext): ReturnType<typeof decide> {
  const state = stateOf(context.after);
  const isMeant = (each: State) =>
    state.endsWith(':') ? `${each.split(':', 1)[0]}:` === state : each === state;
  const step = steps.find(({ to }) => to.some(isMeant));
  return step ? { kind: 'step', step } : decide(context, undefined);
}
