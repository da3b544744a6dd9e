import { elements, string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Scope } from '../../interactions/actor.ts';
import { extensionValues, localReference } from './elements.ts';
import { parseScopes } from './scopes.ts';

const base = 'https://w3id.org/zhuanzhen/StructureDefinition';

/** The profile and the extensions that make a Device a registered client (`profiles/`). */
export const registeredClient = `${base}/registered-client`;
export const clientExtensions = {
  role: `${base}/access-role`,
  scope: `${base}/client-scope`,
  keys: `${base}/client-keys`,
  keysUrl: `${base}/client-keys-url`,
  redirectUri: `${base}/redirect-uri`,
  apiKey: `${base}/api-key`,
} as const;

/** A system or app that may use the server, as its Device says. */
export interface Client {
  /** The id of the Device, which is the `client_id` of OAuth. */
  id: string;
  name: string;
  isActive: boolean;
  /** `Organization/[id]`: for which it acts. */
  organization: string | undefined;
  roles: readonly string[];
  /** The scopes that it can be granted at most; undefined: no bound. */
  scopes: readonly Scope[] | undefined;
  /** The JSON text of the JWKS of its public keys, or the address of it. */
  keys: string | undefined;
  keysUrl: string | undefined;
  redirectUris: readonly string[];
  apiKeys: readonly ApiKey[];
}

export interface ApiKey {
  /** SHA-256 of the whole key, base64. */
  digest: string;
  /** In milliseconds since the epoch. */
  expires: number;
  /** Networks (`10.20.0.0/16`) that it is taken from; empty: from everywhere. */
  networks: readonly string[];
}

const own: ReadonlySet<unknown> = new Set(Object.values(clientExtensions));

/** Whether a resource is a registered client: whatever profile it claims, its content decides. */
export function isClient(resource: Resource): boolean {
  return (
    resource.resourceType === 'Device' && elements(resource, 'extension').some(({ url }) => own.has(url))
  );
}

/** Reads a client from its Device; undefined when the Device is something else, such as an instrument. */
export function clientOf(device: Resource): Client | undefined {
  if (!isClient(device)) return undefined;
  const [scope] = extensionValues(device, clientExtensions.scope, 'valueString');
  return {
    id: device.id!,
    name: string(elements(device, 'deviceName')[0], 'name') ?? device.id!,
    isActive: device.status === 'active',
    organization: localReference(device, 'owner', 'Organization'),
    roles: extensionValues(device, clientExtensions.role, 'valueCode'),
    scopes: scope === undefined ? undefined : parseScopes(scope),
    keys: extensionValues(device, clientExtensions.keys, 'valueString')[0],
    keysUrl: extensionValues(device, clientExtensions.keysUrl, 'valueUrl')[0],
    redirectUris: extensionValues(device, clientExtensions.redirectUri, 'valueUri'),
    apiKeys: elements(device, 'extension')
      .filter(({ url }) => url === clientExtensions.apiKey)
      .map((key) => ({
        digest: extensionValues(key, 'digest', 'valueBase64Binary')[0] ?? '',
        expires: Date.parse(extensionValues(key, 'expires', 'valueInstant')[0] ?? ''),
        networks: extensionValues(key, 'network', 'valueString'),
      })),
  };
}
