import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Directory } from '../directory.ts';
import type { State } from '../state/state.ts';
import { registrationOf } from './registration.ts';

/**
 * What the provider library keeps, in the state of the server. Clients it only reads, from the directory, each time
 * anew: who was revoked gets no further token.
 */
export function createAdapter(
  state: State,
  directory: Directory,
  now: () => number,
): (kind: string) => Adapter {
  return (kind) => ({
    find: async (id) => {
      if (kind === 'Client') {
        const client = await directory.client(id);
        return client && (registrationOf(client) as AdapterPayload | undefined);
      }
      return (await state.find(kind, id))?.value;
    },
    findByUid: async (uid) => (await state.findByAlias(kind, uid))?.value,
    findByUserCode: async () => undefined,
    upsert: async (id, payload, expiresIn) => {
      const remembered = {
        id,
        value: payload as Record<string, unknown>,
        alias: payload.uid,
        group: payload.grantId ?? (kind === 'Grant' ? id : undefined),
        expires: expiresIn === undefined ? undefined : now() + expiresIn * 1000,
      };
      if (kind !== 'ReplayDetection') await state.put(kind, remembered);
      // Two processes may be sent the same assertion at the same moment.
      else if (!(await state.claim(kind, remembered)))
        throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
    },
    consume: async (id) => {
      if (!(await state.consume(kind, id))) throw new errors.InvalidGrant(`${kind} was used before`);
    },
    destroy: (id) => state.remove(kind, id),
    revokeByGrantId: (grant) => state.removeGroup(grant),
  });
}
