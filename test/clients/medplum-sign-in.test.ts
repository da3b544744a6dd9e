import { beforeAll, expect, test } from '@jest/globals';
import { ClientStorage, MedplumClient, MemoryStorage } from '@medplum/core';
import {
  assertion,
  type ClientKey,
  clientDevice,
  given,
  makeKey,
  organization,
  post,
  practitioner,
  secure,
} from '../environment/access.ts';
import { Browser } from '../environment/browser.ts';
import { onEachEngine } from '../environment/server.ts';

const redirectUri = 'https://app.example/callback';
const password = 'correct horse battery';

// What MedplumClient makes its PKCE challenge with is there in browsers.
Object.assign(globalThis, { window: globalThis });

onEachEngine((server) => {
  let key: ClientKey;
  beforeAll(async () => {
    key = await makeKey('RS384');
    await given(
      server,
      organization('yongan'),
      practitioner('wu-min'),
      post('wu-min-yongan', 'Practitioner/wu-min', 'Organization/yongan', 'medical-affairs'),
      clientDevice('app', { redirectUris: [redirectUri] }),
      clientDevice('his', { roles: ['referrer'], organization: 'Organization/yongan', keys: [key.public] }),
    );
    await server.running.identity!.accounts.set('wu-min', 'Practitioner/wu-min', password);
  });

  /** A client that finds the addresses of the server as SMART says. */
  const discover = async (clientId: string) => {
    const response = await fetch(`${server.base}/.well-known/smart-configuration`);
    const smart = (await response.json()) as Record<string, string>;
    const client = new MedplumClient({
      baseUrl: `${server.base}/`,
      fhirUrlPath: '',
      authorizeUrl: smart.authorization_endpoint!,
      tokenUrl: smart.token_endpoint!,
      clientId,
      storage: new ClientStorage(new MemoryStorage()),
      cacheTime: 0,
      fetch,
    });
    return { client, smart };
  };

  test('MedplumClient signs a person in with PKCE, acts for them, and goes on with a refresh token', async () => {
    const { client, smart } = await discover('app');
    const url = client.getExternalAuthRedirectUri(smart.authorization_endpoint!, 'app', redirectUri, {
      scope: 'openid fhirUser offline_access user/*.rs',
      ...(await client.startPkce()),
    });
    const browser = new Browser();
    const page = await browser.go(url);
    const { location } = await browser.go(page.url, { name: 'wu-min', password });
    await client.processCode(new URL(location!).searchParams.get('code')!, { redirectUri });
    const found = await client.readResource('Organization', 'yongan');
    expect(found.id).toBe('yongan');

    const before = client.getAccessToken();
    // As if it were a day later.
    await client.refreshIfExpired(86_400_000);
    expect(client.getAccessToken()).not.toBe(before);
    expect((await client.search('PractitionerRole', 'practitioner=Practitioner/wu-min')).entry).toHaveLength(
      1,
    );
  });

  test('MedplumClient gets a token as a backend service by a signed assertion', async () => {
    const { client } = await discover('his');
    await client.startJwtAssertionLogin(await assertion(server, 'his', key));
    expect((await client.readResource('Organization', 'yongan')).id).toBe('yongan');
  });

  test('without a token MedplumClient is told that it has to sign in', async () => {
    const { client } = await discover('app');
    await expect(client.readResource('Organization', 'yongan')).rejects.toThrow();
  });
}, secure);
