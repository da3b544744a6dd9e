import { hash, randomBytes } from 'node:crypto';

/** A new API key of a client, `[client id].[secret]`: shown once, then only its digest is kept. */
export function makeApiKey(client: string): { key: string; digest: string } {
  const key = `${client}.${randomBytes(32).toString('base64url')}`;
  return { key, digest: digestOf(key) };
}

/**
 * The digest that a key is kept as. A key has 256 bits of chance in it, so nobody guesses it from a fast digest, as
 * they would a password.
 */
export function digestOf(key: string): string {
  return hash('sha256', key, 'base64');
}

/** The client that a key says it belongs to; undefined when it is no key. */
export function clientOfKey(key: string): string | undefined {
  return /^([A-Za-z0-9\-.]{1,64})\.[\w-]{43}$/.exec(key)?.[1];
}
