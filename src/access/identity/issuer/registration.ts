import type { ClientMetadata } from 'oidc-provider';
import type { Client } from '../client.ts';
import { signingAlgorithm } from '../signing-keys.ts';

/** The algorithms of client assertions (https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html). */
export const assertionAlgorithms = ['RS384', 'ES384'] as const;

/**
 * A client as OAuth knows it (RFC 7591): with keys it proves itself by signed assertions; with redirect URIs it lets
 * people sign in, always with PKCE. Undefined for a client that can do neither, as one with an API key.
 */
export function registrationOf(client: Client): ClientMetadata | undefined {
  const { id, name, keys, keysUrl, redirectUris } = client;
  const hasKeys = keys !== undefined || keysUrl !== undefined;
  const isApp = redirectUris.length > 0;
  if (!hasKeys && !isApp) return undefined;
  const isNative = redirectUris.some((uri) => !/^https?:/.test(uri));
  return {
    client_id: id,
    client_name: name,
    application_type: isNative ? 'native' : 'web',
    redirect_uris: [...redirectUris],
    response_types: isApp ? ['code'] : [],
    grant_types: [
      ...(isApp ? ['authorization_code', 'refresh_token'] : []),
      ...(hasKeys && client.roles.length > 0 ? ['client_credentials'] : []),
    ],
    token_endpoint_auth_method: hasKeys ? 'private_key_jwt' : 'none',
    id_token_signed_response_alg: signingAlgorithm,
    ...(keys !== undefined && { jwks: JSON.parse(keys) }),
    ...(keysUrl !== undefined && { jwks_uri: keysUrl }),
  };
}
