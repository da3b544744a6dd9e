import * as client from 'openid-client';
import { refusals, refuse } from '../../../fhir/refusal.ts';
import type { Directory } from '../directory.ts';
import type { State } from '../state/state.ts';
import { type ForeignIssuer, personOf } from '../tokens.ts';

/** How the server is known at the provider of the site. */
export interface Registration {
  clientId: string;
  clientSecret: string | undefined;
}

/** What signing in at the provider of the site works with. */
export interface RelyingPartyParts {
  foreign: ForeignIssuer;
  registration: Registration;
  /** The own issuer: the provider sends people back to `[issuer]/signed-in`. */
  issuer: string;
  base: string;
  state: State;
  directory: Directory;
  now: () => number;
}

/** People sign in at the provider of the site; the server issues the tokens for its apps. */
export interface RelyingParty {
  /** The origin of the page at which people sign in. */
  origin(): Promise<string>;
  /** Where the person of a sign-in goes. */
  begin(uid: string): Promise<URL>;
  /** The sign-in that an answer of the provider is for. */
  signInOf(query: URLSearchParams): string | undefined;
  /** The person (`Practitioner/[id]`) whom the answer proves, or undefined: once for each sign-in. */
  complete(uid: string, query: URLSearchParams): Promise<string | undefined>;
}

/** How long somebody may take to sign in, in milliseconds. */
const patience = 10 * 60_000;
const kind = 'SignIn';

/** OpenID Connect with the authorization code, PKCE, state and nonce, by the library. */
export function createRelyingParty(parts: RelyingPartyParts): RelyingParty {
  const { foreign, registration, issuer, base, state, directory, now } = parts;
  const redirectUri = `${issuer}/signed-in`;
  let discovered: Promise<client.Configuration> | undefined;

  /** Refuses with 503 while the provider does not answer. */
  function configuration(): Promise<client.Configuration> {
    const server = new URL(foreign.issuer);
    const isPlain = server.protocol === 'http:';
    const { clientId, clientSecret } = registration;
    discovered ??= client
      .discovery(
        server,
        clientId,
        clientSecret,
        clientSecret === undefined ? client.None() : undefined,
        isPlain ? { execute: [client.allowInsecureRequests] } : {},
      )
      .catch(() => {
        discovered = undefined;
        throw refuse(refusals.providerUnavailable);
      });
    return discovered;
  }

  return {
    origin: async () => new URL((await configuration()).serverMetadata().authorization_endpoint!).origin,
    begin: async (uid) => {
      const config = await configuration();
      const verifier = client.randomPKCECodeVerifier();
      const value = { verifier, nonce: client.randomNonce(), state: `${uid}.${client.randomState()}` };
      await state.put(kind, { id: uid, value, expires: now() + patience });
      return client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid profile',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: value.state,
        nonce: value.nonce,
      });
    },
    signInOf: (query) => /^([\w-]{1,64})\.[\w-]+$/.exec(query.get('state') ?? '')?.[1],
    complete: async (uid, query) => {
      const begun = await state.find(kind, uid);
      if (!begun || !(await state.consume(kind, uid))) return undefined;
      const { verifier, nonce, state: expectedState } = begun.value as Record<string, string>;
      const config = await configuration();
      let claim: unknown;
      try {
        const tokens = await client.authorizationCodeGrant(config, new URL(`${redirectUri}?${query}`), {
          pkceCodeVerifier: verifier!,
          expectedNonce: nonce!,
          expectedState: expectedState!,
          idTokenExpected: true,
        });
        const claims = tokens.claims()!;
        claim = claims[foreign.personClaim];
        if (claim === undefined && config.serverMetadata().userinfo_endpoint)
          claim = (await client.fetchUserInfo(config, tokens.access_token, claims.sub))[foreign.personClaim];
      } catch {
        return undefined;
      }
      const person = personOf(claim, foreign.personSystem, base);
      if (person === undefined || person.startsWith('Practitioner/')) return person;
      return directory.personWith(person);
    },
  };
}
