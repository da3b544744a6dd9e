import { beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import request from 'supertest';
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
import { onEachEngine } from '../environment/server.ts';

const app = 'https://app.example/callback';
const password = 'correct horse battery';

onEachEngine((server) => {
  beforeAll(async () => {
    await given(
      server,
      organization('qingshi'),
      organization('yongan'),
      organization('closed', { active: false }),
      practitioner('li-hui'),
      practitioner('wu-min'),
      practitioner('gone', { active: false }),
      post('li-hui-qingshi', 'Practitioner/li-hui', 'Organization/qingshi', 'attending'),
      post('li-hui-yongan', 'Practitioner/li-hui', 'Organization/yongan', 'liaison'),
      post('li-hui-before', 'Practitioner/li-hui', 'Organization/yongan', 'alliance-office', {
        period: { end: '2020-12-31' },
      }),
      post('li-hui-closed', 'Practitioner/li-hui', 'Organization/closed', 'medical-affairs'),
      post('wu-min-yongan', 'Practitioner/wu-min', 'Organization/yongan', 'medical-affairs'),
      post('gone-yongan', 'Practitioner/gone', 'Organization/yongan', 'medical-affairs'),
      clientDevice('app', { redirectUris: [app] }),
      clientDevice('narrow-app', { redirectUris: [app], scope: 'user/Task.rs' }),
    );
    const { accounts } = server.running.identity!;
    for (const id of ['li-hui', 'wu-min', 'gone']) await accounts.set(id, `Practitioner/${id}`, password);
  });

  const authorizeUrl = (more: Record<string, string | undefined> = {}) => {
    const { verifier, challenge } = pkce();
    const parameters = Object.entries({
      response_type: 'code',
      client_id: 'app',
      redirect_uri: app,
      scope: 'openid fhirUser user/*.rs',
      state: 'abc',
      aud: server.base,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...more,
    }).filter((each): each is [string, string] => each[1] !== undefined);
    return { verifier, url: `${server.base}/oauth/auth?${new URLSearchParams(parameters)}` };
  };
  /** Signs in, and gives what comes back to the app. */
  const signIn = async (name: string, more = {}, browser = new Browser()) => {
    const { url, verifier } = authorizeUrl(more);
    const page = await browser.go(url);
    const back = page.location ? page : await browser.go(page.url, { name, password });
    return { back, verifier, returned: new URL(back.location ?? 'about:blank').searchParams };
  };
  const exchange = (code: string, verifier: string, more = {}) =>
    request(server.base)
      .post('/oauth/token')
      .type('form')
      .send({
        grant_type: 'authorization_code',
        client_id: 'app',
        code,
        code_verifier: verifier,
        redirect_uri: app,
        ...more,
      });
  const tokensOf = async (name: string, more = {}) => {
    const { returned, verifier } = await signIn(name, more);
    const { body } = await exchange(returned.get('code')!, verifier, more).expect(200);
    return body as { access_token: string; refresh_token?: string; id_token: string; scope: string };
  };
  const ask = (token: string, headers: Record<string, string> = {}) =>
    server.get('/Organization/yongan').set('Authorization', `Bearer ${token}`).set(headers);

  test('a person signs in, and the app acts for them', async () => {
    const { back, returned, verifier } = await signIn('wu-min');
    expect(back.location?.startsWith(`${app}?`)).toBe(true);
    expect(returned.get('state')).toBe('abc');
    const { body } = await exchange(returned.get('code')!, verifier).expect(200);
    expect(body.scope.split(' ').sort()).toEqual(['fhirUser', 'openid', 'user/*.rs']);
    expect(decodeJwt(body.id_token)).toMatchObject({
      fhirUser: `${server.base}/Practitioner/wu-min`,
      aud: 'app',
    });
    await ask(body.access_token).expect(200);
  });

  test('the page is in Chinese and English, runs no script, and its form leads to the app alone', async () => {
    const { text, headers } = await new Browser().go(authorizeUrl().url);
    expect(text).toContain('登录 / Sign in');
    expect(text).toContain('客户端 app');
    expect(text).not.toContain('<script');
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' https://app.example;");
    expect(policy).toContain("frame-ancestors 'none'");
  });

  test('who has several posts says for which they act, and is nobody else', async () => {
    const { access_token: token } = await tokensOf('li-hui');
    const { body } = await ask(token).expect(400);
    expect(body.issue[0].details.text).toContain('Organization/qingshi, Organization/yongan');
    await ask(token, { 'X-Acting-Organization': 'Organization/yongan' }).expect(200);
    await ask(token, { 'X-Acting-Organization': 'Organization/closed' }).expect(403);
    await ask(token, { 'X-Acting-Organization': 'Organization/yongan', 'X-Acting-Roles': 'liaison' }).expect(
      200,
    );
    await ask(token, {
      'X-Acting-Organization': 'Organization/yongan',
      'X-Acting-Roles': 'alliance-office',
    }).expect(403);
  });

  test('the actor has the roles of the post, the person and the client', async () => {
    const { access_token: token } = await tokensOf('wu-min');
    const actor = await server.running.identity!.authenticate({
      headers: { authorization: `Bearer ${token}` },
      address: '127.0.0.1',
    });
    expect(actor).toEqual({
      organization: 'Organization/yongan',
      roles: ['medical-affairs'],
      client: 'Device/app',
      person: 'Practitioner/wu-min',
      scopes: [{ context: 'user', type: '*', permissions: 'rs' }],
    });
  });

  test('a post that ends ends what the token is good for', async () => {
    await given(
      server,
      practitioner('yang-fang'),
      post('yang-fang-qingshi', 'Practitioner/yang-fang', 'Organization/qingshi', 'attending'),
    );
    await server.running.identity!.accounts.set('yang-fang', 'Practitioner/yang-fang', password);
    const { access_token: token } = await tokensOf('yang-fang');
    await ask(token).expect(200);
    const left = { active: false };
    await given(
      server,
      post('yang-fang-qingshi', 'Practitioner/yang-fang', 'Organization/qingshi', 'attending', left),
    );
    await ask(token).expect(401);
  });

  test('with offline_access the app goes on without the person, until it gives its token back', async () => {
    const scope = 'openid fhirUser offline_access user/*.rs';
    const first = await tokensOf('wu-min', { scope });
    const refresh = (token: string) =>
      request(server.base)
        .post('/oauth/token')
        .type('form')
        .send({ grant_type: 'refresh_token', client_id: 'app', refresh_token: token });
    const { body: second } = await refresh(first.refresh_token!).expect(200);
    await ask(second.access_token).expect(200);
    await request(server.base)
      .post('/oauth/token/revocation')
      .type('form')
      .send({ client_id: 'app', token: second.refresh_token })
      .expect(200);
    expect((await refresh(second.refresh_token).expect(400)).body.error).toBe('invalid_grant');
  });

  test('a refresh token that comes a second time was stolen: all that followed from it ends', async () => {
    const first = await tokensOf('wu-min', { scope: 'offline_access user/*.rs' });
    const refresh = (token: string) =>
      request(server.base)
        .post('/oauth/token')
        .type('form')
        .send({ grant_type: 'refresh_token', client_id: 'app', refresh_token: token });
    const { body: second } = await refresh(first.refresh_token!).expect(200);
    await refresh(first.refresh_token!).expect(400);
    await refresh(second.refresh_token).expect(400);
  });

  test('an app gets no scope beyond those that it is registered for', async () => {
    const client = { client_id: 'narrow-app', scope: 'openid user/Task.rs user/Patient.rs' };
    const { scope } = await tokensOf('wu-min', client);
    expect(scope.split(' ').sort()).toEqual(['openid', 'user/Task.rs']);
  });

  describe('nobody is signed in', () => {
    test.each([
      ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
      ['with a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
      ['for another server', { aud: 'https://elsewhere.example/fhir' }, 'invalid_request'],
      ['for one patient, which is not supported', { scope: 'openid patient/*.rs' }, 'invalid_scope'],
      ['with the scopes of a system', { scope: 'system/*.rs' }, 'invalid_scope'],
      ['with a token in the address', { response_type: 'token' }, 'unsupported_response_type'],
    ])('%s', async (_, more, error) => {
      const { location } = await new Browser().go(authorizeUrl(more).url);
      expect(location?.startsWith(app)).toBe(true);
      // An answer to a request for a token in the address comes behind the #.
      expect(new URL(location!.replace('#', '?')).searchParams.get('error')).toBe(error);
    });

    test.each([
      ['to an address that is not registered', { redirect_uri: 'https://evil.example/callback' }],
      ['to an address that only begins like it', { redirect_uri: `${app}/more` }],
      ['for a client that is not registered', { client_id: 'nobody' }],
    ])('%s, and nobody is sent there', async (_, more) => {
      const { location, status, text } = await new Browser().go(authorizeUrl(more).url);
      expect(location).toBeUndefined();
      expect(status).toBe(400);
      expect(text).toContain('无法登录 / Cannot sign in');
    });

    test.each(['gone', 'nobody'])('as %s, with a right password or not', async (name) => {
      const { back } = await signIn(name);
      expect(back.location === undefined || new URL(back.location).searchParams.has('error')).toBe(true);
    });

    test('with a wrong password, nor, after five, with the right one', async () => {
      const browser = new Browser();
      const { url } = await browser.go(authorizeUrl().url);
      for (let each = 0; each < 5; each++)
        expect((await browser.go(url, { name: 'li-hui', password: `wrong ${each}` })).status).toBe(401);
      const { status, text } = await browser.go(url, { name: 'li-hui', password });
      expect(status).toBe(429);
      expect(text).toContain('尝试次数过多');
    });

    test('who refuses', async () => {
      const browser = new Browser();
      const { url } = await browser.go(authorizeUrl().url);
      const { location } = await browser.go(url, { refuse: 'true' });
      expect(new URL(location!).searchParams.get('error')).toBe('access_denied');
    });

    test('by the page of another browser', async () => {
      const { url } = await new Browser().go(authorizeUrl().url);
      const { status, location } = await new Browser().go(url, { name: 'wu-min', password });
      expect([status, location]).toEqual([400, undefined]);
    });
  });

  describe('a code is refused', () => {
    test.each([
      ['with another verifier', { code_verifier: pkce().verifier }],
      ['without one', { code_verifier: undefined }],
      ['of another client', { client_id: 'narrow-app' }],
      ['for another address', { redirect_uri: 'https://evil.example/callback' }],
    ])('%s', async (_, wrong) => {
      const { returned, verifier } = await signIn('wu-min');
      const { body } = await exchange(returned.get('code')!, verifier, wrong).expect(400);
      expect(body.access_token).toBeUndefined();
      expect(body.error).toMatch(/^invalid_(?:grant|request)$/);
    });

    test('the second time, however soon', async () => {
      const { returned, verifier } = await signIn('wu-min');
      const both = await Promise.all([0, 1, 2].map(() => exchange(returned.get('code')!, verifier)));
      expect(both.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
      await exchange(returned.get('code')!, verifier).expect(400);
    });
  });
}, secure);
