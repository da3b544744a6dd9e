import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type CryptoKey, exportSPKI, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import request from 'supertest';
import {
  apiKey,
  askToken,
  assertion,
  type ClientKey,
  clientDevice,
  given,
  makeKey,
  organization,
  secure,
  tokenOf,
} from '../environment/access.ts';
import { onEachEngine, signingKeys } from '../environment/server.ts';

onEachEngine((server) => {
  let key: ClientKey;
  let rsa: ClientKey;
  beforeAll(async () => {
    [key, rsa] = await Promise.all([makeKey('ES384'), makeKey('RS384')]);
    await given(
      server,
      organization('qingshi'),
      clientDevice('his', {
        roles: ['referrer'],
        organization: 'Organization/qingshi',
        keys: [key.public, rsa.public],
      }),
    );
  });
  const withToken = (token: string, path = '/Organization/qingshi') =>
    server.get(path).set('Authorization', `Bearer ${token}`);

  describe('a system proves itself by a signed assertion, and gets a token', () => {
    test.each(['ES384', 'RS384'] as const)('signed with %s', async (algorithm) => {
      const by = algorithm === 'ES384' ? key : rsa;
      const { body, headers } = await askToken(server, await assertion(server, 'his', by)).expect(200);
      expect(body).toEqual({
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 300,
        scope: 'system/*.cruds',
      });
      expect(headers['cache-control']).toBe('no-store');
      await withToken(body.access_token).expect(200);
    });

    test('with the keys that it publishes at an address', async () => {
      const published = createServer((_, response) => response.end(JSON.stringify({ keys: [key.public] })));
      await new Promise<void>((resolve) => published.listen(0, '127.0.0.1', resolve));
      const keysUrl = `http://127.0.0.1:${(published.address() as AddressInfo).port}/jwks`;
      await given(server, clientDevice('publisher', { roles: ['platform'], keysUrl }));
      await withToken(await tokenOf(server, 'publisher', key)).expect(200);
      const other = { ...(await makeKey()), public: key.public };
      await askToken(server, await assertion(server, 'publisher', other)).expect(401);
      published.close();
    });

    test('its token is of no use once the client is revoked, from the next request on', async () => {
      const device = clientDevice('lis', {
        roles: ['referrer'],
        organization: 'Organization/qingshi',
        keys: [key.public],
      });
      await given(server, device);
      const token = await tokenOf(server, 'lis', key);
      await withToken(token).expect(200);
      await given(server, { ...device, status: 'inactive' });
      const { body, headers } = await withToken(token).expect(401);
      expect(headers['www-authenticate']).toContain('error="invalid_token"');
      expect(body.issue[0].code).toBe('login');
      await askToken(server, await assertion(server, 'lis', key)).expect(401, {
        error: 'invalid_client',
        error_description: 'client authentication failed',
      });
    });

    test('its token is of no use while its organization is not active', async () => {
      await given(
        server,
        organization('hekou'),
        clientDevice('hekou-his', {
          roles: ['referrer'],
          organization: 'Organization/hekou',
          keys: [key.public],
        }),
      );
      const token = await tokenOf(server, 'hekou-his', key);
      await withToken(token).expect(200);
      await given(server, organization('hekou', { active: false }));
      await withToken(token).expect(401);
    });
  });

  describe('an assertion is refused, with the error of OAuth and nothing else,', () => {
    const refused = async (sent: string | Promise<string>, scope?: string) => {
      const { body, status } = await askToken(server, await sent, scope);
      expect(body.access_token).toBeUndefined();
      return [status, body.error];
    };

    test('when it was sent before', async () => {
      const once = await assertion(server, 'his', key);
      await askToken(server, once).expect(200);
      expect(await refused(once)).toEqual([401, 'invalid_client']);
    });

    test('when it is sent twice at the same moment: one of them gets a token', async () => {
      const once = await assertion(server, 'his', key);
      const statuses = await Promise.all([0, 1, 2, 3].map(async () => (await askToken(server, once)).status));
      expect(statuses.sort()).toEqual([200, 401, 401, 401]);
    });

    const now = Math.floor(Date.now() / 1000);
    test.each([
      ['has expired', { exp: now - 60 }],
      ['is good for longer than five minutes', { exp: now + 900 }],
      ['never expires', { exp: undefined }],
      ['is for another server', { aud: 'https://elsewhere.example/token' }],
      ['is for nobody', { aud: undefined }],
      ['has no jti', { jti: undefined }],
      ['is issued by another', { iss: 'lis' }],
      ['is of a client that is not registered', { iss: 'nobody', sub: 'nobody' }],
    ])('when it %s', async (_, wrong) => {
      expect(await refused(assertion(server, 'his', key, wrong))).toEqual([401, 'invalid_client']);
    });

    test('when it is signed by another key', async () => {
      const other = await makeKey('ES384');
      other.public.kid = key.public.kid!;
      expect(await refused(assertion(server, 'his', other))).toEqual([401, 'invalid_client']);
    });

    test('when it is not signed, or with the public key as a secret', async () => {
      const claims = {
        iss: 'his',
        sub: 'his',
        aud: `${server.base}/oauth/token`,
        jti: 'a',
        exp: Math.floor(Date.now() / 1000) + 60,
      };
      expect(await refused(new UnsecuredJWT(claims).encode())).toEqual([401, 'invalid_client']);
      const secret = await publicAsSecret(rsa);
      const confused = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret);
      expect(await refused(confused)).toEqual([401, 'invalid_client']);
    });

    test.each(['user/*.rs', 'patient/*.rs', 'system/NotAPermission', 'openid'])(
      'when it asks for the scope "%s"',
      async (scope) => {
        expect(await refused(assertion(server, 'his', key), scope)).toEqual([400, 'invalid_scope']);
      },
    );
  });

  test('a client gets no scope beyond those that it is registered for', async () => {
    const scope = 'system/Task.rs system/ServiceRequest.rs?status=active';
    const registration = {
      roles: ['referrer'],
      organization: 'Organization/qingshi',
      keys: [key.public],
      scope,
    };
    await given(server, clientDevice('narrow', registration));
    const ask = async (wanted: string) =>
      (await askToken(server, await assertion(server, 'narrow', key), wanted)).body;
    expect((await ask('system/Task.r system/Patient.r')).scope).toBe('system/Task.r');
    expect((await ask('system/ServiceRequest.rs?status=active')).scope).toBe(
      'system/ServiceRequest.rs?status=active',
    );
    expect((await ask('system/*.rs')).error).toBe('invalid_scope');
    // Who asks for nothing in particular gets all of them.
    expect((await ask('')).scope).toBe(scope);
  });

  describe('a token is refused', () => {
    const claims = (more: object = {}) => ({
      iss: `${server.base}/oauth`,
      aud: server.base,
      sub: 'his',
      client_id: 'his',
      scope: 'system/*.cruds',
      exp: Math.floor(Date.now() / 1000) + 60,
      ...more,
    });
    const [own] = JSON.parse(signingKeys).keys;
    const signed = async (more: object, header: object = {}, by = own) =>
      new SignJWT(claims(more))
        .setProtectedHeader({ alg: 'ES384', kid: own.kid, typ: 'at+jwt', ...header })
        .sign(await importJWK(by, 'ES384'));
    const why = async (token: string) => {
      const { body, headers } = await withToken(token).expect(401);
      expect(body.resourceType).toBe('OperationOutcome');
      expect(body.issue).toHaveLength(1);
      expect(JSON.stringify(body)).not.toContain('qingshi');
      return headers['www-authenticate'];
    };

    test('that would be taken without what is wrong with it', async () => {
      await withToken(await signed({})).expect(200);
    });

    test('when it has expired', async () => {
      expect(await why(await signed({ exp: Math.floor(Date.now() / 1000) - 1 }))).toContain(
        'the token has expired',
      );
    });

    test.each([
      ['for another server', { aud: 'https://elsewhere.example/fhir' }, 'the token is not for this server'],
      ['of another issuer', { iss: 'https://elsewhere.example' }, 'the token is not valid'],
      ['without an end', { exp: undefined }, 'the token is not valid'],
      ['not good yet', { nbf: Math.floor(Date.now() / 1000) + 3600 }, 'the token is not valid'],
      [
        'of a client that is not registered',
        { client_id: 'nobody', sub: 'nobody' },
        'the client is not registered',
      ],
    ])('when it is %s', async (_, wrong, reason) => {
      expect(await why(await signed(wrong))).toContain(reason);
    });

    test('when it is no access token, such as one that says who signed in', async () => {
      expect(await why(await signed({}, { typ: 'JWT' }))).toContain('the token is not valid');
    });

    test('when it is signed by another key, by none, or with the public key as a secret', async () => {
      const { private: other } = await makeKey('ES384');
      const forged = new SignJWT(claims())
        .setProtectedHeader({ alg: 'ES384', kid: own.kid, typ: 'at+jwt' })
        .sign(other);
      expect(await why(await forged)).toContain('the token is not valid');
      expect(await why(new UnsecuredJWT(claims()).encode())).toContain('the token is not valid');
      const { d: _, ...half } = own;
      const secret = Buffer.from(JSON.stringify(half));
      const confused = new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' }).sign(secret);
      expect(await why(await confused)).toContain('the token is not valid');
    });

    test.each(['x', 'a.b.c', 'Basic abc', ''])('when it is "%s"', async (token) => {
      await withToken(token).expect(401);
    });
  });

  describe('software that can do no more than a header has an API key', () => {
    const registered = async (id: string, ...keys: ReturnType<typeof apiKey>[]) =>
      given(
        server,
        clientDevice(id, {
          roles: ['referrer'],
          organization: 'Organization/qingshi',
          apiKeys: keys.map((each) => each.registered),
        }),
      );
    const ask = (key: string) => server.get('/Organization/qingshi').set('X-Api-Key', key);

    test('in either header, but not beside another', async () => {
      const own = apiKey('old-1');
      await registered('old-1', own);
      await ask(own.key).expect(200);
      await server.get('/Organization/qingshi').set('Authorization', `ApiKey ${own.key}`).expect(200);
      await ask(own.key).set('Authorization', `ApiKey ${own.key}`).expect(401);
      await server.get('/Organization/qingshi').set('Authorization', `Bearer ${own.key}`).expect(401);
    });

    test('two while it is rotated; the old one ends when it is taken away', async () => {
      const [old, next] = [apiKey('old-2'), apiKey('old-2')];
      await registered('old-2', old, next);
      await ask(old.key).expect(200);
      await ask(next.key).expect(200);
      await registered('old-2', next);
      await ask(old.key).expect(401);
      await ask(next.key).expect(200);
    });

    test('that is refused when it has expired, comes from elsewhere, or is another client’s', async () => {
      const expired = apiKey('old-3', '2026-01-01T00:00:00Z');
      const elsewhere = apiKey('old-4', undefined, ['10.20.0.0/16', '2001:db8::/32']);
      const here = apiKey('old-5', undefined, ['127.0.0.0/8', '::1']);
      await registered('old-3', expired);
      await registered('old-4', elsewhere);
      await registered('old-5', here);
      const { body } = await ask(expired.key).expect(401);
      expect(body.issue[0].details.text).toContain('the API key is not valid');
      await ask(elsewhere.key).expect(401);
      await ask(here.key).expect(200);
      await ask(here.key.replace('old-5', 'old-4')).expect(401);
      await ask('old-5').expect(401);
    });

    test('that is kept as a digest only', async () => {
      const own = apiKey('old-6');
      await registered('old-6', own);
      const { text } = (await server.running.server.store.read('Device', 'old-6'))!;
      expect(text).not.toContain(own.key.slice('old-6.'.length));
    });
  });

  describe('introspection', () => {
    const ask = (own: string, token?: string) =>
      request(server.base)
        .post('/oauth/token/introspection')
        .set('Authorization', `Bearer ${own}`)
        .type('form')
        .send(token === undefined ? {} : { token });

    test('tells whether a token is taken, and what it says, until the client is revoked', async () => {
      const key = await makeKey();
      const of = { roles: ['referrer'], organization: 'Organization/qingshi', keys: [key.public] };
      const asked = clientDevice('asked', of);
      await given(server, clientDevice('asking', of), asked);
      const own = await tokenOf(server, 'asking', key);
      const token = await tokenOf(server, 'asked', key, 'system/Task.rs');
      const { body } = await ask(own, token).expect(200);
      expect(body).toMatchObject({
        active: true,
        client_id: 'asked',
        scope: 'system/Task.rs',
        aud: server.base,
      });
      expect(body.exp).toBeGreaterThan(Date.now() / 1000);
      await given(server, { ...asked, status: 'inactive' });
      expect((await ask(own, token).expect(200)).body).toEqual({ active: false });
      expect((await ask(own, 'none.at.all').expect(200)).body).toEqual({ active: false });
      await ask(own).expect(400);
      expect((await ask(token, own).expect(401)).body).toMatchObject({ error: 'invalid_client' });
    });

    test('is named where clients look for it', async () => {
      const { body } = await request(new URL(server.base).origin).get('/.well-known/smart-configuration');
      expect(body.introspection_endpoint).toBe(`${server.base}/oauth/token/introspection`);
      expect(body.revocation_endpoint).toBe(`${server.base}/oauth/token/revocation`);
    });
  });

  test('who says nothing gets the description of the server, and nothing else', async () => {
    await server.get('/metadata').expect(200);
    const { body, headers } = await server.get('/Patient').expect(401);
    expect(headers['www-authenticate']).toBe('Bearer realm="zhuanzhen"');
    expect(body.issue[0].code).toBe('login');
    await server.post('', { resourceType: 'Bundle', type: 'batch' }).expect(401);
    await server.get('/$meta').expect(401);
  });
}, secure);

async function publicAsSecret({ public: jwk, algorithm }: ClientKey): Promise<Uint8Array> {
  const key = (await importJWK(jwk, algorithm)) as CryptoKey;
  return Buffer.from(await exportSPKI(key));
}
