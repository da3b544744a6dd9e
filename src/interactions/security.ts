import type { Element } from '../fhir/resource.ts';

/** How clients prove who they are, for what describes the API. */
export interface Security {
  /** The addresses of the OAuth 2 server. */
  authorize: string;
  token: string;
  revoke: string;
  /** The address of its OpenID Connect discovery document. */
  discovery: string;
  /** Whether API keys are taken. */
  apiKeys: boolean;
  /** Whether web pages of other origins may call. */
  cors: boolean;
}

/** `CapabilityStatement.rest.security` (https://hl7.org/fhir/smart-app-launch/conformance.html). */
export function capabilitySecurity({ authorize, token, revoke, apiKeys, cors }: Security): Element {
  return {
    cors,
    service: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
            code: 'SMART-on-FHIR',
          },
        ],
      },
    ],
    description: `SMART App Launch 2 with PKCE, SMART Backend Services${apiKeys ? ', API keys (X-Api-Key)' : ''}`,
    extension: [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: [
          { url: 'authorize', valueUri: authorize },
          { url: 'token', valueUri: token },
          { url: 'revoke', valueUri: revoke },
        ],
      },
    ],
  };
}
