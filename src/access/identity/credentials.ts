import type { IncomingHttpHeaders } from 'node:http';
import { refuseCredentials } from './refusals.ts';

/** What a request proves its sender by. */
export interface Credentials {
  kind: 'token' | 'key';
  text: string;
}

/** Longer than any token that this server makes or takes. */
const longest = 16_384;

/**
 * Reads `Authorization: Bearer …`, `Authorization: ApiKey …` or `X-Api-Key`, exactly one of them. Refuses with 401 what is
 * none or several.
 */
export function readCredentials(headers: IncomingHttpHeaders): Credentials {
  const { authorization, 'x-api-key': key } = headers;
  if (authorization === undefined) {
    if (key === undefined) throw refuseCredentials('missing');
    return { kind: 'key', text: String(key) };
  }
  if (key !== undefined) throw refuseCredentials('several');
  const space = authorization.indexOf(' ');
  const scheme = authorization.slice(0, space).toLowerCase();
  const text = authorization.slice(space + 1).trim();
  if (text === '' || text.length > longest || text.includes(' ')) throw refuseCredentials('unreadable');
  if (scheme === 'bearer') return { kind: 'token', text };
  if (scheme === 'apikey') return { kind: 'key', text };
  throw refuseCredentials('unreadable');
}
