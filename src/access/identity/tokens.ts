import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
  SignJWT,
} from 'jose';
import { refusals, refuse } from '../../fhir/refusal.ts';
import type { Scope } from '../../interactions/actor.ts';
import { refuseCredentials } from './refusals.ts';
import { parseScopes } from './scopes.ts';
import { type SigningKeys, signingAlgorithm } from './signing-keys.ts';

/** What a token says, once it is proved. */
export interface Claims {
  /** The id of the client that it was given to. */
  client?: string;
  /** `Practitioner/[id]`, or an identifier `system|value` of one. */
  person?: string;
  scopes: readonly Scope[];
  /** In milliseconds since the epoch. */
  expires: number;
  /** Made by this server's own issuer. */
  isOwn?: boolean;
  /** Made by a command on the server's own machine, with the server's own key. */
  isCommand?: boolean;
}

/** An OpenID Connect provider whose tokens are taken. */
export interface ForeignIssuer {
  issuer: string;
  audience: string;
  /** The claim that names the person: `fhirUser`, or one whose value is an identifier of `system`. */
  personClaim: string;
  personSystem: string | undefined;
  /** What a token that has no SMART scopes is good for. */
  defaultScopes: readonly Scope[];
}

/** Whom tokens are taken from. */
export interface TokenIssuers {
  base: string;
  own: { issuer: string; keys: SigningKeys };
  foreign?: ForeignIssuer | undefined;
  now: () => number;
}

/** A token by which a command on the server's own machine acts as an administrator for a minute. */
export function makeCommandToken({ issuer, keys }: TokenIssuers['own'], base: string): Promise<string> {
  const [key] = keys.all;
  return new SignJWT({ client_id: commandClient, command: true })
    .setProtectedHeader({ alg: signingAlgorithm, kid: key!.kid!, typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(base)
    .setSubject(commandClient)
    .setExpirationTime('1 minute')
    .sign(key!);
}

/** The client id in tokens that commands on the server's own machine make for themselves. */
export const commandClient = 'command-line';

/** Algorithms with public keys alone: no `none`, and no secret that a public key could be taken for. */
const foreignAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];

/** A function that proves access tokens. It refuses with 401 what is not valid, and says why as far as it helps. */
export function createTokens({ base, own, foreign, now }: TokenIssuers): (token: string) => Promise<Claims> {
  const ownKeys = createLocalJWKSet({ keys: own.keys.all.map(({ d: _, ...key }) => key) });
  const ownOptions = { issuer: own.issuer, audience: base, algorithms: [signingAlgorithm], typ: 'at+jwt' };
  const foreignKeys = foreign && remoteKeys(foreign.issuer);

  async function verify(
    token: string,
    keys: JWTVerifyGetKey,
    options: JWTVerifyOptions,
  ): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...options,
        requiredClaims: ['exp'],
        currentDate: new Date(now()),
      });
      // Bound to a key of its holder, which this server does not ask to be shown.
      if (payload.cnf !== undefined) throw refuseCredentials('invalidToken');
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw refuseCredentials('expiredToken');
      if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud')
        throw refuseCredentials('wrongAudience');
      if (error instanceof errors.JOSEError) throw refuseCredentials('invalidToken');
      throw error;
    }
  }

  return async (token) => {
    const issuer = issuerOf(token);
    if (issuer === own.issuer) return ownClaims(await verify(token, ownKeys, ownOptions));
    if (!foreign || !foreignKeys || issuer !== foreign.issuer) throw refuseCredentials('invalidToken');
    const options = { issuer, audience: foreign.audience, algorithms: foreignAlgorithms };
    return foreignClaims(await verify(token, await foreignKeys(), options), foreign, base);
  };
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    throw refuseCredentials('invalidToken');
  }
}

function ownClaims(payload: JWTPayload): Claims {
  const { client_id: client, fhirUser, scope, exp, command } = payload;
  return {
    client: String(client),
    ...(typeof fhirUser === 'string' && { person: fhirUser }),
    scopes: parseScopes(String(scope ?? '')),
    expires: exp! * 1000,
    isOwn: true,
    ...(command === true && { isCommand: true }),
  };
}

function foreignClaims(payload: JWTPayload, foreign: ForeignIssuer, base: string): Claims {
  const { azp, client_id, scope, scp, exp } = payload;
  const client = [client_id, azp].find((each) => typeof each === 'string') as string | undefined;
  const person = personOf(payload[foreign.personClaim], foreign.personSystem, base);
  const given = Array.isArray(scp) ? scp.join(' ') : (scope ?? scp ?? '');
  const scopes = parseScopes(String(given));
  return {
    ...(client && { client }),
    ...(person && { person }),
    scopes: scopes.length > 0 ? scopes : foreign.defaultScopes,
    expires: exp! * 1000,
  };
}

/** A person by the value of a claim: `Practitioner/[id]`, below the base or not, or an identifier of a system. */
export function personOf(claim: unknown, system: string | undefined, base: string): string | undefined {
  if (typeof claim !== 'string' || claim === '' || claim.length > 300) return undefined;
  if (system !== undefined) return `${system}|${claim.replace(/[\\,|$]/g, '\\$&')}`;
  const reference = claim.startsWith(`${base}/`) ? claim.slice(base.length + 1) : claim;
  return /^Practitioner\/[A-Za-z0-9\-.]{1,64}$/.test(reference) ? reference : undefined;
}

/**
 * The keys of a provider, by its discovery document (https://openid.net/specs/openid-connect-discovery-1_0.html), asked
 * for when the first token comes. Refuses with 503 while the provider does not answer.
 */
function remoteKeys(issuer: string): () => Promise<JWTVerifyGetKey> {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  async function discover(): Promise<JWTVerifyGetKey> {
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    try {
      const response = await fetch(address, { signal: AbortSignal.timeout(5_000), redirect: 'error' });
      const document = (await response.json()) as { issuer: string; jwks_uri: string };
      if (document.issuer !== issuer) throw new Error('another issuer');
      return createRemoteJWKSet(new URL(document.jwks_uri));
    } catch {
      keys = undefined;
      throw refuse(refusals.providerUnavailable);
    }
  }
  return () => {
    keys ??= discover();
    return keys;
  };
}
