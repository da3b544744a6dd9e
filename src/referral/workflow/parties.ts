import type { Resource } from '../../fhir/resource.ts';
import type { Actor } from '../../interactions/actor.ts';
import { isSame, type References } from '../reference.ts';
import type { Party } from './steps.ts';

/** What an actor is to a Task; undefined where nobody is known. */
export function partiesOf(
  actor: Actor | undefined,
  task: Resource,
  references: References,
): ReadonlySet<Party> | undefined {
  if (!actor) return undefined;
  const parties = new Set<Party>();
  if (actor.isSystem) parties.add('system');
  const [, id] = actor.organization?.split('/') ?? [];
  const own = id === undefined ? undefined : { type: 'Organization', id };
  if (isSame(references.target(task, 'requester', 'Organization'), own)) parties.add('sender');
  if (isSame(references.target(task, 'owner', 'Organization'), own)) parties.add('receiver');
  if (actor.roles.includes('alliance-office')) parties.add('alliance-office');
  return parties;
}
