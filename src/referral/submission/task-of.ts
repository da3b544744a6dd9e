import type { Reader } from '../../store/store.ts';
import { refersTo } from '../queries.ts';
import type { Target } from '../reference.ts';

/** The Task that coordinates a referral: the latest, where it was passed on. */
export async function taskOf(reader: Reader, referral: Target): Promise<Target | undefined> {
  const filter = refersTo('focus', referral);
  const [found] = await reader.search({ type: 'Task', filter, sort: [], limit: 1 });
  return found && { type: 'Task', id: found.version.id };
}
