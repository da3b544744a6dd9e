import type { Security } from '../../interactions/security.ts';
import type { Json } from './json.ts';

/** The security schemes (https://spec.openapis.org/oas/v3.0.3#security-scheme-object) of a server. */
export function securitySchemes({ authorize, token, discovery, apiKeys }: Security): Json {
  const scopes = {
    'user/*.rs': 'Read and search what the person may see',
    'user/*.cruds': 'All that the person may do',
  };
  return {
    app: {
      type: 'oauth2',
      description: 'SMART App Launch, with PKCE',
      flows: { authorizationCode: { authorizationUrl: authorize, tokenUrl: token, scopes } },
    },
    system: {
      type: 'oauth2',
      description:
        'SMART Backend Services: the client proves itself by an assertion, signed with RS384 or ES384',
      flows: {
        clientCredentials: {
          tokenUrl: token,
          scopes: {
            'system/*.rs': 'Read and search what the client may see',
            'system/*.cruds': 'All that it may do',
          },
        },
      },
    },
    openid: { type: 'openIdConnect', openIdConnectUrl: discovery },
    token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    ...(apiKeys && { apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' } }),
  };
}

/** Any one of the schemes; none while access control is off. */
export function securityRequirements(security: Security | undefined): Json[] {
  if (!security) return [];
  return [{ token: [] }, { app: [] }, { system: [] }, ...(security.apiKeys ? [{ apiKey: [] }] : [])];
}
