import type { IncomingHttpHeaders } from 'node:http';
import { refusals, refuse } from '../../fhir/refusal.ts';
import type { Actor } from '../../interactions/actor.ts';

/**
 * The actor of one request among those that its sender may be, one for each organization: the only one, or that of the
 * header `X-Acting-Organization`. `X-Acting-Roles` leaves off roles. Nobody becomes by a header what they are not: 403.
 * Refuses with 400 who must choose and does not.
 */
export function chooseActor(actors: readonly Actor[], headers: IncomingHttpHeaders): Actor {
  const { 'x-acting-organization': organization, 'x-acting-roles': roles } = headers;
  if (organization === undefined && roles === undefined && actors.length === 1) return actors[0]!;
  const there =
    organization === undefined ? actors : actors.filter((actor) => actor.organization === organization);
  if (there.length === 0)
    throw refuse(refusals.notActing, [`X-Acting-Organization: ${organization}`.slice(0, 120)]);
  if (there.length > 1) {
    const choices = there.map((actor) => actor.organization ?? '-').join(', ');
    throw refuse(refusals.actingNeeded, [choices]);
  }
  const [actor] = there as [Actor];
  if (roles === undefined) return actor;
  const wanted = String(roles)
    .split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '');
  const missing = wanted.find((role) => !actor.roles.includes(role));
  if (missing !== undefined) throw refuse(refusals.notActing, [`X-Acting-Roles: ${missing}`.slice(0, 120)]);
  // Without any role one is of the organization, whose patients an administrator of it does not see.
  if (wanted.length === 0 && actor.roles.length > 0) throw refuse(refusals.notActing, ['X-Acting-Roles: -']);
  return { ...actor, roles: wanted };
}
