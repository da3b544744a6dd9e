import type { IncomingMessage } from 'node:http';
import { purposes } from '../access/purposes.ts';
import { refusals, refuse } from '../fhir/refusal.ts';
import type { Actor } from '../interactions/actor.ts';

/**
 * The actor with the purpose of use that the request states in `X-Purpose-Of-Use`, a code of
 * http://terminology.hl7.org/CodeSystem/v3-ActReason. Without one it is treatment. Refuses with 400 what is none.
 */
export function withPurpose(actor: Actor | undefined, { headers }: IncomingMessage): Actor | undefined {
  const stated = headers['x-purpose-of-use'];
  if (!actor || stated === undefined) return actor;
  const purpose = purposes.find((each) => each === stated);
  if (!purpose) throw refuse(refusals.unknownPurpose, [purposes.join(', ')]);
  return { ...actor, purpose };
}
