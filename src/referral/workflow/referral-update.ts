import { isDeepStrictEqual } from 'node:util';
import type { Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Actor } from '../../interactions/actor.ts';
import type { Change } from '../../interactions/guard.ts';
import type { Records } from '../context/records.ts';
import { refersTo } from '../queries.ts';
import { isSame, type References } from '../reference.ts';
import { withJudgedBy } from '../rules/judged-by.ts';
import { owedOf, withoutOwed } from './owed.ts';
import { partiesOf } from './parties.ts';
import { answeredReferral, sendersReferral, statusFollowsTask } from './refusals.ts';
import { stateOf } from './states.ts';
import { isTerminal, type Step, steps } from './steps.ts';

const mostTasks = 20;

const giveUp = steps.find(({ name }) => name === 'give-up')!;

/** What is said of a changed referral: why it is refused, or what is kept with the change. */
export type ReferralVerdict = { status: 403 | 409; issue: Issue } | { keep: Resource[] };

/**
 * Whether a referral on record may be changed: "a Request is only modified by its originator", here as long as nobody
 * has answered it (its open Task is requested or received); its status only by a step of its Task, or by the row
 * `give-up` once that was rejected. A referral without a Task is the sender's alone.
 */
export async function judgeReferralUpdate(
  { type, id, resource, previous }: Change,
  step: Step | undefined,
  {
    records,
    references,
    tasks,
    actor,
  }: { records: Records; references: References; tasks: readonly Change[]; actor: Actor | undefined },
): Promise<ReferralVerdict> {
  if (!resource || !previous || isDeepStrictEqual(matter(resource), matter(previous))) return { keep: [] };
  const stored = await records.stored('Task', refersTo('focus', { type, id }), mostTasks);
  const own = tasks.filter((task) => isSame(references.target(task.previous, 'focus'), { type, id }));
  const all = [...stored, ...own.flatMap((task) => task.previous ?? [])];
  const states = all.map(stateOf);
  if (states.length === 0) return { keep: [] };
  const isGivenUp = !step && givesUp(resource, previous, states);
  if (!step && !isGivenUp && resource.status !== previous.status)
    return { status: 409, issue: statusFollowsTask };
  const isAmended = !isDeepStrictEqual(matter({ ...resource, status: previous.status }), matter(previous));
  if (isAmended && !states.some((state) => /^(?:requested|received):/.test(state))) {
    const answered = states.find((state) => !isTerminal(state)) ?? states[0]!;
    return { status: 409, issue: answeredReferral(answered) };
  }
  const isSenders = all.every((task) => partiesOf(actor, task, references)?.has('sender') !== false);
  if ((isAmended || isGivenUp) && !isSenders) return { status: 403, issue: sendersReferral };
  return { keep: isGivenUp ? all.filter(owedOf).map(withoutOwed) : [] };
}

/** Whether a referral is revoked by its sender after it was rejected: the row `give-up`. */
function givesUp({ status }: Resource, before: Resource, states: readonly string[]): boolean {
  const isRevoked = status === giveUp.referral && before.status !== giveUp.referral;
  return isRevoked && states.every(isTerminal) && states.some(isRejected);
}

function isRejected(state: string): boolean {
  return giveUp.from.some((each) => each === state);
}

/** A referral without what the server keeps of it. */
function matter(referral: Resource): object {
  const { meta: _, text: _text, ...members } = withJudgedBy(referral, []);
  return members;
}
