import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { importJWK, type JWK, SignJWT } from 'jose';
import { Complaint, runCommand } from './command.ts';
import { readJsonFile } from './key-file.ts';

const usage = `npm run -s token -- --client ID --key FILE [--scope 'system/*.rs'] [--server http://localhost:8080/fhir]
Prints an access token of a registered client, got by an assertion that its private key (a JWK) signs.
以客户端私钥(JWK)签名断言,换取并打印访问令牌。
`;

const options = {
  client: { type: 'string' },
  key: { type: 'string' },
  scope: { type: 'string', default: 'system/*.cruds' },
  server: { type: 'string' },
} as const;

/** SMART Backend Services, as a client does it: discovery, a signed assertion, a token. */
await runCommand(async (settings) => {
  const { client, key, scope, server = settings().baseUrl } = parseArgs({ options }).values;
  if (!client || !key) throw new Complaint(usage);
  const discovered = await fetch(`${server}/.well-known/smart-configuration`);
  if (!discovered.ok) throw new Complaint(`${server} has no /.well-known/smart-configuration`);
  const { token_endpoint: endpoint } = (await discovered.json()) as { token_endpoint: string };
  const jwk = readJsonFile(key) as JWK;
  const alg = jwk.kty === 'RSA' ? 'RS384' : 'ES384';
  const assertion = await new SignJWT({ iss: client, sub: client, aud: endpoint, jti: randomUUID() })
    .setProtectedHeader({ alg, typ: 'JWT', ...(jwk.kid && { kid: jwk.kid }) })
    .setExpirationTime('4 minutes')
    .sign(await importJWK(jwk, alg));
  const response = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  });
  const {
    access_token: token,
    error,
    error_description: why,
  } = (await response.json()) as Record<string, string>;
  if (!token) throw new Complaint(`${error}: ${why}`);
  return `${token}\n`;
});
