import { elements, string } from '../../fhir/elements.ts';
import { refusals, refuse } from '../../fhir/refusal.ts';
import { type Element, isElement, isResource, type Resource } from '../../fhir/resource.ts';
import type { Server } from '../../interactions/server.ts';
import { digestOf } from '../submission/digest.ts';
import { type Sent, sentIn } from '../submission/sent.ts';
import { codeSystems, messageDefinitionUrl } from '../vocabulary.ts';
import { type MessageEvent, messageEvents } from './events.ts';
import { messageRefusals } from './refusals.ts';

/** A message as it was read (http://hl7.org/fhir/R4/messaging.html). */
export interface Message {
  bundle: Resource;
  header: Resource;
  /** What the message is known by: `MessageHeader.id`. */
  id: string;
  /** `Bundle.id`: what this sending of it is known by. */
  envelope: string | undefined;
  /** All that it brings behind its header. */
  sent: readonly Sent[];
  /** Of what it says: another digest, another content. */
  digest: string;
}

const idFormat = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * Reads a message: a Bundle of type `message` that begins with its MessageHeader. Refuses with 400 what is none, or has
 * no id, and with 413 one of too many entries: to these there is no answer but the HTTP error.
 */
export function readMessage({ limits }: Pick<Server, 'limits'>, body: Resource | undefined): Message {
  if (!body) throw refuse(messageRefusals.notAMessage);
  const entries: readonly unknown[] = Array.isArray(body.entry) ? body.entry : [];
  const [first] = entries;
  const header = isElement(first) ? first.resource : undefined;
  if (
    body.resourceType !== 'Bundle' ||
    body.type !== 'message' ||
    !isResource(header) ||
    header.resourceType !== 'MessageHeader'
  )
    throw refuse(messageRefusals.notAMessage);
  if (entries.length > limits.maxBundleEntries)
    throw refuse(refusals.bundleTooLarge, [String(limits.maxBundleEntries), String(entries.length)]);
  const id = idOf(body, header, first as Element);
  if (id === undefined) throw refuse(messageRefusals.noId);
  return {
    bundle: body,
    header,
    id,
    envelope: string(body, 'id'),
    sent: sentIn(body).filter(({ index }) => index > 0),
    digest: digestOf(entries),
  };
}

/**
 * "Each time a new message is created, it SHALL be assigned an identifier (MessageHeader.id)". Systems that do not give
 * one have it in the identifier of the Bundle, as R5 wants it, or in the fullUrl of the header.
 */
function idOf(bundle: Resource, header: Resource, entry: Element): string | undefined {
  const bare = (text: string | undefined) => text?.replace(/^urn:(?:uuid|oid):/, '');
  const candidates = [
    string(header, 'id'),
    bare(string(elements(bundle, 'identifier')[0], 'value')),
    bare(string(entry, 'fullUrl')),
  ];
  return candidates.find((candidate) => candidate !== undefined && idFormat.test(candidate));
}

/** The event that a message tells of; undefined for one that the server does not know. */
export function eventOf(header: Resource): MessageEvent | undefined {
  const coding = elements(header, 'eventCoding')[0];
  const uri = string(header, 'eventUri');
  return messageEvents.find(({ code }) =>
    coding
      ? coding.system === codeSystems.messageEvent && coding.code === code
      : uri === messageDefinitionUrl(code) || uri === `${codeSystems.messageEvent}#${code}`,
  );
}
