import { seenBy } from '../../src/access/seen-by.ts';
import { Refusal } from '../../src/fhir/refusal.ts';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import type { Actor } from '../../src/interactions/actor.ts';
import { readAddress } from '../../src/interactions/entry-request.ts';
import type { Request } from '../../src/interactions/request.ts';
import type { TestServer } from '../environment/server.ts';

/** What a request was answered with. */
export interface Answered {
  status: number;
  /** The answer as a text: what is not in it was not told. */
  text: string;
  body: Resource;
  /** The ids of the resources in the answer, `Type/[id]`. */
  shown: string[];
  contentLocation?: string | undefined;
}

/** Asks a running server on behalf of an actor, behind the door at which tokens are looked at. */
export async function asking(
  { running }: TestServer,
  actor: Actor,
  method: Request['method'],
  url: string,
  body?: object,
  headers: Partial<Request> = {},
): Promise<Answered> {
  const { server, router } = running;
  try {
    const address = readAddress(url, server.base);
    const matched = router(method, address.segments);
    const answer = await matched.route.run(seenBy(server, actor), {
      method,
      query: address.query,
      prefer: { return: 'representation' },
      ...matched.address,
      ...(body && { body: JSON.parse(JSON.stringify(body)) as Resource }),
      ...headers,
    });
    const text = answer.json ?? answer.version?.text ?? '';
    const parsed = (text === '' ? {} : JSON.parse(text)) as Resource;
    return {
      status: answer.status,
      text,
      body: parsed,
      shown: shownIn(parsed),
      contentLocation: answer.contentLocation,
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const text = JSON.stringify(error.issues);
    return { status: error.status, text, body: { resourceType: 'OperationOutcome' }, shown: [] };
  }
}

/** Asks as `asking` does, on a server that is known. */
export function askingOn(server: TestServer) {
  return (who: Actor, method: Request['method'], url: string, body?: object, more: Partial<Request> = {}) =>
    asking(server, who, method, url, body, more);
}

/** Whoever sends and receives referrals for an organization. */
export function at(id: string, more: Partial<Actor> = {}): Actor {
  return { organization: `Organization/${id}`, roles: ['referrer', 'receiver'], ...more };
}

/** The server itself, which sees and does all. */
export const system: Actor = { roles: [], isSystem: true };

/** A patient's Consent on who may read. */
export function consentOf(patient: string, provision: object): Resource {
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: patient },
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    provision,
  };
}

/** Whom a provision of a Consent is about. */
export function recipient(organization: string): object {
  return {
    role: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }],
    },
    reference: { reference: `Organization/${organization}` },
  };
}

function shownIn(body: Resource): string[] {
  const own =
    body.id === undefined || body.resourceType === 'Bundle' ? [] : [`${body.resourceType}/${body.id}`];
  const entries = ((body.entry ?? []) as { resource?: Resource }[]).flatMap(({ resource }) =>
    resource ? shownIn(resource) : [],
  );
  const parts = ((body.parameter ?? []) as Element[]).flatMap((part) =>
    part.resource ? shownIn(part.resource as Resource) : [],
  );
  return [...own, ...entries, ...parts];
}
