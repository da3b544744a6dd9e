import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, expect, test } from '@jest/globals';
import { clientDevice, given, organization, post, practitioner, secure } from '../environment/access.ts';
import { Browser } from '../environment/browser.ts';
import { onEachEngine } from '../environment/server.ts';

/** The library of `fhirclient/package.json`, which is installed in that folder. */
const folder = new URL('fhirclient/', import.meta.url);
const isThere = existsSync(new URL('node_modules/fhirclient', folder));
if (!isThere && process.env.REQUIRE_CLIENT_TOOLS)
  throw new Error(
    'REQUIRE_CLIENT_TOOLS=1: npm ci --omit=optional --legacy-peer-deps --prefix test/clients/fhirclient',
  );

/** The part of fhirclient that an app on a server uses (https://docs.smarthealthit.org/client-js/node.html). */
interface Smart {
  authorize(options: Record<string, string>): Promise<void>;
  ready(): Promise<SmartClient>;
}
interface SmartClient {
  user: { fhirUser: string; read(): Promise<{ id: string }> };
  request(path: string): Promise<{ id: string; total?: number }>;
}
interface Storage {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<unknown>;
  unset(key: string): Promise<boolean>;
}

const callback = 'https://app.example/callback';
const password = 'correct horse battery';

(isThere ? onEachEngine : () => test.skip('fhirclient is not installed', () => {}))((server) => {
  beforeAll(async () => {
    await given(
      server,
      organization('yongan'),
      practitioner('wu-min'),
      post('wu-min-yongan', 'Practitioner/wu-min', 'Organization/yongan', 'medical-affairs'),
      clientDevice('app', { redirectUris: [callback] }),
    );
    await server.running.identity!.accounts.set('wu-min', 'Practitioner/wu-min', password);
  });

  test('fhirclient finds the server’s addresses, signs a person in with PKCE, and acts for them', async () => {
    const smart = createRequire(new URL('package.json', folder))('fhirclient') as (
      request: object,
      response: object,
      storage: Storage,
    ) => Smart;
    const kept = new Map<string, unknown>();
    const storage: Storage = {
      get: async (key) => kept.get(key),
      set: async (key, value) => {
        kept.set(key, value);
        return value;
      },
      unset: async (key) => kept.delete(key),
    };
    let redirected = '';
    const response = {
      writeHead: (_: number, { location }: { location: string }) => {
        redirected = location;
      },
      end: () => {},
    };
    /** The app, at one of its addresses. */
    const at = (url: string) =>
      smart(
        { url, headers: { host: 'app.example', 'x-forwarded-proto': 'https' }, socket: {} },
        response,
        storage,
      );

    await at('/launch').authorize({
      clientId: 'app',
      scope: 'openid fhirUser user/*.rs',
      redirectUri: callback,
      iss: server.base,
      pkceMode: 'required',
    });
    const browser = new Browser();
    const page = await browser.go(redirected);
    const { location } = await browser.go(page.url, { name: 'wu-min', password });
    const { pathname, search } = new URL(location!);
    const client = await at(pathname + search).ready();

    expect(client.user.fhirUser).toBe('Practitioner/wu-min');
    expect((await client.user.read()).id).toBe('wu-min');
    expect((await client.request('Organization/yongan')).id).toBe('yongan');
    const posts = await client.request('PractitionerRole?practitioner=Practitioner/wu-min&_total=accurate');
    expect(posts.total).toBe(1);
    await expect(client.request('Patient/none')).rejects.toThrow('404');
  });
}, secure);
