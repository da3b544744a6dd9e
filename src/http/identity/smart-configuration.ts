import { assertionAlgorithms } from '../../access/identity/issuer/registration.ts';
import type { Security } from '../../interactions/security.ts';

/**
 * The discovery document of SMART (https://hl7.org/fhir/smart-app-launch/conformance.html#using-well-known): what apps and
 * backend services need to know to get a token.
 */
export function smartConfiguration(issuer: string, security: Security): object {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    authorization_endpoint: security.authorize,
    token_endpoint: security.token,
    revocation_endpoint: security.revoke,
    introspection_endpoint: security.introspect,
    grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    scopes_supported: [
      'openid',
      'fhirUser',
      'profile',
      'offline_access',
      'system/*.cruds',
      'system/*.rs',
      'user/*.cruds',
      'user/*.rs',
    ],
    capabilities: [
      'launch-standalone',
      'authorize-post',
      'client-public',
      'client-confidential-asymmetric',
      'sso-openid-connect',
      'permission-user',
      'permission-offline',
      'permission-v1',
      'permission-v2',
    ],
  };
}
