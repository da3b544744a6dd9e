import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { untilReady } from '../../src/store/until-ready.ts';
import {
  clientDevice,
  given,
  organization,
  pkce,
  post,
  practitioner,
  secure,
} from '../environment/access.ts';
import { Browser } from '../environment/browser.ts';
import { testLog } from '../environment/logs.ts';
import { onEachEngine } from '../environment/server.ts';

const app = 'https://app.example/callback';
const password = 'correct horse battery';

/** The provider of a hospital: another server of this kind, of which only its issuer is asked. */
const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-provider-'));
const environment = { PORT: '0', DATA_DIR: folder, BASE_URL: 'http://127.0.0.1:0/fhir' };
const hospital = await start(readSettings(environment), testLog());
await untilReady(hospital.server.store);
afterAll(async () => {
  await hospital.stop();
  rmSync(folder, { recursive: true });
});

onEachEngine(
  (server) => {
    beforeAll(async () => {
      await given(
        { running: hospital },
        organization('hospital'),
        ...['wu-min', 'stranger'].flatMap((id) => [
          practitioner(id),
          post(`${id}-post`, `Practitioner/${id}`, 'Organization/hospital', 'attending'),
        ]),
        clientDevice('zhuanzhen', { redirectUris: [`${server.base}/oauth/signed-in`] }),
      );
      for (const id of ['wu-min', 'stranger'])
        await hospital.identity!.accounts.set(id, `Practitioner/${id}`, password);
      await given(
        server,
        organization('yongan'),
        practitioner('p-42', { identifier: [{ system: 'urn:hospital:staff', value: 'wu-min' }] }),
        post('p-42-yongan', 'Practitioner/p-42', 'Organization/yongan', 'medical-affairs'),
        clientDevice('app', { redirectUris: [app] }),
      );
    });

    /** As far as the provider's answer, which is still to be taken to the server. */
    const signInThere = async (name: string, browser = new Browser()) => {
      const { verifier, challenge } = pkce();
      const asked = new URLSearchParams({
        response_type: 'code',
        client_id: 'app',
        redirect_uri: app,
        scope: 'openid fhirUser user/*.rs',
        aud: server.base,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      });
      const page = await browser.go(`${server.base}/oauth/auth?${asked}`);
      expect(page.text).not.toContain('type="password"');
      expect(page.headers.get('content-security-policy')).toContain(new URL(hospital.base).origin);
      const there = await browser.go((await browser.go(page.url, {})).location!);
      const answer = await browser.go(there.url, { name, password });
      return { browser, verifier, answer: answer.location! };
    };

    test('people sign in at the provider of their hospital, and the app acts for who they are here', async () => {
      const { browser, verifier, answer } = await signInThere('wu-min');
      expect(answer.startsWith(`${server.base}/oauth/signed-in?`)).toBe(true);
      const { location } = await browser.go(answer);
      const { body } = await request(server.base)
        .post('/oauth/token')
        .type('form')
        .send({
          grant_type: 'authorization_code',
          client_id: 'app',
          code: new URL(location!).searchParams.get('code'),
          code_verifier: verifier,
          redirect_uri: app,
        })
        .expect(200);
      const headers = { authorization: `Bearer ${body.access_token}` };
      expect(await server.running.identity!.authenticate({ headers, address: undefined })).toMatchObject({
        person: 'Practitioner/p-42',
        organization: 'Organization/yongan',
        roles: ['medical-affairs'],
      });
    });

    test('who is not known here is not let in', async () => {
      const { browser, answer } = await signInThere('stranger');
      const { status, text, location } = await browser.go(answer);
      expect([status, location]).toEqual([401, undefined]);
      expect(text).toContain('此人未在本平台登记');
    });

    test('an answer is of no use in another browser, nor a second time, nor when it was changed', async () => {
      const { browser, answer } = await signInThere('wu-min');
      expect((await new Browser().go(answer)).status).toBe(400);
      expect((await browser.go(answer.replace(/code=[^&]+/, 'code=another'))).status).toBe(401);
      expect((await browser.go(answer)).status).toBe(401);
    });
  },
  {
    ...secure,
    OIDC_ISSUER: `${hospital.base}/oauth`,
    OIDC_CLIENT_ID: 'zhuanzhen',
    OIDC_PERSON_CLAIM: 'sub',
    OIDC_PERSON_SYSTEM: 'urn:hospital:staff',
  },
);
