import type { Element } from '../fhir/resource.ts';

/** How clients prove who they are, for what describes the API. */
export interface Security {
  /** The addresses of the OAuth 2 server. */
  authorize: string;
  token: string;
  revoke: string;
  introspect: string;
  /** The address of its OpenID Connect discovery document. */
  discovery: string;
  /** Whether API keys are taken. */
  apiKeys: boolean;
  /** Whether web pages of other origins may call. */
  cors: boolean;
}

/** What a client has to know of what it is shown. */
const whoSees =
  'An organization sees what it wrote, what is addressed to it, and the referrals whose Task it has had, as far as the Consents of the patient let it; scopes narrow this further. What may not be seen is as what does not exist: 404, absent from results and totals. What belongs to another organization is not written (403). Every access is recorded where AUDIT is on.';

/** `CapabilityStatement.rest.security` where there is no access control, and that there is none. */
export const openSecurity: Element = {
  description:
    'Access control is off (AUTH=off): whoever reaches this address, on the loopback interface alone, reads and writes everything.',
};

/** `CapabilityStatement.rest.security` (https://hl7.org/fhir/smart-app-launch/conformance.html). */
export function capabilitySecurity({
  authorize,
  token,
  revoke,
  introspect,
  apiKeys,
  cors,
}: Security): Element {
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
    description: `SMART App Launch 2 with PKCE, SMART Backend Services${apiKeys ? ', API keys (X-Api-Key)' : ''}. ${whoSees}`,
    extension: [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: [
          { url: 'authorize', valueUri: authorize },
          { url: 'token', valueUri: token },
          { url: 'introspect', valueUri: introspect },
          { url: 'revoke', valueUri: revoke },
        ],
      },
    ],
  };
}
