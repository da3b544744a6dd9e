import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Actor, Scope } from '../../interactions/actor.ts';
import type { Kept } from '../../interactions/kept.ts';
import { chooseActor } from './acting.ts';
import { clientOfKey, digestOf } from './api-key.ts';
import { type Credentials, readCredentials } from './credentials.ts';
import { type Directory, directoryTypes, type Post } from './directory.ts';
import { createNetworks } from './networks.ts';
import { refuseCredentials } from './refusals.ts';
import type { Claims } from './tokens.ts';

/** Who sends a request, as far as it says so. */
export interface Sender {
  headers: IncomingHttpHeaders;
  /** The address that it comes from. */
  address: string | undefined;
}

/** What authentication works with. */
export interface AuthenticationParts {
  directory: Directory;
  verify: (token: string) => Promise<Claims>;
  /** Whether API keys are taken. */
  apiKeys: boolean;
  /** Whether the own issuer still lets this person (`Practitioner/[id]`) sign in; undefined: it has never known them. */
  mayStay?: (person: string) => Promise<boolean | undefined>;
  now: () => number;
}

/** Credentials that were proved, and what they are good for at present. */
interface Known {
  /** When they end, in milliseconds since the epoch. */
  readonly expires: number;
  /** Reads anew from the directory who it is. */
  readonly lookUp: () => Promise<Standing>;
  standing: Standing;
  /** When the standing was read, and at which state of the directory. */
  at: number;
  generation: number;
  /** The present reading, which all requests wait for. */
  reading?: Promise<Standing> | undefined;
}

interface Standing {
  actors: readonly Actor[];
  /** Whether the credentials are taken from an address; undefined: from everywhere. */
  from?: (address: string | undefined) => boolean;
}

/** How many credentials are remembered: each is one client or person at work. */
const mostKnown = 20_000;

/**
 * How long a standing holds, in milliseconds: so soon every process sees that a client or person was revoked. The process
 * that revokes sees it at once.
 */
const holds = 1_000;

/** Authentication, and the listener that is to be told of what is kept. */
export interface Authentication {
  /** Gives the actor of a request, at once where its credentials are known. Refuses with 401, 400 or 403. */
  authenticate(sender: Sender): Actor | Promise<Actor>;
  kept(versions: readonly Kept[]): Promise<void>;
}

/**
 * Says who a request is from. A signature is proved once for each token: after that a request costs a digest and a look
 * into a map, and a few reads of the store each second.
 */
export function createAuthentication(parts: AuthenticationParts): Authentication {
  const { directory, verify, apiKeys, mayStay = async () => undefined, now } = parts;
  const known = new Map<string, Known>();
  let generation = 0;

  async function prove({ kind, text }: Credentials): Promise<Omit<Known, 'standing' | 'at' | 'generation'>> {
    if (kind === 'token') {
      const claims = await verify(text);
      return { expires: claims.expires, lookUp: () => standingOf(claims) };
    }
    if (!apiKeys) throw refuseCredentials('keysOff');
    const id = clientOfKey(text);
    if (id === undefined) throw refuseCredentials('invalidKey');
    const digest = digestOf(text);
    const key = (await directory.client(id))?.apiKeys.find((each) => each.digest === digest);
    if (!key || !(key.expires > now())) throw refuseCredentials('invalidKey');
    return { expires: key.expires, lookUp: () => standingOfKey(id, digest) };
  }

  async function standingOfKey(id: string, digest: string): Promise<Standing> {
    const client = await directory.client(id);
    const key = client?.apiKeys.find((each) => each.digest === digest);
    if (!client || !key || !(key.expires > now())) throw refuseCredentials('invalidKey');
    return {
      actors: [{ ...postOf(client), client: `Device/${id}` }],
      ...(key.networks.length > 0 && { from: createNetworks(key.networks) }),
    };
  }

  async function standingOf(claims: Claims): Promise<Standing> {
    if (claims.isCommand)
      return { actors: [{ roles: ['administrator'], client: `Device/${claims.client}` }] };
    const client = claims.client === undefined ? undefined : await directory.client(claims.client);
    if (claims.person === undefined) {
      if (!client) throw refuseCredentials('unknownClient');
      const scopes = ofContext('system', claims.scopes);
      return { actors: [{ ...postOf(client), client: `Device/${client.id}`, scopes }] };
    }
    if (claims.isOwn && !client) throw refuseCredentials('unknownClient');
    const person = claims.person.startsWith('Practitioner/')
      ? claims.person
      : await directory.personWith(claims.person);
    const posts = person === undefined ? undefined : await directory.posts(person);
    if (person === undefined || !posts?.length) throw refuseCredentials('unknownPerson');
    if (claims.isOwn && (await mayStay(person)) === false) throw refuseCredentials('unknownPerson');
    const scopes = ofContext('user', claims.scopes);
    const by = client && { client: `Device/${client.id}` };
    return { actors: posts.map((post) => ({ ...post, ...by, person, scopes })) };
  }

  async function learn(digest: string, credentials: Credentials): Promise<Known> {
    const started = { generation, at: now() };
    const proved = await prove(credentials);
    const entry: Known = { ...proved, ...started, standing: await proved.lookUp() };
    if (known.size >= mostKnown) known.delete(known.keys().next().value!);
    known.set(digest, entry);
    return entry;
  }

  async function renew(entry: Known): Promise<Standing> {
    const started = { generation, at: now() };
    const standing = await entry.lookUp();
    Object.assign(entry, started, { standing });
    return standing;
  }

  function isFresh(entry: Known): boolean {
    return entry.generation === generation && now() - entry.at < holds;
  }

  /** The standing of credentials that were proved before; those that ended, or no longer stand, are forgotten. */
  async function standingAnew(digest: string, entry: Known): Promise<Standing> {
    // A reading that began before the directory changed may have missed it.
    entry.reading ??= renew(entry).finally(() => {
      entry.reading = undefined;
    });
    try {
      const standing = await entry.reading;
      return isFresh(entry) ? standing : await renew(entry);
    } catch (error) {
      known.delete(digest);
      throw error;
    }
  }

  function actorOf({ actors, from }: Standing, { headers, address }: Sender): Actor {
    if (from && !from(address)) throw refuseCredentials('invalidKey');
    return chooseActor(actors, headers);
  }

  return {
    authenticate(sender) {
      const credentials = readCredentials(sender.headers);
      const digest = `${credentials.kind} ${hash('sha256', credentials.text, 'base64')}`;
      const entry = known.get(digest);
      if (!entry) return learn(digest, credentials).then(({ standing }) => actorOf(standing, sender));
      if (entry.expires <= now()) {
        known.delete(digest);
        throw refuseCredentials(credentials.kind === 'token' ? 'expiredToken' : 'invalidKey');
      }
      if (isFresh(entry)) return actorOf(entry.standing, sender);
      return standingAnew(digest, entry).then((standing) => actorOf(standing, sender));
    },
    kept: async (versions) => {
      if (versions.some(({ type }) => directoryTypes.has(type))) generation++;
    },
  };
}

function postOf({
  organization,
  roles,
}: Post | { organization: string | undefined; roles: readonly string[] }): Post {
  return { ...(organization && { organization }), roles };
}

function ofContext(context: Scope['context'], scopes: readonly Scope[]): Scope[] {
  return scopes.filter((scope) => scope.context === context);
}
