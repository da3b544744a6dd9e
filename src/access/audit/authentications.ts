import { randomUUID } from 'node:crypto';
import type { Actor } from '../../interactions/actor.ts';
import type { Directory } from '../identity/directory.ts';
import type { Audit } from './audit.ts';

/** Somebody asked for a token, or signed in. */
export interface Authenticating {
  did: 'get-token' | 'sign-in';
  /** The id of the client, where it is a registered one. */
  client: string | undefined;
  /** `Practitioner/[id]`, once it is known. */
  person: string | undefined;
  /** HTTP status of the answer. */
  status: number;
  /** Address of the client. */
  from: string | undefined;
  /** How the token was asked for: the `grant_type`. */
  by?: string | undefined;
}

/**
 * Records who was given a token or signed in, and who was refused (IHE IUA, ITI-71, as BALP has it): for the organization
 * of the client, or of the person. Rejects where that cannot be kept: then nobody is to be let in.
 */
export function recordAuthentications(
  audit: Pick<Audit, 'trail'>,
  directory: Pick<Directory, 'client' | 'posts'>,
): (event: Authenticating) => Promise<void> {
  return async ({ did, client, person, status, from, by }) => {
    const registered = client === undefined ? undefined : await directory.client(client);
    const posts = person === undefined ? undefined : await directory.posts(person);
    // Of a person with several posts each request says for which it is; signing in is for all.
    const post = posts?.length === 1 ? posts[0] : person === undefined ? registered : undefined;
    const actor: Actor = {
      roles: post?.roles ?? [],
      ...(post?.organization && { organization: post.organization }),
      ...(registered && { client: `Device/${registered.id}` }),
      ...(person !== undefined && { person }),
    };
    const trail = audit.trail({ requestId: randomUUID(), from, actor });
    const asked = {
      ...({ method: 'POST', interaction: did } as const),
      query: (by === undefined ? [] : [['grant_type', by]]) as [string, string][],
    };
    await trail.open();
    await (status < 400 ? trail.answered(asked, { status }) : trail.refused(asked, status));
  };
}
