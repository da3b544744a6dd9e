import { beforeEach, expect, test } from '@jest/globals';
import type { Actor } from '../../interactions/actor.ts';
import type { IndexedVersion } from '../../store/store.ts';
import { makeApiKey } from './api-key.ts';
import { type Authentication, createAuthentication } from './authenticate.ts';
import type { Client } from './client.ts';
import type { Post } from './directory.ts';
import { refuseCredentials } from './refusals.ts';
import { parseScopes } from './scopes.ts';
import type { Claims } from './tokens.ts';

const client: Client = {
  id: 'his',
  name: 'HIS',
  isActive: true,
  organization: 'Organization/qingshi',
  roles: ['referrer'],
  scopes: undefined,
  keys: undefined,
  keysUrl: undefined,
  redirectUris: [],
  apiKeys: [],
};

let time: number;
let verified: number;
let clients: Map<string, Client>;
let posts: Map<string, Post[]>;
let revoked: Set<string>;
let claims: Claims;
let authentication: Authentication;

beforeEach(() => {
  time = Date.parse('2026-06-01T00:00:00Z');
  verified = 0;
  clients = new Map([['his', client]]);
  posts = new Map([['Practitioner/li-hui', [{ organization: 'Organization/yongan', roles: ['liaison'] }]]]);
  revoked = new Set();
  claims = {
    client: 'his',
    scopes: parseScopes('system/*.rs user/*.rs'),
    expires: time + 300_000,
    isOwn: true,
  };
  authentication = createAuthentication({
    directory: {
      client: async (id) => clients.get(id),
      posts: async (person) => posts.get(person),
      personWith: async (identifier) => (identifier === 'urn:x|1' ? 'Practitioner/li-hui' : undefined),
    },
    verify: async (token) => {
      verified++;
      if (token !== 'good') throw refuseCredentials('invalidToken');
      return claims;
    },
    apiKeys: true,
    mayStay: async (person) => !revoked.has(person),
    now: () => time,
  });
});

const ask = async (headers: Record<string, string> = { authorization: 'Bearer good' }, address?: string) =>
  authentication.authenticate({ headers, address });
const changed = (type: string) => authentication.kept([{ type } as IndexedVersion]);

test('a token is proved once, and from then on its actor is there at once', async () => {
  const first = await ask();
  expect(first).toEqual({
    organization: 'Organization/qingshi',
    roles: ['referrer'],
    client: 'Device/his',
    scopes: parseScopes('system/*.rs'),
  } satisfies Actor);
  const again = authentication.authenticate({
    headers: { authorization: 'Bearer good' },
    address: undefined,
  });
  expect(again).toBe(first);
  expect(verified).toBe(1);
});

test('in the process that revokes a client it is out at once', async () => {
  await ask();
  clients.delete('his');
  await changed('Observation');
  await expect(ask()).resolves.toBeDefined();
  await changed('Device');
  await expect(ask()).rejects.toMatchObject({ status: 401 });
});

test('in every other process it is out within a second', async () => {
  await ask();
  clients.delete('his');
  time += 999;
  await expect(ask()).resolves.toBeDefined();
  time += 1;
  await expect(ask()).rejects.toMatchObject({ status: 401 });
  expect(verified).toBe(1);
});

test('a token ends when its time is over, however well it is known', async () => {
  await ask();
  time += 300_000;
  await expect(ask()).rejects.toMatchObject({ status: 401 });
});

test('a person whose account is revoked is out within a second', async () => {
  claims = { ...claims, person: 'Practitioner/li-hui' };
  expect(await ask()).toMatchObject({ person: 'Practitioner/li-hui', scopes: parseScopes('user/*.rs') });
  revoked.add('Practitioner/li-hui');
  time += 1_000;
  await expect(ask()).rejects.toMatchObject({ status: 401 });
});

test('a person of another provider is found by an identifier, and needs no registered client', async () => {
  claims = { person: 'urn:x|1', scopes: parseScopes('user/*.rs'), expires: claims.expires };
  expect(await ask()).toEqual({
    organization: 'Organization/yongan',
    roles: ['liaison'],
    person: 'Practitioner/li-hui',
    scopes: parseScopes('user/*.rs'),
  });
});

test('a change while the standing is read is not missed', async () => {
  await ask();
  time += 1_000;
  const reading = ask();
  clients.delete('his');
  await changed('Device');
  await expect(reading).rejects.toMatchObject({ status: 401 });
});

test('an API key is no token, and a key that is not good for an address is not good there', async () => {
  const { key, digest } = makeApiKey('his');
  const apiKeys = [{ digest, expires: time + 60_000, networks: ['10.20.0.0/16'] }];
  clients.set('his', { ...client, apiKeys });
  expect(await ask({ 'x-api-key': key }, '10.20.1.2')).toEqual({
    organization: 'Organization/qingshi',
    roles: ['referrer'],
    client: 'Device/his',
  });
  await expect(ask({ 'x-api-key': key }, '10.21.1.2')).rejects.toMatchObject({ status: 401 });
  await expect(ask({ authorization: `Bearer ${key}` }, '10.20.1.2')).rejects.toMatchObject({ status: 401 });
  time += 60_000;
  await expect(ask({ 'x-api-key': key }, '10.20.1.2')).rejects.toMatchObject({ status: 401 });
});
