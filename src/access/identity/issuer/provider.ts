import type { IncomingMessage } from 'node:http';
import { type Configuration, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Logger } from 'pino';
import { Refusal } from '../../../fhir/refusal.ts';
import type { Scope } from '../../../interactions/actor.ts';
import type { Accounts } from '../accounts.ts';
import type { Directory } from '../directory.ts';
import { covers, formatScope, parseScope } from '../scopes.ts';
import { type SigningKeys, signingAlgorithm } from '../signing-keys.ts';
import type { State } from '../state/state.ts';
import { createAdapter } from './adapter.ts';
import { assertionAlgorithms } from './registration.ts';

/** What the own issuer works with. */
export interface IssuerParts {
  /** The issuer's URL, which all its addresses are below. */
  issuer: string;
  /** The URLs of the API that tokens are for; the first is their audience. */
  bases: readonly [string, ...string[]];
  keys: SigningKeys;
  state: State;
  directory: Directory;
  accounts: Accounts;
  corsOrigins: '*' | readonly string[];
  /** Writes the page that says that signing in could not go on: its HTML, and its headers. */
  renderError: (error: string, description: string | undefined) => ErrorPage;
  log: Logger;
  now: () => number;
}

export interface ErrorPage {
  html: string;
  headers: Record<string, string>;
}

/** How long what is issued is good, in seconds. */
const lifetimes = {
  AccessToken: 15 * 60,
  ClientCredentials: 5 * 60,
  AuthorizationCode: 60,
  IdToken: 15 * 60,
  Interaction: 10 * 60,
  Session: 60 * 60,
  RefreshToken: 14 * 24 * 3600,
  Grant: 14 * 24 * 3600,
} as const;

/** "The expiration time … SHALL be no more than five minutes in the future" (SMART App Launch), in seconds. */
const longestAssertion = 5 * 60;

/** Scopes that are about the sign-in itself. */
const ownScopes = ['openid', 'fhirUser', 'profile', 'offline_access'];

/**
 * The OpenID Connect provider of a site that has none: SMART Backend Services for registered clients, SMART App Launch
 * with PKCE for people. All of the protocol is the library's; this says what of it is offered, and to whom.
 */
export function createProvider(parts: IssuerParts): Provider {
  const { issuer, bases, keys, state, directory, accounts, corsOrigins, renderError, log, now } = parts;
  const [base] = bases;
  const isSecure = issuer.startsWith('https:');
  const cookie = {
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure,
    signed: true,
    overwrite: true,
  } as const;

  /** The scopes that a request can be granted: those of its kind that the registration of the client covers. */
  async function grantable(ctx: KoaContextWithOIDC, clientId: string): Promise<string> {
    const { params, entities, client } = ctx.oidc;
    const registered = await directory.client(clientId);
    // A system that asks for nothing in particular (RFC 6749, 3.3) gets all that it may have.
    if (params?.grant_type === 'client_credentials') params.scope ??= scopeText(registered?.scopes);
    const asked = params?.scope ?? entities.AuthorizationCode?.scope ?? entities.RefreshToken?.scope ?? '';
    const isSystem = params?.grant_type === 'client_credentials';
    const context: Scope['context'] = isSystem ? 'system' : 'user';
    const bound = registered?.scopes;
    const granted = String(asked)
      .split(' ')
      .filter((text) => {
        if (ownScopes.includes(text)) return !isSystem;
        const scope = parseScope(text);
        return scope?.context === context && (bound?.some((wider) => covers(wider, scope)) ?? true);
      });
    if (String(asked).includes('patient/'))
      throw new errors.InvalidScope('scopes of one patient (patient/...) are not supported', String(asked));
    if (granted.length === 0 && client) {
      const form = `${context}/[type].[cruds]`;
      throw new errors.InvalidScope(
        `ask for at least one scope ${form} that the client may have`,
        String(asked),
      );
    }
    return granted.join(' ');
  }

  const configuration: Configuration = {
    adapter: createAdapter(state, directory, now),
    jwks: { keys: keys.all as NonNullable<Configuration['jwks']>['keys'] },
    cookies: { keys: [keys.secret('cookies')], short: cookie, long: cookie },
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub'], fhirUser: ['fhirUser'], profile: ['name', 'fhirUser'] },
    responseTypes: ['code'],
    pkce: { required: () => true },
    clientAuthMethods: ['private_key_jwt', 'none'],
    clientDefaults: { id_token_signed_response_alg: signingAlgorithm },
    enabledJWA: {
      clientAuthSigningAlgValues: [...assertionAlgorithms],
      idTokenSigningAlgValues: [signingAlgorithm],
    },
    clockTolerance: 5,
    conformIdTokenClaims: false,
    ttl: lifetimes,
    // "aud: URL of the EHR resource server" (SMART App Launch): a token for another server is not asked for here.
    extraParams: {
      aud: (_, value) => {
        if (value !== undefined && !bases.includes(value.replace(/\/$/, '')))
          throw new errors.InvalidRequest(`aud must be ${base}`);
      },
      launch: null,
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => base,
        useGrantedResource: () => true,
        getResourceServerInfo: async (ctx, resource, client) => {
          if (!bases.includes(resource)) throw new errors.InvalidTarget();
          return {
            scope: await grantable(ctx, client.clientId),
            audience: base,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: signingAlgorithm } },
          };
        },
      },
    },
    assertJwtClientAuthClaimsAndHeader: async (_, { exp }) => {
      if (Number(exp) > now() / 1000 + longestAssertion + 5)
        throw new errors.InvalidClientAuth('exp must be no more than five minutes in the future');
    },
    extraTokenClaims: (_, token) =>
      token.kind === 'AccessToken' ? { fhirUser: `Practitioner/${token.accountId}` } : undefined,
    findAccount: async (_, id) => {
      const person = `Practitioner/${id}`;
      const [posts, mayStay] = await Promise.all([directory.posts(person), accounts.mayStay(person)]);
      if (!posts?.length || mayStay === false) return undefined;
      return { accountId: id, claims: () => ({ sub: id, fhirUser: `${base}/${person}` }) };
    },
    issueRefreshToken: (_, client, code) =>
      client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    loadExistingGrant: async (ctx) => {
      const { client, session, result, provider } = ctx.oidc;
      const id = result?.consent?.grantId ?? (client && session?.grantIdFor(client.clientId));
      return id ? provider.Grant.find(id) : undefined;
    },
    interactions: { url: (_, { uid }) => `${new URL(issuer).pathname}/sign-in/${uid}` },
    clientBasedCORS: (_, origin, client) =>
      corsOrigins === '*' ||
      corsOrigins.includes(origin) ||
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
    renderError: (ctx, { error, error_description }) => {
      const { html, headers } = renderError(error, error_description);
      ctx.set(headers);
      ctx.body = html;
    },
    // The addresses of keys are what administrators registered; many stand in a hospital's own network.
    fetch: (url, options) => {
      const { dispatcher: _, ...plain } = options as RequestInit & { dispatcher?: unknown };
      return fetch(url, { ...plain, redirect: 'error' });
    },
  };
  const provider = new Provider(issuer, configuration);
  // The protocol and address of the issuer are known; what proxies and clients say of them is not asked (`prepare`).
  provider.proxy = true;
  provider.use(async (ctx, next) => {
    askForConsent(ctx);
    await next();
  });
  // The client is told as little as can be; who runs the server finds here why it got no token.
  provider.on('grant.error', (ctx, { error, error_description, error_detail }) => {
    const client = ctx.oidc?.client?.clientId;
    log.info({ client, error, reason: error_detail ?? error_description }, 'no token was given');
  });
  provider.on('server_error', (_, error) => {
    if (error instanceof Refusal) return;
    const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
    log.error({ error: error.name, frames }, 'internal error of the issuer');
  });
  return provider;
}

/** All that a system may have. */
function scopeText(scopes: readonly Scope[] | undefined): string {
  return scopes?.map(formatScope).join(' ') ?? 'system/*.cruds';
}

/** Tells the library how clients reach it, whatever proxy is between. */
export function prepare(message: IncomingMessage, issuer: string): void {
  const { protocol, host } = new URL(issuer);
  message.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  message.headers['x-forwarded-host'] = host;
  delete message.headers['x-forwarded-for'];
}

/**
 * "offline_access" is only given with consent (OpenID Connect Core, 11), which apps of SMART do not ask for by name; here
 * every person agrees on the page.
 */
function askForConsent(ctx: { query: Record<string, unknown>; path: string }): void {
  const { scope, prompt } = ctx.query;
  if (typeof scope !== 'string' || prompt !== undefined || !scope.split(' ').includes('offline_access'))
    return;
  ctx.query = { ...ctx.query, prompt: 'consent' };
}
