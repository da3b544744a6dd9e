import { formatScope, parseScopes } from '../access/identity/scopes.ts';
import { elements } from '../fhir/elements.ts';
import type { Element } from '../fhir/resource.ts';
import type { Actor } from '../interactions/actor.ts';
import { extensions } from './vocabulary.ts';

/** The extension that says who has made a subscription. */
export function writeSubscriber({
  organization,
  client,
  person,
  patient,
  roles,
  scopes,
  purpose,
}: Actor): Element {
  const part = (url: string, value: Element) => ({ url, ...value });
  const reference = (url: string, path: string | undefined) =>
    path === undefined ? [] : [part(url, { valueReference: { reference: path } })];
  return {
    url: extensions.subscriber,
    extension: [
      ...reference('organization', organization),
      ...reference('client', client),
      ...reference('person', person),
      ...reference('patient', patient),
      ...roles.map((valueCode) => part('role', { valueCode })),
      ...(scopes ? [part('scopes', { valueString: scopes.map(formatScope).join(' ') || '-' })] : []),
      ...(purpose === undefined ? [] : [part('purpose', { valueCode: purpose })]),
    ],
  };
}

/** Reads it back; undefined where access control was off and nobody was named. */
export function readSubscriber(extension: Element | undefined): Actor | undefined {
  if (!extension) return undefined;
  const values = (url: string) =>
    elements(extension, 'extension')
      .filter((each) => each.url === url)
      .map((each) => each.valueCode ?? each.valueString ?? (each.valueReference as Element)?.reference)
      .filter((value) => typeof value === 'string');
  const [organization, client, person, patient, scopes, purpose] = [
    'organization',
    'client',
    'person',
    'patient',
    'scopes',
    'purpose',
  ].map((url) => values(url)[0]);
  return {
    ...(organization !== undefined && { organization }),
    ...(client !== undefined && { client }),
    ...(person !== undefined && { person }),
    ...(patient !== undefined && { patient }),
    roles: values('role'),
    ...(scopes !== undefined && { scopes: parseScopes(scopes) }),
    ...(purpose !== undefined && { purpose }),
  };
}
