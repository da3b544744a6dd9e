import { type RequestHandler, Router } from 'express';
import type { Authenticating } from '../../access/audit/authentications.ts';
import type { Identity } from '../../access/identity/identity.ts';
import type { PasswordAttempts } from '../../access/identity/password-attempts.ts';
import type { RateLimit } from '../../access/identity/rate-limit.ts';
import type { Security } from '../../interactions/security.ts';
import type { Authenticate } from '../app.ts';
import { refuseBeyond } from './authenticate.ts';
import { createIntrospection } from './introspection.ts';
import { recordTokens } from './record-tokens.ts';
import { smartConfiguration } from './smart-configuration.ts';

/** The addresses of the own issuer, as descriptions of the API name them. */
export function securityOf(issuer: string, more: Pick<Security, 'apiKeys' | 'cors'>): Security {
  return {
    authorize: `${issuer}/auth`,
    token: `${issuer}/token`,
    revoke: `${issuer}/token/revocation`,
    introspect: `${issuer}/token/introspection`,
    discovery: `${issuer}/.well-known/openid-configuration`,
    ...more,
  };
}

/** What `createIdentityRoutes` needs beside identity itself. */
export interface IdentityRouteParts {
  base: string;
  security: Security;
  /** How often one address may ask the issuer; undefined: without bound. */
  limit: RateLimit | undefined;
  passwords: PasswordAttempts;
  /** Says who asks about a token. */
  authenticate: Authenticate;
  /** Records who comes in, and who does not; undefined where accesses are not recorded. */
  record: ((event: Authenticating) => Promise<void>) | undefined;
}

/**
 * The addresses by which clients and people get their tokens: `/.well-known/smart-configuration`, at the root and below
 * the base, and the issuer with its page, below the base.
 */
export function createIdentityRoutes(identity: Identity, parts: IdentityRouteParts): Router {
  const { base, security, limit, passwords, authenticate, record } = parts;
  const { issuer } = identity;
  const path = new URL(base).pathname;
  const router = Router();
  const configuration = JSON.stringify(smartConfiguration(issuer, security));
  router.get(
    ['/.well-known/smart-configuration', `${path}/.well-known/smart-configuration`],
    (_, response) => {
      // What it says is for every app to read, whatever page it runs on.
      response.setHeader('Access-Control-Allow-Origin', '*');
      response.type('application/json').send(configuration);
    },
  );

  let served: Promise<RequestHandler> | undefined;
  async function serve(): Promise<RequestHandler> {
    const [provider, elsewhere, { prepare }, { createSignIn }] = await Promise.all([
      identity.provider(),
      identity.elsewhere(),
      import('../../access/identity/issuer/provider.ts'),
      import('./sign-in.ts'),
    ]);
    if (record) recordTokens(provider, record);
    const handler = provider.callback();
    const inner = Router();
    inner.use((message, _, next) => {
      prepare(message, issuer);
      next();
    });
    const signIn = createSignIn({
      provider,
      accounts: identity.accounts,
      elsewhere,
      base,
      passwords,
      record,
    });
    inner.use(createIntrospection({ authenticate, tokens: identity }));
    inner.use('/sign-in', signIn);
    // Each sign-in has its cookie below its own address.
    if (elsewhere)
      inner.get('/signed-in', (message, response, next) => {
        const query = new URL(message.url, issuer).searchParams;
        const uid = elsewhere.signInOf(query);
        if (uid) response.redirect(303, `${path}/oauth/sign-in/${uid}/signed-in?${query}`);
        else next();
      });
    inner.use((message, response) => void handler(message, response));
    return inner;
  }
  router.use(`${path}/oauth`, async (message, response, next) => {
    refuseBeyond((await limit?.(`issuer ${message.ip}`)) ?? 0);
    response.setHeader('Cache-Control', 'no-store');
    served ??= serve();
    (await served)(message, response, next);
  });
  return router;
}
