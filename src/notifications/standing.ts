import type { Directory } from '../access/identity/directory.ts';
import type { Actor } from '../interactions/actor.ts';

/** Who may come in, as far as it is asked for those who have made subscriptions. */
export interface StandingParts {
  directory: Pick<Directory, 'client' | 'posts'>;
  /** Whether the own issuer still lets this person sign in; undefined: it has never known them. */
  mayStay(person: string): Promise<boolean | undefined>;
}

/**
 * Who has made a subscription, as they stand now: for the same organization, in no more roles than then and than they
 * have, and with the scopes of then. Undefined when they are no longer let in, or act for that organization no more.
 */
export async function standingOf(
  actor: Actor,
  { directory, mayStay }: StandingParts,
): Promise<Actor | undefined> {
  const client = actor.client === undefined ? undefined : await directory.client(idOf(actor.client));
  if (actor.client !== undefined && !client) return undefined;
  if (actor.person === undefined) {
    if (!client) return actor;
    return client.organization === actor.organization ? within(actor, client.roles) : undefined;
  }
  if ((await mayStay(actor.person)) === false) return undefined;
  const posts = await directory.posts(actor.person);
  const post = posts?.find(({ organization }) => organization === actor.organization);
  return post && within(actor, post.roles);
}

function within(actor: Actor, roles: readonly string[]): Actor | undefined {
  const left = actor.roles.filter((role) => roles.includes(role));
  // Without any role one is of the organization: that is more than with `insurer` alone.
  return left.length === 0 && actor.roles.length > 0 ? undefined : { ...actor, roles: left };
}

function idOf(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}
