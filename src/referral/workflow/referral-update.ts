import { isDeepStrictEqual } from 'node:util';
import type { Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Change } from '../../interactions/guard.ts';
import type { Records } from '../context/records.ts';
import { refersTo } from '../queries.ts';
import { isSame, type References } from '../reference.ts';
import { answeredReferral, statusFollowsTask } from './refusals.ts';
import { type State, stateOf } from './states.ts';
import { type Step, terminal } from './steps.ts';

const mostTasks = 20;

/**
 * Whether a referral on record may be changed: "a Request is only modified by its originator", here as long as nobody
 * has answered it (its open Task is requested or received); its status only by a step of its Task. A referral without
 * a Task is the sender's alone.
 */
export async function judgeReferralUpdate(
  { type, id, resource, previous }: Change,
  step: Step | undefined,
  { records, references, tasks }: { records: Records; references: References; tasks: readonly Change[] },
): Promise<Issue | undefined> {
  if (!resource || !previous || isDeepStrictEqual(matter(resource), matter(previous))) return undefined;
  const stored = await records.stored('Task', refersTo('focus', { type, id }), mostTasks);
  const own = tasks.filter((task) => isSame(references.target(task.previous, 'focus'), { type, id }));
  const states = [...stored, ...own.flatMap((task) => task.previous ?? [])].map(stateOf);
  if (states.length === 0) return undefined;
  if (!step && resource.status !== previous.status) return statusFollowsTask;
  if (isDeepStrictEqual(matter({ ...resource, status: previous.status }), matter(previous))) return undefined;
  const isOpenStill = states.some((state) => /^(?:requested|received):/.test(state));
  const answered = states.find((state) => !terminal.has(state as State)) ?? states[0]!;
  return isOpenStill ? undefined : answeredReferral(answered);
}

/** A referral without what the server keeps of it. */
function matter({ meta: _, text: _text, ...members }: Resource): object {
  return members;
}
