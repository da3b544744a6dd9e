import { randomUUID } from 'node:crypto';
import type { Element, Resource } from '../fhir/resource.ts';
import type { Content, Status, Subscription } from './subscription.ts';
import { profiles } from './vocabulary.ts';

/** http://hl7.org/fhir/R5/valueset-subscription-notification-type.html */
export type NotificationType =
  | 'handshake'
  | 'heartbeat'
  | 'event-notification'
  | 'query-status'
  | 'query-event';

/** One event as it is told. */
export interface ToldEvent {
  number: number;
  /** Milliseconds since the epoch. */
  at: number;
  type: string;
  id: string;
  version: number;
  /** As it was written; null when that was a deletion. */
  text: string | null;
  /** Further resources that the topic has along, with their texts. */
  context: readonly { path: string; text: string }[];
}

/** What a notification says. */
export interface Told {
  type: NotificationType;
  subscription: Pick<Subscription, 'id' | 'criteria' | 'content'>;
  status: Status;
  /** The number of the last event that there is for the subscription. */
  count: number;
  events: readonly ToldEvent[];
  /** Why the subscription is in error. */
  problem?: string;
}

/**
 * The status that stands first in a notification and that `$status` gives: R5's SubscriptionStatus as Parameters
 * (http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4).
 */
export function statusOf(
  base: string,
  { type, subscription, status, count, events, problem }: Told,
): Resource {
  const { id, criteria, content } = subscription;
  // "SHOULD NOT be present when using `empty` payloads".
  const topic = content === 'empty' || !criteria.includes('://') ? undefined : criteria;
  return {
    resourceType: 'Parameters',
    id: randomUUID(),
    meta: { profile: [profiles.status] },
    parameter: [
      { name: 'subscription', valueReference: { reference: `${base}/Subscription/${id}` } },
      ...(topic === undefined ? [] : [{ name: 'topic', valueCanonical: topic }]),
      { name: 'status', valueCode: status },
      { name: 'type', valueCode: type },
      { name: 'events-since-subscription-start', valueString: String(count) },
      ...events.map((event) => eventPart(base, event, content)),
      ...(problem === undefined ? [] : [{ name: 'error', valueCodeableConcept: { text: problem } }]),
    ],
  };
}

function eventPart(base: string, { number, at, type, id, context }: ToldEvent, content: Content): Element {
  const reference = (path: string) => ({ reference: `${base}/${path}` });
  return {
    name: 'notification-event',
    part: [
      { name: 'event-number', valueString: String(number) },
      { name: 'timestamp', valueInstant: new Date(at).toISOString() },
      ...(content === 'empty'
        ? []
        : [
            { name: 'focus', valueReference: reference(`${type}/${id}`) },
            ...context.map(({ path }) => ({
              name: 'additional-context',
              valueReference: reference(path),
            })),
          ]),
    ],
  };
}

/**
 * The JSON of a notification: a history Bundle whose first entry is the status
 * (http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-notification-r4). Resources
 * stand in it as they are stored.
 */
export function notificationOf(base: string, told: Told, now: number): string {
  const { subscription, events } = told;
  const status = statusOf(base, told);
  const head = JSON.stringify({
    resourceType: 'Bundle',
    id: randomUUID(),
    meta: { profile: [profiles.notification] },
    type: 'history',
    timestamp: new Date(now).toISOString(),
  });
  const request = (url: string) => ({ request: { method: 'GET', url }, response: { status: '200' } });
  const entries = [
    JSON.stringify({
      fullUrl: `urn:uuid:${status.id}`,
      resource: status,
      ...request(`${base}/Subscription/${subscription.id}/$status`),
    }),
    ...(subscription.content === 'empty' ? [] : resourcesOf(events)).map(({ path, version, text }) => {
      const members = JSON.stringify({
        fullUrl: `${base}/${path}`,
        ...request(version === undefined ? path : `${path}/_history/${version}`),
      });
      return subscription.content === 'full-resource' && text !== null
        ? `${members.slice(0, -1)},"resource":${text}}`
        : members;
    }),
  ];
  return `${head.slice(0, -1)},"entry":[${entries.join(',')}]}`;
}

/** Each resource that events are about once, and what they have along. */
function resourcesOf(
  events: readonly ToldEvent[],
): { path: string; version?: number; text: string | null }[] {
  const found = new Map<string, { path: string; version?: number; text: string | null }>();
  for (const { type, id, version, text } of events)
    found.set(`${type}/${id}/${version}`, { path: `${type}/${id}`, version, text });
  const focused = new Set(events.map(({ type, id }) => `${type}/${id}`));
  for (const { context } of events)
    for (const each of context) if (!focused.has(each.path)) found.set(each.path, each);
  return [...found.values()];
}
