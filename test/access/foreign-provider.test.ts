import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { given, makeKey, organization, post, practitioner, secure } from '../environment/access.ts';
import { onEachEngine } from '../environment/server.ts';

/** The OpenID Connect provider of a hospital: its discovery document and its keys. */
const key = await makeKey('RS384');
const provider = createServer((message, response) => {
  const isKeys = message.url === '/keys';
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(isKeys ? { keys: [key.public] } : { issuer, jwks_uri: `${issuer}/keys` }));
});
await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
afterAll(() => void provider.close());

onEachEngine(
  (server) => {
    beforeAll(() =>
      given(
        server,
        organization('yongan'),
        practitioner('wu-min', { identifier: [{ system: 'urn:hospital:staff', value: '0042' }] }),
        practitioner('idle', { identifier: [{ system: 'urn:hospital:staff', value: '0043' }] }),
        post('wu-min-yongan', 'Practitioner/wu-min', 'Organization/yongan', 'medical-affairs'),
      ),
    );
    const token = (more: object = {}, by = key) =>
      new SignJWT({ iss: issuer, aud: 'zhuanzhen', sub: 'x', staff_number: '0042', ...more })
        .setProtectedHeader({ alg: 'RS384', kid: key.public.kid! })
        .setExpirationTime('5 minutes')
        .sign(by.private);
    const ask = async (sent: Promise<string>) =>
      server.get('/Organization/yongan').set('Authorization', `Bearer ${await sent}`);

    test('people of the hospital come in with its tokens, as who they are here', async () => {
      expect((await ask(token())).status).toBe(200);
      const headers = { authorization: `Bearer ${await token()}` };
      expect(await server.running.identity!.authenticate({ headers, address: undefined })).toEqual({
        organization: 'Organization/yongan',
        roles: ['medical-affairs'],
        person: 'Practitioner/wu-min',
        scopes: [{ context: 'user', type: '*', permissions: 'rs' }],
      });
    });

    test.each([
      ['for another server', { aud: 'payroll' }],
      ['of nobody who is known here', { staff_number: '9999' }],
      ['of a person without a post', { staff_number: '0043' }],
      ['that is bound to a key', { cnf: { jkt: 'x' } }],
    ])('people of the hospital do not come in with a token %s', async (_, wrong) => {
      expect((await ask(token(wrong))).status).toBe(401);
    });

    test('people of the hospital do not come in with a token that another has signed', async () => {
      expect((await ask(token({}, await makeKey('RS384')))).status).toBe(401);
    });
  },
  {
    ...secure,
    OIDC_ISSUER: issuer,
    OIDC_AUDIENCE: 'zhuanzhen',
    OIDC_PERSON_CLAIM: 'staff_number',
    OIDC_PERSON_SYSTEM: 'urn:hospital:staff',
    OIDC_DEFAULT_SCOPES: 'user/*.rs',
  },
);
