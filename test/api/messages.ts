import { randomUUID } from 'node:crypto';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { numberOf, type ReferralBundle, the } from './referrals.ts';

const canonical = 'https://w3id.org/zhuanzhen';

/** A message Bundle. */
export interface MessageBundle extends Resource {
  entry: { fullUrl: string; resource: Resource }[];
}

/** What a message is about, beyond what it brings. */
export interface Header {
  /** References of the focus. */
  focus?: readonly Element[];
  /** More members of the MessageHeader. */
  more?: Element;
}

/** A message of an event that brings resources; those without a fullUrl get one. */
export function message(
  event: string,
  entries: readonly { fullUrl?: string; resource: Resource }[],
  { focus = [], more = {} }: Header = {},
): MessageBundle {
  const id = randomUUID();
  const header = {
    resourceType: 'MessageHeader',
    id,
    eventCoding: { system: `${canonical}/CodeSystem/message-event`, code: event },
    source: { name: 'HIS', endpoint: 'https://his.example.org/fhir' },
    ...(focus.length > 0 && { focus }),
    ...more,
  };
  const behind = entries.map(({ fullUrl = `urn:uuid:${randomUUID()}`, resource }) => ({ fullUrl, resource }));
  return {
    resourceType: 'Bundle',
    id: randomUUID(),
    type: 'message',
    timestamp: '2026-11-16T09:41:00+08:00',
    entry: [{ fullUrl: `urn:uuid:${id}`, resource: header }, ...behind],
  };
}

/** The same referral as a message: what the transaction brings, behind a header. */
export function asMessage(bundle: ReferralBundle, more: Element = {}): MessageBundle {
  const focus = bundle.entry
    .filter(({ resource }) => ['ServiceRequest', 'Task'].includes(resource.resourceType))
    .map(({ fullUrl }) => ({ reference: fullUrl }));
  return message('referral-request', bundle.entry, { focus, more });
}

/** The Task of a referral as another system tells of it: its number, and what becomes of it. */
export function taskOf(bundle: ReferralBundle, members: Element): { resource: Resource } {
  const number = numberOf(the(bundle, 'ServiceRequest'));
  const resource = {
    resourceType: 'Task',
    intent: 'order',
    focus: {
      type: 'ServiceRequest',
      identifier: { system: `${canonical}/sid/referral-number`, value: number },
    },
    ...members,
  } as Resource;
  return { resource };
}

/** What a response message says. */
export function answerIn(bundle: MessageBundle) {
  const [header, outcome, ...others] = bundle.entry.map(({ resource }) => resource);
  const response = header!.response as { identifier: string; code: string; details: { reference: string } };
  const focus = ((header!.focus ?? []) as { reference: string }[]).map(({ reference }) => reference);
  return { header: header!, response, outcome: outcome!, focus, others };
}
