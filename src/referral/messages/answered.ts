import { createHash } from 'node:crypto';
import { elements, string } from '../../fhir/elements.ts';
import { refuse } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Server } from '../../interactions/server.ts';
import { nextVersion } from '../../interactions/version.ts';
import type { Transaction } from '../../store/store.ts';
import { hasConcept } from '../queries.ts';
import { identifierSystems } from '../vocabulary.ts';
import type { Message } from './message.ts';
import { messageRefusals } from './refusals.ts';

/** What two sendings of one message agree in, and two messages do not. */
export interface MessageKey {
  /** The id of the Bundle that is its answer. */
  answer: string;
  /** The digest of the stream and the Bundle.id that brought it; undefined where it has none. */
  envelope: string | undefined;
}

/**
 * The key of a message. Its ids are its stream's own, which is that of one application of one organization, so that
 * nobody is answered what another has sent.
 */
export function keyOf({ header, id, envelope }: Message, { actor }: Pick<Server, 'actor'>): MessageKey {
  const stream = [actor?.organization ?? '', string(elements(header, 'source')[0], 'endpoint') ?? ''];
  const digest = (...parts: string[]) =>
    createHash('sha256')
      .update(JSON.stringify([...stream, ...parts]))
      .digest('hex')
      .slice(0, 40);
  return { answer: digest('message', id), envelope: envelope && digest('envelope', envelope) };
}

/**
 * The answer that a message was given, as a text; undefined for a new message. Refuses with 409 another content under the
 * id of a message, and a Bundle.id that has brought another message
 * (http://hl7.org/fhir/R4/messaging.html#reliable). A message that is sent again under another Bundle.id is the same:
 * to process a message of consequence once more would do what nobody asked for.
 */
export async function findAnswer(
  tx: Transaction,
  { id, envelope, digest }: Message,
  key: MessageKey,
): Promise<string | undefined> {
  const reader = tx.entire ?? tx;
  const known = await reader.read('Bundle', key.answer);
  if (known?.text) {
    const { meta } = JSON.parse(known.text) as Resource;
    const content = meta?.tag?.find(({ system }) => system === identifierSystems.messageContent);
    if (content?.code !== digest)
      throw refuse(messageRefusals.otherContent, [id], ['Bundle.entry[0].resource.id']);
    return known.text;
  }
  if (key.envelope === undefined) return undefined;
  const filter = hasConcept('_tag', identifierSystems.messageEnvelope, key.envelope);
  const [brought] = await reader.search({ type: 'Bundle', filter, sort: [], limit: 1 });
  if (brought) throw refuse(messageRefusals.envelopeReused, [envelope!], ['Bundle.id']);
  return undefined;
}

/** Keeps the answer to a message, with the HTTP status that it is given under, and gives it as it is kept. */
export async function keepAnswer(
  server: Server,
  tx: Transaction,
  { digest }: Message,
  key: MessageKey,
  { answer, status }: { answer: Resource; status: number },
): Promise<string> {
  const tag = [
    { system: identifierSystems.messageContent, code: digest },
    { system: identifierSystems.messageStatus, code: String(status) },
    ...(key.envelope === undefined
      ? []
      : [{ system: identifierSystems.messageEnvelope, code: key.envelope }]),
  ];
  const replaced = await (tx.entire ?? tx).read('Bundle', key.answer);
  const version = nextVersion(
    server,
    replaced ? 'PUT' : 'POST',
    key.answer,
    { ...answer, meta: { tag } },
    replaced,
    server.now(),
  );
  await tx.put(version, replaced);
  return version.text!;
}

/** The HTTP status that a kept answer was given under. */
export function statusOf(answer: string): number {
  const { meta } = JSON.parse(answer) as Resource;
  return Number(meta?.tag?.find(({ system }) => system === identifierSystems.messageStatus)?.code ?? 200);
}
