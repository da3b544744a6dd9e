import { elements, extension, string } from '../fhir/elements.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import type { Actor } from '../interactions/actor.ts';
import { readSubscriber } from './subscriber.ts';
import { extensions } from './vocabulary.ts';

/** http://hl7.org/fhir/R4/valueset-subscription-status.html */
export type Status = 'requested' | 'active' | 'error' | 'off';

/** How much of a resource a notification has; `plain`: R4's own notifications, which are no bundles. */
export type Content = 'plain' | 'empty' | 'id-only' | 'full-resource';

export const contents: readonly Content[] = ['empty', 'id-only', 'full-resource'];

/** The channels by which the server tells (http://hl7.org/fhir/R4/valueset-subscription-channel-type.html). */
export const channelTypes = ['rest-hook', 'websocket', 'message'] as const;
export type ChannelType = (typeof channelTypes)[number];

/** A Subscription as it is stored, taken apart. */
export interface Subscription {
  id: string;
  status: Status;
  /** When it ends by itself, in milliseconds since the epoch. */
  end?: number;
  /** A search, or the canonical URL of a topic. */
  criteria: string;
  /** What narrows a topic, each written as in an address. */
  filters: readonly string[];
  channel: ChannelType;
  endpoint?: string;
  /** The media type of what is sent; undefined: R4's notification without a body. */
  mime?: string;
  content: Content;
  /** After so many milliseconds without a notification one is sent that says so. */
  heartbeat?: number;
  /** How long the receiver may take, in milliseconds. */
  timeout: number;
  /** So many events one notification has at most. */
  maxCount?: number;
  subscriber?: Actor;
  /** Header values and signing secret. */
  sealed?: string;
}

/** How long a receiver may take, in milliseconds, where the subscription does not say, and at most. */
const usualTimeout = 10_000;
const longestTimeout = 60_000;

/** Whether criteria name a topic: a search is relative to the server. */
export function isTopicUrl(criteria: string): boolean {
  return /^(?:https?:\/\/|urn:)/.test(criteria);
}

/** Reads a Subscription that the guard has let in. */
export function readSubscription(resource: Resource): Subscription {
  const [channel] = elements(resource, 'channel');
  const criteria = string(resource, 'criteria') ?? '';
  const payload = channel?._payload as Element | undefined;
  const content = extension(payload, extensions.content)?.valueCode as Content | undefined;
  const seconds = (url: string) => {
    const value = extension(channel, url)?.valueUnsignedInt;
    return typeof value === 'number' && value > 0 ? value * 1000 : undefined;
  };
  const heartbeat = seconds(extensions.heartbeat);
  const endpoint = string(channel, 'endpoint');
  const mime = string(channel, 'payload');
  const maxCount = extension(channel, extensions.maxCount)?.valuePositiveInt;
  const end = Date.parse(string(resource, 'end') ?? '');
  const subscriber = readSubscriber(extension(resource, extensions.subscriber));
  const sealed = string(extension(channel, extensions.sealed), 'valueBase64Binary');
  return {
    id: resource.id!,
    status: resource.status as Status,
    ...(!Number.isNaN(end) && { end }),
    criteria,
    filters: filtersOf(resource),
    channel: string(channel, 'type') as ChannelType,
    ...(endpoint !== undefined && { endpoint }),
    ...(mime !== undefined && { mime }),
    content: content ?? (isTopicUrl(criteria) ? 'id-only' : 'plain'),
    ...(heartbeat !== undefined && { heartbeat }),
    timeout: Math.min(seconds(extensions.timeout) ?? usualTimeout, longestTimeout),
    ...(typeof maxCount === 'number' && maxCount > 0 && { maxCount }),
    ...(subscriber && { subscriber }),
    ...(sealed !== undefined && { sealed }),
  };
}

/** The filters on the criteria of a Subscription. */
export function filtersOf(resource: Resource): string[] {
  return elements(resource._criteria as Element | undefined, 'extension')
    .filter(({ url }) => url === extensions.filter)
    .flatMap((each) => string(each, 'valueString') ?? []);
}
