import type { IncomingMessage } from 'node:http';
import { refusals, refuse } from '../fhir/refusal.ts';
import type { Actor } from '../interactions/actor.ts';

const organization = /^Organization\/[A-Za-z0-9\-.]{1,64}$/;
const roles = /^[a-z-]{1,40}(?:\s*,\s*[a-z-]{1,40}){0,9}$/;

/**
 * For whom a client says that it acts, while there is no access control: the headers `X-Acting-Organization`
 * (`Organization/[id]`) and `X-Acting-Roles` (one or more, with commas between). Without them nobody is known, and
 * everything but the *who* of a step is held. Refuses with 400 a header that is not of this form.
 */
export function readActor({ headers }: IncomingMessage): Actor | undefined {
  const [from, as] = [headers['x-acting-organization'], headers['x-acting-roles']];
  if (from === undefined && as === undefined) return undefined;
  if (from !== undefined && (typeof from !== 'string' || !organization.test(from)))
    throw refuse(refusals.invalidActor, ['X-Acting-Organization']);
  if (as !== undefined && (typeof as !== 'string' || !roles.test(as)))
    throw refuse(refusals.invalidActor, ['X-Acting-Roles']);
  return {
    ...(from !== undefined && { organization: from }),
    roles: as === undefined ? [] : as.split(',').map((role) => role.trim()),
  };
}
