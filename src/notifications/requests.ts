import { randomUUID } from 'node:crypto';
import type { Resource } from '../fhir/resource.ts';
import type { Xml } from '../fhir/xml/xml.ts';
import type { Outgoing } from './channels/outgoing.ts';
import { nameAndValue } from './masking.ts';
import { notificationOf, type Told } from './notification.ts';
import type { Secrets } from './secrets.ts';
import { signatureHeaders } from './signature.ts';
import type { Subscription } from './subscription.ts';
import { writtenAs } from './written.ts';

/** What requests are made with. */
export interface RequestParts {
  base: string;
  secrets: Secrets;
  /** Milliseconds since the epoch. */
  now: number;
  /** Loads what writes XML. */
  xml: () => Promise<Xml>;
}

/** What is sent to a receiver, and what stays the same when it is sent again. */
type Message = Pick<Outgoing, 'method' | 'url' | 'body'> & { id: string; mime?: string };

/** The request that tells a receiver of something by `rest-hook` or `message`, and the JSON of its body. */
export async function requestOf(
  subscription: Subscription,
  told: Told,
  parts: RequestParts,
): Promise<{ request: Outgoing; json: string }> {
  const message = messageOf(subscription, told, parts);
  const { method, url, id, mime } = message;
  const body = await writtenAs(mime, message.body, parts.xml);
  const { secret, headers } = parts.secrets;
  const timestamp = Math.floor(parts.now / 1000);
  const request = {
    method,
    url,
    body,
    timeout: subscription.timeout,
    headers: {
      'User-Agent': 'Zhuanzhen',
      ...(body !== '' && mime !== undefined && { 'Content-Type': mime }),
      ...own(headers),
      ...(secret !== undefined && signatureHeaders(secret, { id, timestamp, body })),
    },
  };
  return { request, json: message.body };
}

function messageOf(subscription: Subscription, told: Told, { base, now }: RequestParts): Message {
  const { id, channel, content, mime } = subscription;
  const endpoint = subscription.endpoint!;
  const [first] = told.events;
  // A repeated attempt tells of the same events.
  const messageId =
    first === undefined ? randomUUID() : `${id}-${first.number}-${told.events.at(-1)!.number}`;
  const typed = mime === undefined ? {} : { mime };
  if (channel === 'message') {
    const payload = content === 'plain' ? resourceOf(told) : notificationOf(base, told, now);
    return {
      method: 'POST',
      url: processMessage(endpoint),
      body: inMessage(subscription, payload, base, now),
      id: messageId,
      mime: mime ?? 'application/fhir+json',
    };
  }
  if (content !== 'plain')
    return { method: 'POST', url: endpoint, body: notificationOf(base, told, now), id: messageId, ...typed };
  // "If a payload is included, the URL is interpreted as the service base, and an update (PUT) is made"
  // (http://hl7.org/fhir/R4/codesystem-subscription-channel-type.html).
  return mime === undefined || !first
    ? { method: 'POST', url: endpoint, body: '', id: messageId }
    : {
        method: 'PUT',
        url: `${endpoint.replace(/\/$/, '')}/${first.type}/${first.id}`,
        body: resourceOf(told)!,
        id: messageId,
        ...typed,
      };
}

function resourceOf({ events: [event] }: Told): string | undefined {
  return event?.text ?? undefined;
}

function processMessage(endpoint: string): string {
  return endpoint.endsWith('/$process-message')
    ? endpoint
    : `${endpoint.replace(/\/$/, '')}/$process-message`;
}

/** A message (http://hl7.org/fhir/R4/messaging.html) whose focus is the notification, or the resource itself. */
function inMessage(
  { criteria, endpoint }: Subscription,
  payload: string | undefined,
  base: string,
  now: number,
): string {
  const focus = `urn:uuid:${randomUUID()}`;
  const header: Resource = {
    resourceType: 'MessageHeader',
    id: randomUUID(),
    eventUri: criteria.includes('://') ? criteria : `${base}/${criteria}`,
    destination: [{ endpoint }],
    source: { name: 'Zhuanzhen', endpoint: base },
    ...(payload !== undefined && { focus: [{ reference: focus }] }),
  };
  const head = JSON.stringify({
    resourceType: 'Bundle',
    id: randomUUID(),
    type: 'message',
    timestamp: new Date(now).toISOString(),
  });
  const entries = [
    JSON.stringify({ fullUrl: `urn:uuid:${header.id}`, resource: header }),
    ...(payload === undefined ? [] : [`{"fullUrl":"${focus}","resource":${payload}}`]),
  ];
  return `${head.slice(0, -1)},"entry":[${entries.join(',')}]}`;
}

/** The subscriber's own headers; one that stands several times has several values. */
function own(headers: readonly string[]): Record<string, string | string[]> {
  const values = new Map<string, string[]>();
  for (const header of headers) {
    const { name, value } = nameAndValue(header);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return Object.fromEntries([...values].map(([name, each]) => [name, each.length === 1 ? each[0]! : each]));
}
