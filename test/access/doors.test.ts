import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  apiKey,
  type ClientKey,
  clientDevice,
  given,
  makeKey,
  organization,
  secure,
} from '../environment/access.ts';
import { onEachEngine } from '../environment/server.ts';

onEachEngine((server) => {
  const admin = apiKey('admin');
  const referrer = apiKey('his');
  beforeAll(() =>
    given(
      server,
      organization('qingshi'),
      clientDevice('admin', { roles: ['administrator'], apiKeys: [admin.registered] }),
      clientDevice('his', {
        roles: ['referrer'],
        organization: 'Organization/qingshi',
        apiKeys: [referrer.registered],
      }),
    ),
  );
  const put = (key: string, body: { resourceType: string; id?: string }) =>
    server.put(`/Device/${body.id}`, body).set('X-Api-Key', key);

  test('only an administrator registers a client, changes or deletes one, whatever profile it claims', async () => {
    const mine = clientDevice('mine', { roles: ['administrator'] });
    const { meta: _, ...unclaimed } = mine;
    for (const device of [mine, unclaimed]) await put(referrer.key, device).expect(403);
    const promoted = clientDevice('his', { roles: ['administrator'], apiKeys: [referrer.registered] });
    await put(referrer.key, promoted).expect(403);
    // What one may not see is not there: there is nothing to delete.
    await server.delete('/Device/his').set('X-Api-Key', referrer.key).expect(204);
    await server.get('/Organization/qingshi').set('X-Api-Key', referrer.key).expect(200);
    await put(admin.key, clientDevice('theirs', { roles: ['platform'] })).expect(201);
  });

  test.each([
    ['a key that is private', { keys: [{ kty: 'EC', crv: 'P-384', x: 'a', y: 'b', d: 'c' }] }, '私钥'],
    ['a weak key', { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }] }, '2048'],
    ['a secret as its key', { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }, '对称密钥'],
    ['a redirect to plain HTTP', { redirectUris: ['http://app.example/callback'] }, '回调地址'],
    ['a redirect to everywhere', { redirectUris: ['https://*.example/callback'] }, '回调地址'],
    ['a scope that is none', { scope: 'system/*.everything' }, 'scope'],
    ['a network that is none', { apiKeys: [apiKey('x', undefined, ['10.20.0.0/99']).registered] }, '网段'],
    ['a role that is none', { roles: ['emperor'], organization: 'Organization/qingshi' }, 'emperor'],
    ['a role of an institution, and no organization', { roles: ['referrer'] }, 'client-owner'],
  ])('a client with %s is not registered', async (_, registration, text) => {
    const { body, status } = await put(admin.key, clientDevice('wrong', registration as object));
    expect([400, 422]).toContain(status);
    expect(JSON.stringify(body)).toContain(text);
  });

  test('the server describes how to come in: SMART configuration, CapabilityStatement, OpenAPI', async () => {
    const below = await server.get('/.well-known/smart-configuration').expect(200);
    const origin = new URL(server.base).origin;
    const root = await fetch(`${origin}/.well-known/smart-configuration`);
    expect(await root.json()).toEqual(below.body);
    expect(below.body.capabilities).toEqual(
      expect.arrayContaining(['launch-standalone', 'client-confidential-asymmetric', 'permission-v2']),
    );
    const discovered = await (await fetch(`${below.body.issuer}/.well-known/openid-configuration`)).json();
    expect(discovered).toMatchObject({
      authorization_endpoint: below.body.authorization_endpoint,
      token_endpoint: below.body.token_endpoint,
      jwks_uri: below.body.jwks_uri,
    });
    const jwks = (await (await fetch(below.body.jwks_uri)).json()) as { keys: { d?: string }[] };
    expect(jwks.keys[0]).toBeDefined();
    expect(jwks.keys[0]!.d).toBeUndefined();

    const { body } = await server.get('/metadata').expect(200);
    const { security } = body.rest[0];
    expect(security.service[0].coding[0].code).toBe('SMART-on-FHIR');
    expect(security.extension[0].extension).toContainEqual({
      url: 'token',
      valueUri: below.body.token_endpoint,
    });
    const openApi = (await (await fetch(`${origin}/openapi.json`)).json()) as {
      components: { securitySchemes: object };
      security: object[];
    };
    expect(Object.keys(openApi.components.securitySchemes)).toEqual([
      'app',
      'system',
      'openid',
      'token',
      'apiKey',
    ]);
    expect(openApi.security).toContainEqual({ apiKey: [] });
  });
}, secure);

describe('where API keys are closed and requests are few', () => {
  onEachEngine(
    (server) => {
      const old = apiKey('old');
      let key: ClientKey;
      beforeAll(async () => {
        key = await makeKey();
        const registration = { roles: ['platform'], apiKeys: [old.registered], keys: [key.public] };
        await given(server, clientDevice('old', registration));
      });

      test('an API key is refused, and one that fails too often is told to wait', async () => {
        const ask = () => server.get('/Organization').set('X-Api-Key', old.key);
        const { body } = await ask().expect(401);
        expect(body.issue[0].details.text).toContain('takes no API keys');
        const answers = [];
        for (let each = 0; each < 12; each++) answers.push(await ask());
        const last = answers.at(-1)!;
        expect(last.status).toBe(429);
        expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
        expect(last.body.issue[0].code).toBe('throttled');
      });
    },
    { ...secure, API_KEYS: 'false', RATE_LIMIT: '10' },
  );
});
