import type { Request } from 'express';
import type { Authentication } from '../../access/identity/authenticate.ts';
import type { RateLimit } from '../../access/identity/rate-limit.ts';
import { Refusal, refusals, refuse } from '../../fhir/refusal.ts';
import type { Actor } from '../../interactions/actor.ts';
import type { Authenticate } from '../app.ts';

/**
 * Authentication of HTTP requests, with a bound on how often each client, and each address that fails, may ask: beyond it
 * 429 with `Retry-After`.
 */
export function createAuthenticate(
  { authenticate }: Pick<Authentication, 'authenticate'>,
  limit: RateLimit | undefined,
): Authenticate {
  const take = limit ?? (() => 0);
  const bounded = (actor: Actor): Actor | Promise<Actor> => {
    const taken = take(actor.person ?? actor.client ?? '');
    if (taken instanceof Promise) return taken.then(refuseBeyond).then(() => actor);
    refuseBeyond(taken);
    return actor;
  };
  /** Throws the refusal, or that the address fails too often. */
  async function refused(error: unknown, address: string | undefined): Promise<never> {
    if (error instanceof Refusal && error.status === 401) refuseBeyond(await take(`failed ${address}`));
    throw error;
  }
  return (message: Request) => {
    const address = message.ip;
    let actor: Actor | Promise<Actor>;
    try {
      actor = authenticate({ headers: message.headers, address });
    } catch (error) {
      return refused(error, address);
    }
    if (!(actor instanceof Promise)) return bounded(actor);
    return actor.then(bounded, (error) => refused(error, address));
  };
}

/** Refuses with 429 while there are seconds to wait. */
export function refuseBeyond(seconds: number): void {
  if (seconds === 0) return;
  const { status, issues } = refuse(refusals.rateLimited, [String(seconds)]);
  throw new Refusal(status, issues, { 'Retry-After': String(seconds) });
}
