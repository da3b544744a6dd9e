import type { Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Validator } from '../../fhir/validation/validator.ts';
import type { Change, Finding, Guard } from '../../interactions/guard.ts';
import { clientOf, isClient, registeredClient } from './client.ts';
import { parseNetwork } from './networks.ts';
import { parseScope } from './scopes.ts';
import { commandClient } from './tokens.ts';

/**
 * The guard of registered clients: only administrators write them (403), and what would not work, or would let in more
 * than is meant, is refused (422). Whatever profile a Device claims, its content decides.
 */
export function createClientGuard(validator: Pick<Validator, 'validateProfile'>): Guard {
  return async ({ changes, actor }) => {
    const about = changes
      .map((change, index) => ({ change, index }))
      .filter(({ change }) => concernsClient(change));
    if (actor && !actor.roles.includes('administrator')) {
      const findings = about.map(({ index }) => ({ ...onlyAdministrators, change: index }));
      return { findings, keep: [], ...(findings.length > 0 && { status: 403 }) };
    }
    const findings = about.flatMap(({ change: { resource }, index }): Finding[] => {
      if (!resource || !isClient(resource)) return [];
      const claims = resource.meta?.profile?.includes(registeredClient);
      const issues = [
        ...(claims ? [] : validator.validateProfile(registeredClient, resource)),
        ...problemsOf(resource),
      ];
      return issues.map((issue) => ({ ...issue, change: index }));
    });
    return { findings, keep: [] };
  };
}

function concernsClient({ type, resource, previous }: Change): boolean {
  if (type !== 'Device') return false;
  return (resource !== null && isClient(resource)) || (previous !== null && isClient(previous));
}

const onlyAdministrators: Issue = {
  severity: 'error',
  code: 'forbidden',
  text: {
    zh: '只有系统管理员可登记、修改或删除客户端',
    en: 'Only an administrator registers, changes or deletes a client',
  },
  expression: ['Device'],
};

function problemsOf(resource: Resource): Issue[] {
  const client = clientOf(resource)!;
  const problems: (Issue | undefined)[] = [
    client.id === commandClient
      ? problem(
          `id「${commandClient}」保留给服务器的命令`,
          `the id "${commandClient}" is that of the server's own commands`,
        )
      : undefined,
    client.keys === undefined ? undefined : keysProblem(client.keys),
    client.keysUrl === undefined || isSafeUrl(client.keysUrl)
      ? undefined
      : problem('公钥集地址须为 https', 'the address of the public keys must be https'),
    ...client.redirectUris.map((uri) =>
      isRedirect(uri)
        ? undefined
        : problem(
            `回调地址须为 https、本机 http 或应用自己的协议,且不带 #:${uri}`,
            `a redirect URI is https, http on loopback, or a scheme of the app's own, without "#": ${uri}`,
          ),
    ),
    ...client.apiKeys.flatMap(({ digest, networks }) => [
      Buffer.from(digest, 'base64').length === 32
        ? undefined
        : problem('摘要须为 SHA-256(32 字节)', 'a digest is one of SHA-256, of 32 bytes'),
      ...networks.map((network) =>
        parseNetwork(network)
          ? undefined
          : problem(`不是网段:${network}`, `not a network such as 10.20.0.0/16: ${network}`),
      ),
    ]),
    ...scopeTexts(resource).map((text) =>
      parseScope(text) ? undefined : problem(`不是 SMART scope:${text}`, `not a SMART scope: ${text}`),
    ),
  ];
  return problems.filter((each) => each !== undefined);
}

function scopeTexts(resource: Resource): string[] {
  const extensions = resource.extension as { url: string; valueString?: string }[];
  return extensions
    .filter(({ url }) => url.endsWith('/client-scope'))
    .flatMap(({ valueString = '' }) => valueString.split(' ').filter((text) => text !== ''));
}

/** Members of private keys and of secrets (RFC 7518). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

function keysProblem(text: string): Issue | undefined {
  let keys: Record<string, unknown>[];
  try {
    ({ keys } = JSON.parse(text) as { keys: Record<string, unknown>[] });
  } catch {
    keys = [];
  }
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > 10)
    return problem('公钥集须为 JWKS,含一至十把公钥', 'the public keys must be a JWKS of one to ten keys');
  if (keys.some((key) => secretMembers.some((member) => member in Object(key))))
    return problem(
      '公钥集含私钥或对称密钥;请立即更换',
      'the keys hold a private or symmetric one: replace it now',
    );
  const isTaken = ({ kty, crv, n }: Record<string, unknown>) =>
    (kty === 'EC' && crv === 'P-384') ||
    (kty === 'RSA' && typeof n === 'string' && Buffer.from(n, 'base64url').length >= 256);
  return keys.every((key) => isTaken(Object(key)))
    ? undefined
    : problem(
        '公钥须为 P-384(ES384)或至少 2048 位的 RSA(RS384)',
        'a key is P-384 (ES384) or RSA of 2048 bits or more (RS384)',
      );
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || isLoopback(url));
}

function isRedirect(text: string): boolean {
  const url = URL.parse(text);
  if (!url || text.includes('#') || text.includes('*')) return false;
  // "a domain name under their control, expressed in reverse order" (RFC 8252, 7.1).
  return isSafeUrl(text) || /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+:$/.test(url.protocol);
}

function problem(zh: string, en: string): Issue {
  return { severity: 'error', code: 'value', text: { zh, en }, expression: ['Device.extension'] };
}
