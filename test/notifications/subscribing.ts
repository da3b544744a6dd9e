import type { Test } from 'supertest';
import type { Element, Resource } from '../../src/fhir/resource.ts';

const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';

/** Settings of a server that may tell whoever listens on this machine, and soon tries again. */
export const toldHere: Record<string, string> = {
  SUBSCRIPTION_NETWORKS: '127.0.0.0/8',
  SUBSCRIPTION_HTTP: 'on',
  SUBSCRIPTION_RETRY: '10',
};

/** The canonical URL of a topic. */
export const topic = (id: string) => `https://w3id.org/zhuanzhen/SubscriptionTopic/${id}`;

/** A subscription to a topic. */
export function toTopic(
  id: string,
  filters: readonly string[],
  content: string,
  channel: Element & { extension?: Element[] },
): Resource {
  return {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'to be told / 接收通知',
    criteria: topic(id),
    ...(filters.length > 0 && {
      _criteria: {
        extension: filters.map((valueString) => ({
          url: `${backport}/backport-filter-criteria`,
          valueString,
        })),
      },
    }),
    channel: {
      type: 'rest-hook',
      payload: 'application/fhir+json',
      _payload: { extension: [{ url: `${backport}/backport-payload-content`, valueCode: content }] },
      ...channel,
    },
  };
}

/** An extension of the channel, in whole seconds or as a number. */
export const heartbeat = (valueUnsignedInt: number) => ({
  url: `${backport}/backport-heartbeat-period`,
  valueUnsignedInt,
});
export const maxCount = (valuePositiveInt: number) => ({
  url: `${backport}/backport-max-count`,
  valuePositiveInt,
});

/** Waits until a subscription has a status. */
export async function untilStatus(
  get: (path: string) => Test,
  id: string,
  wanted: string,
): Promise<Resource> {
  for (;;) {
    const { body } = await get(`/Subscription/${id}`);
    if (body.status === wanted) return body;
    if (body.status === 'error' && wanted !== 'error') throw new Error(body.error);
  }
}

/** What a notification, or the answer of `$events`, says. */
export interface Notification {
  type: string;
  status: string;
  topic: string | undefined;
  count: number;
  /** Why something could not be told. */
  error: string | undefined;
  events: { number: number; focus: string | undefined; context: string[] }[];
  /** The entries behind the status: what they are about, and the resources as far as they stand there. */
  entries: { url: string; resource: Resource | undefined }[];
}

/** Reads a notification Bundle. */
export function readNotification(text: string): Notification {
  const bundle = JSON.parse(text) as { entry: { request: { url: string }; resource?: Resource }[] };
  const [first, ...entries] = bundle.entry;
  return {
    ...readStatus(first!.resource!),
    entries: entries.map(({ request, resource }) => ({ url: request.url, resource })),
  };
}

/** Reads a status. */
export function readStatus(status: Resource): Omit<Notification, 'entries'> {
  const parameters = status.parameter as (Element & {
    name: string;
    part?: (Element & { name: string })[];
  })[];
  const value = (name: string) => {
    const found = parameters.find((each) => each.name === name) ?? {};
    return Object.entries(found).find(([key]) => key.startsWith('value'))?.[1];
  };
  const reference = (of: Element | undefined) =>
    (of?.valueReference as { reference: string } | undefined)?.reference.replace(/^.*\/fhir\//, '');
  return {
    type: String(value('type')),
    status: String(value('status')),
    topic: value('topic') as string | undefined,
    count: Number(value('events-since-subscription-start')),
    error: (value('error') as { text: string } | undefined)?.text,
    events: parameters
      .filter(({ name }) => name === 'notification-event')
      .map(({ part = [] }) => ({
        number: Number(part.find(({ name }) => name === 'event-number')!.valueString),
        focus: reference(part.find(({ name }) => name === 'focus')),
        context: part.filter(({ name }) => name === 'additional-context').map((each) => reference(each)!),
      })),
  };
}
