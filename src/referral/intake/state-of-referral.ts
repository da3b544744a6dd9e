import { readJson } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Server } from '../../interactions/server.ts';
import { refersTo } from '../queries.ts';
import { owedOf } from '../workflow/owed.ts';
import { stateOf } from '../workflow/states.ts';
import type { ReferralState } from './result.ts';

/** A referral has so many Tasks at most that are looked at. */
const most = 50;

/** Where a referral is, by the latest of its Tasks that is no duty beside it. */
export async function stateOfReferral({ store }: Server, referral: string): Promise<ReferralState> {
  const task = await taskOfReferral(store, referral);
  return task ? stateOfTask(task) : {};
}

/** The Task by which a referral is under way, or was last; undefined where there is none that may be seen. */
export async function taskOfReferral(
  store: Server['store'],
  referral: string,
): Promise<Resource | undefined> {
  const [type, id] = referral.split('/') as [string, string];
  const found = await store.search({
    type: 'Task',
    filter: refersTo('focus', { type, id }),
    sort: [],
    limit: most,
  });
  const tasks = found.map(({ version }) => readJson(version.text) as Resource).filter(isCoordination);
  const [latest] = tasks.sort((a, b) => Date.parse(String(b.authoredOn)) - Date.parse(String(a.authoredOn)));
  return tasks.find(({ status }) => !ended.has(String(status))) ?? latest;
}

const ended = new Set(['completed', 'cancelled', 'rejected', 'failed', 'entered-in-error']);

/** Whether a Task asks for the referral to be taken, and not for something beside it. */
export function isCoordination({ code }: Resource): boolean {
  const codings = (code as { coding?: { code?: string }[] } | undefined)?.coding ?? [];
  return codings.some((coding) => coding.code === 'fulfill');
}

export function stateOfTask(task: Resource): ReferralState {
  const owed = owedOf(task);
  return {
    task: `Task/${task.id}`,
    state: stateOf(task),
    ...(owed && {
      waitingFor: String(owed.by.reference ?? owed.by.display),
      due: new Date(owed.until).toISOString(),
    }),
  };
}
