import { randomUUID } from 'node:crypto';
import type { Element, Resource } from '../../fhir/resource.ts';
import { identifierSystems, profiles } from '../vocabulary.ts';
import { type State, withState } from './states.ts';

/**
 * The Task that follows another in its chain: of the same patient and chain, from its first sender to `owner`, or, when
 * `members` say so, of another referral and other parties.
 */
export function followingTask(
  { intent, priority, code, description, focus, for: patient, requester, groupIdentifier }: Resource,
  owner: Element,
  state: State,
  now: number,
  members: Record<string, unknown> = {},
): Resource & { id: string } {
  const id = randomUUID();
  const made = new Date(now).toISOString();
  const inherited = { intent, priority, code, description, focus, for: patient, requester, groupIdentifier };
  return withState(
    {
      resourceType: 'Task',
      id,
      meta: { profile: [profiles.task] },
      identifier: [{ system: identifierSystems.task, value: id }],
      ...Object.fromEntries(Object.entries(inherited).filter(([, value]) => value !== undefined)),
      authoredOn: made,
      lastModified: made,
      owner,
      ...members,
    },
    state,
  ) as Resource & { id: string };
}
