import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { JWK } from 'jose';
import { makeApiKey } from '../access/identity/api-key.ts';
import { clientExtensions, clientOf, registeredClient } from '../access/identity/client.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import { type Administration, administer } from './administration.ts';
import { Complaint, runCommand } from './command.ts';
import { makeKeyFile, readJsonFile } from './key-file.ts';

const usage = `npm run client -- add --name NAME [--id ID] [--organization Organization/ID] [--role ROLE]... [--scope SCOPES]
                      one or more ways to come in / 至少一种认证方式:
                      --keys FILE | --keys-url URL | --make-key FILE     (signed assertions / 签名断言)
                      --redirect-uri URI ...                             (an app in which people sign in / 人员登录的应用)
                      --api-key [--days 90] [--network 10.20.0.0/16]...  (the weakest way / 安全性最弱)
npm run client -- rotate ID --api-key [--days 90] [--overlap-days 7] [--network NETWORK]...
npm run client -- rotate ID --make-key FILE      (the key before stays good until the next rotation / 上一把钥匙保留到下次轮换)
npm run client -- revoke ID
npm run client -- list

ROLE: referrer, receiver, liaison, medical-affairs, alliance-office, family-doctor, insurer, platform, administrator
`;

const options = {
  id: { type: 'string' },
  name: { type: 'string' },
  organization: { type: 'string' },
  role: { type: 'string', multiple: true },
  scope: { type: 'string' },
  keys: { type: 'string' },
  'keys-url': { type: 'string' },
  'make-key': { type: 'string' },
  'redirect-uri': { type: 'string', multiple: true },
  'api-key': { type: 'boolean' },
  days: { type: 'string' },
  'overlap-days': { type: 'string' },
  network: { type: 'string', multiple: true },
} as const;

type Values = ReturnType<typeof read>['values'];

function read() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new Complaint(`${(error as Error).message}\n${usage}`);
  }
}

const day = 86_400_000;

/** A number of days from an option. */
function daysOf(text: string | undefined, otherwise: number): number {
  const days = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 1_000)
    throw new Complaint(`"${text}" is no number of days`);
  return days;
}

function apiKeyFor(id: string, { days, network = [] }: Values): { key: string; extension: Element } {
  const { key, digest } = makeApiKey(id);
  const expires = new Date(Date.now() + daysOf(days, 90) * day).toISOString();
  const parts = [
    { url: 'digest', valueBase64Binary: digest },
    { url: 'expires', valueInstant: expires },
    ...network.map((valueString) => ({ url: 'network', valueString })),
  ];
  return { key, extension: { url: clientExtensions.apiKey, extension: parts } };
}

const keysExtension = (keys: readonly JWK[]): Element => ({
  url: clientExtensions.keys,
  valueString: JSON.stringify({ keys }),
});

async function add(administration: Administration, values: Values): Promise<string> {
  const { name, role = [], scope, organization, 'redirect-uri': uris = [] } = values;
  if (!name) throw new Complaint(usage);
  const id = values.id ?? `client-${randomBytes(4).toString('hex')}`;
  if (await administration.read(`Device/${id}`)) throw new Complaint(`Device/${id} is there already`);
  const made = values['api-key'] ? apiKeyFor(id, values) : undefined;
  const keys = values.keys
    ? (readJsonFile(values.keys) as { keys: JWK[] }).keys
    : values['make-key']
      ? [makeKeyFile(values['make-key'])]
      : undefined;
  const extension: Element[] = [
    ...role.map((valueCode) => ({ url: clientExtensions.role, valueCode })),
    ...(scope ? [{ url: clientExtensions.scope, valueString: scope }] : []),
    ...(keys ? [keysExtension(keys)] : []),
    ...(values['keys-url'] ? [{ url: clientExtensions.keysUrl, valueUrl: values['keys-url'] }] : []),
    ...uris.map((valueUri) => ({ url: clientExtensions.redirectUri, valueUri })),
    ...(made ? [made.extension] : []),
  ];
  const canComeIn = made ?? keys ?? values['keys-url'] ?? uris[0];
  if (canComeIn === undefined) throw new Complaint(usage);
  await administration.put({
    resourceType: 'Device',
    id,
    meta: { profile: [registeredClient] },
    extension,
    status: 'active',
    deviceName: [{ name, type: 'user-friendly-name' }],
    ...(organization && { owner: { reference: organization } }),
  });
  return `client_id: ${id}\n${made ? shown(made.key) : ''}`;
}

/** The only time that a key is shown. */
function shown(key: string): string {
  return `api_key: ${key}\n`;
}

async function rotate(administration: Administration, id: string, values: Values): Promise<string> {
  const device = await registered(administration, id);
  const others = extensionsOf(
    device,
    (url) => url !== clientExtensions.apiKey && url !== clientExtensions.keys,
  );
  const apiKeys = extensionsOf(device, (url) => url === clientExtensions.apiKey);
  const keys = extensionsOf(device, (url) => url === clientExtensions.keys);
  if (values['api-key']) {
    const overlap = Date.now() + daysOf(values['overlap-days'], 7) * day;
    const { key, extension } = apiKeyFor(id, values);
    const before = apiKeys.slice(-1).map((each) => endingBy(each, overlap));
    await administration.put({ ...device, extension: [...others, ...keys, ...before, extension] });
    return shown(key);
  }
  if (!values['make-key']) throw new Complaint(usage);
  const known = (JSON.parse(clientOf(device)!.keys ?? '{"keys":[]}') as { keys: JWK[] }).keys;
  const next = keysExtension([...known.slice(-1), makeKeyFile(values['make-key'])]);
  await administration.put({ ...device, extension: [...others, next, ...apiKeys] });
  return `client_id: ${id}\n`;
}

function endingBy(key: Element, instant: number): Element {
  const parts = (key.extension as Element[]).map((part) =>
    part.url === 'expires' && Date.parse(String(part.valueInstant)) > instant
      ? { ...part, valueInstant: new Date(instant).toISOString() }
      : part,
  );
  return { ...key, extension: parts };
}

function extensionsOf(device: Resource, are: (url: unknown) => boolean): Element[] {
  return ((device.extension ?? []) as Element[]).filter(({ url }) => are(url));
}

async function registered(administration: Administration, id: string): Promise<Resource> {
  const device = await administration.read(`Device/${id}`);
  if (!device || !clientOf(device)) throw new Complaint(`There is no client ${id}`);
  return device;
}

async function revoke(administration: Administration, id: string): Promise<string> {
  const device = await registered(administration, id);
  await administration.put({ ...device, status: 'inactive' });
  return `${id} is revoked / 已停用\n`;
}

async function list(administration: Administration): Promise<string> {
  const devices = await administration.search(
    `Device?_profile=${encodeURIComponent(registeredClient)}&_count=1000&_sort=_id`,
  );
  const clients = devices.map(clientOf).filter((client) => client !== undefined);
  return clients
    .map((client) =>
      [
        client.id,
        client.isActive ? 'active' : 'revoked',
        client.name,
        client.organization ?? '-',
        client.roles.join(',') || '-',
        [
          ...((client.keys ?? client.keysUrl) ? ['assertion'] : []),
          ...(client.redirectUris.length > 0 ? ['app'] : []),
          ...client.apiKeys.map(
            ({ expires }) => `api-key until ${new Date(expires).toISOString().slice(0, 10)}`,
          ),
        ].join(', '),
      ].join('\t'),
    )
    .join('\n')
    .concat(clients.length > 0 ? '\n' : '');
}

await runCommand(async (settings) => {
  const { values, positionals } = read();
  const [action, id] = positionals;
  return administer(settings(), (administration) => {
    if (action === 'add') return add(administration, values);
    if (action === 'list') return list(administration);
    if (action === 'rotate' && id) return rotate(administration, id, values);
    if (action === 'revoke' && id) return revoke(administration, id);
    throw new Complaint(usage);
  });
});
