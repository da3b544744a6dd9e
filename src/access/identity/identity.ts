import type { Provider } from 'oidc-provider';
import type { Logger } from 'pino';
import type { Definitions } from '../../fhir/definitions/definitions.ts';
import type { Store } from '../../store/store.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import { type Authentication, createAuthentication } from './authenticate.ts';
import { createDirectory, type Directory } from './directory.ts';
import type { IssuerParts } from './issuer/provider.ts';
import type { Registration, RelyingParty } from './issuer/relying-party.ts';
import { createRoles } from './roles.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { State } from './state/state.ts';
import { createTokens, type ForeignIssuer } from './tokens.ts';

/** What identity is made of. */
export interface IdentityParts {
  /** What is stored, as it is: who is registered is looked up in all of it. */
  store: Store;
  definitions: Definitions;
  state: State;
  keys: SigningKeys;
  /** The URLs of the API. */
  bases: readonly [string, ...string[]];
  /** The provider whose tokens are taken, besides the server's own. */
  foreign: (ForeignIssuer & Partial<Registration>) | undefined;
  apiKeys: boolean;
  corsOrigins: '*' | readonly string[];
  renderError: IssuerParts['renderError'];
  log: Logger;
  now: () => number;
}

/** Who may come in: authentication of requests, and the server's own issuer of tokens. */
export interface Identity extends Authentication {
  /** The issuer's URL, which all its addresses are below. */
  issuer: string;
  accounts: Accounts;
  directory: Directory;
  /** The issuer itself: loaded when it is first asked, so that a start does not wait for it. */
  provider(): Promise<Provider>;
  /** Signing in at the provider of the site; undefined where people sign in here. */
  elsewhere(): Promise<RelyingParty | undefined>;
  close(): Promise<void>;
}

/** The address of the own issuer, below the base URL: what leads to the API leads to it. */
export function issuerOf(base: string): string {
  return `${base}/oauth`;
}

/** Builds identity of its parts. */
export function createIdentity(parts: IdentityParts): Identity {
  const { store, definitions, state, keys, bases, foreign, apiKeys, now } = parts;
  const [base] = bases;
  const issuer = issuerOf(base);
  const directory = createDirectory(store, { roles: createRoles(definitions), now });
  const accounts = createAccounts(state);
  const { authenticate, kept } = createAuthentication({
    directory,
    verify: createTokens({ base, own: { issuer, keys }, foreign, now }),
    apiKeys,
    mayStay: accounts.mayStay,
    now,
  });
  let provider: Promise<Provider> | undefined;
  return {
    issuer,
    accounts,
    directory,
    authenticate,
    kept,
    provider: () => {
      provider ??= import('./issuer/provider.ts').then(({ createProvider }) =>
        createProvider({ ...parts, issuer, directory, accounts }),
      );
      return provider;
    },
    elsewhere: async () => {
      if (!foreign?.clientId) return undefined;
      const { createRelyingParty } = await import('./issuer/relying-party.ts');
      const registration = { clientId: foreign.clientId, clientSecret: foreign.clientSecret };
      return createRelyingParty({ ...parts, foreign, registration, issuer, base, directory });
    },
    close: () => state.close(),
  };
}
