import { createHash, randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import request from 'supertest';
import { makeApiKey } from '../../src/access/identity/api-key.ts';
import { clientExtensions, registeredClient } from '../../src/access/identity/client.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import type { TestServer } from './server.ts';

/** The settings of a server with access control, on each engine. */
export const secure: Record<string, string> = { AUTH: 'on' };

/** A key pair of a client: the private half to sign with, the public half to register. */
export interface ClientKey {
  private: CryptoKey;
  public: JWK;
  algorithm: 'RS384' | 'ES384';
}

export async function makeKey(algorithm: ClientKey['algorithm'] = 'ES384'): Promise<ClientKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { private: privateKey, public: { ...jwk, kid: randomUUID(), alg: algorithm }, algorithm };
}

/** Writes resources as the server itself, beside access control, as the demo loads its examples. */
export async function given(
  { running }: Pick<TestServer, 'running'>,
  ...resources: Resource[]
): Promise<void> {
  const { router, server } = running;
  for (const body of resources) {
    const matched = router('PUT', [body.resourceType, body.id!]);
    await matched.route.run(server, { method: 'PUT', ...matched.address, query: [], body, prefer: {} });
  }
}

/** How a client is registered, beyond its id. */
export interface Registration {
  roles?: readonly string[];
  organization?: string;
  keys?: readonly JWK[];
  keysUrl?: string;
  scope?: string;
  redirectUris?: readonly string[];
  apiKeys?: readonly { digest: string; expires: string; networks?: readonly string[] }[];
  status?: string;
}

/** The Device of a client. */
export function clientDevice(id: string, registration: Registration = {}): Resource {
  const {
    roles = [],
    organization,
    keys,
    keysUrl,
    scope,
    redirectUris = [],
    apiKeys = [],
    status,
  } = registration;
  return {
    resourceType: 'Device',
    id,
    meta: { profile: [registeredClient] },
    extension: [
      ...roles.map((valueCode) => ({ url: clientExtensions.role, valueCode })),
      ...(scope ? [{ url: clientExtensions.scope, valueString: scope }] : []),
      ...(keys ? [{ url: clientExtensions.keys, valueString: JSON.stringify({ keys }) }] : []),
      ...(keysUrl ? [{ url: clientExtensions.keysUrl, valueUrl: keysUrl }] : []),
      ...redirectUris.map((valueUri) => ({ url: clientExtensions.redirectUri, valueUri })),
      ...apiKeys.map(({ digest, expires, networks = [] }) => ({
        url: clientExtensions.apiKey,
        extension: [
          { url: 'digest', valueBase64Binary: digest },
          { url: 'expires', valueInstant: expires },
          ...networks.map((valueString) => ({ url: 'network', valueString })),
        ],
      })),
    ],
    status: status ?? 'active',
    deviceName: [{ name: `客户端 ${id}`, type: 'user-friendly-name' }],
    ...(organization && { owner: { reference: organization } }),
  };
}

/** An API key, and how it is registered. */
export function apiKey(client: string, expires = '2083-01-01T00:00:00Z', networks?: readonly string[]) {
  const { key, digest } = makeApiKey(client);
  return { key, registered: { digest, expires, ...(networks && { networks }) } };
}

/** An assertion by which a client proves itself; each member can be made wrong. */
export function assertion(
  server: TestServer,
  client: string,
  key: ClientKey,
  wrong: Record<string, unknown> = {},
) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: client,
    sub: client,
    aud: `${server.base}/oauth/token`,
    jti: randomUUID(),
    exp: now + 240,
    ...wrong,
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.algorithm, kid: key.public.kid!, typ: 'JWT' })
    .sign(key.private);
}

/** What the token endpoint answers to an assertion. */
export function askToken(server: TestServer, clientAssertion: string, scope = 'system/*.cruds') {
  return request(server.base).post('/oauth/token').type('form').send({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: clientAssertion,
    scope,
  });
}

/** An access token of a registered client with a key. */
export async function tokenOf(
  server: TestServer,
  client: string,
  key: ClientKey,
  scope?: string,
): Promise<string> {
  const { body } = await askToken(server, await assertion(server, client, key), scope).expect(200);
  return body.access_token as string;
}

/** A PKCE pair (RFC 7636). */
export function pkce(): { verifier: string; challenge: string } {
  const verifier = randomUUID() + randomUUID();
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export function organization(id: string, more: object = {}): Resource {
  return { resourceType: 'Organization', id, name: id, active: true, ...more };
}

export function practitioner(id: string, more: object = {}): Resource {
  return { resourceType: 'Practitioner', id, active: true, name: [{ text: id }], ...more };
}

/** A post of a person at an organization, with a function of `terminology/CodeSystem-practitioner-function.json`. */
export function post(id: string, person: string, at: string, code: string, more: object = {}): Resource {
  const system = 'https://w3id.org/zhuanzhen/CodeSystem/practitioner-function';
  return {
    resourceType: 'PractitionerRole',
    id,
    active: true,
    practitioner: { reference: person },
    organization: { reference: at },
    code: [{ coding: [{ system, code }] }],
    ...more,
  };
}
