import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Audit } from '../../access/audit/audit.ts';
import { recordAuthentications } from '../../access/audit/authentications.ts';
import {
  createIdentity,
  type Identity,
  type IdentityParts,
  issuerOf,
} from '../../access/identity/identity.ts';
import { type IdentityPlace, keysOf, openState } from '../../access/identity/open.ts';
import type { PasswordAttempts } from '../../access/identity/password-attempts.ts';
import type { RateLimit } from '../../access/identity/rate-limit.ts';
import type { ForeignIssuer } from '../../access/identity/tokens.ts';
import type { Definitions } from '../../fhir/definitions/definitions.ts';
import type { Security } from '../../interactions/security.ts';
import type { Store } from '../../store/store.ts';
import type { Authenticate } from '../app.ts';
import { createAuthenticate } from './authenticate.ts';
import { errorPage, pageHeaders } from './page.ts';
import { createIdentityRoutes, securityOf } from './routes.ts';

/** The provider of a site, and how the server is registered there; see `settings.ts`. */
type OidcSettings = Omit<ForeignIssuer, 'audience'> & {
  audience: string | undefined;
  clientId: string | undefined;
  clientSecret: string | undefined;
};

/** Settings of who may come in; see `settings.ts`. */
export interface IdentitySettings extends IdentityPlace {
  apiKeys: boolean;
  corsOrigins: '*' | string[];
  oidc: OidcSettings | undefined;
}

/** What only is known once the server listens. */
export interface IdentitySurroundings {
  store: Store;
  definitions: Definitions;
  /** The URL of the API, and the others under which clients reach it. */
  base: string;
  otherBases: readonly string[];
  log: Logger;
  /** Bounds on requests of one client, where there are any, and on wrong passwords. */
  counts: { requests: RateLimit | undefined; passwords: PasswordAttempts };
  /** Where it is recorded who comes in; undefined where accesses are not. */
  audit: Pick<Audit, 'trail'> | undefined;
  now: () => number;
}

/** Access control as the HTTP layer takes it. */
export interface AccessControl {
  identity: Identity;
  authenticate: Authenticate;
  routes: RequestHandler;
  security: Security;
}

/**
 * Opens what has to be there before the server listens, the keys and the memory of the issuer, and gives the function that
 * builds access control of it. `secret` makes secrets that all processes of the server share.
 */
export async function prepareIdentity(settings: IdentitySettings): Promise<{
  secret: (purpose: string) => string;
  build: (surroundings: IdentitySurroundings) => AccessControl;
}> {
  const keys = keysOf(settings);
  const state = await openState(settings);
  const { apiKeys, corsOrigins, oidc } = settings;
  return {
    secret: keys.secret,
    build: ({ base, otherBases, counts, audit, now, ...surroundings }) => {
      const identity = createIdentity({
        ...surroundings,
        state,
        keys,
        bases: [base, ...otherBases],
        foreign:
          oidc &&
          ({
            ...oidc,
            audience: oidc.audience ?? base,
            ...(oidc.clientId !== undefined && { clientId: oidc.clientId, clientSecret: oidc.clientSecret }),
          } as IdentityParts['foreign']),
        apiKeys,
        corsOrigins,
        renderError: (error, description) => ({
          html: errorPage(error, description),
          headers: pageHeaders(),
        }),
        now,
      });
      const cors = corsOrigins === '*' || corsOrigins.length > 0;
      const security = securityOf(issuerOf(base), { apiKeys, cors });
      const authenticate = createAuthenticate(identity, counts.requests);
      return {
        identity,
        authenticate,
        routes: createIdentityRoutes(identity, {
          base,
          security,
          limit: counts.requests,
          passwords: counts.passwords,
          authenticate,
          record: audit && recordAuthentications(audit, identity.directory),
        }),
        security,
      };
    },
  };
}
