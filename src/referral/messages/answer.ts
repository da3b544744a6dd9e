import { randomUUID } from 'node:crypto';
import { elements, string } from '../../fhir/elements.ts';
import { type Issue, operationOutcome } from '../../fhir/outcome.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { Message } from './message.ts';

/** How a message was taken (http://hl7.org/fhir/R4/valueset-response-code.html). */
export type ResponseCode = 'ok' | 'transient-error' | 'fatal-error';

/** What is answered to a message. */
export interface MessageAnswer {
  code: ResponseCode;
  issues: readonly Issue[];
  /** What the referral is on record as: References to it and its Task. */
  focus?: readonly Element[];
  /** What of it is shown, each with its address. */
  shown?: readonly { fullUrl: string; resource: Resource }[];
}

/** What an OperationOutcome says of a message that was processed. */
const processed: Issue = {
  severity: 'information',
  code: 'informational',
  text: { zh: '消息已处理', en: 'The message was processed' },
};

/**
 * The response message: a Bundle of the same event whose MessageHeader says to which message it answers
 * (`response.identifier`), how that was taken, and, by its `details`, why. Its `focus` is what is on record.
 */
export function answerBundle(
  { header, id }: Pick<Message, 'header' | 'id'>,
  { code, issues, focus = [], shown = [] }: MessageAnswer,
  { base, now }: { base: string; now: number },
): Resource {
  const [message, outcome, bundle] = [randomUUID(), randomUUID(), randomUUID()];
  const source = elements(header, 'source')[0];
  const endpoint = string(source, 'endpoint');
  const name = string(source, 'name');
  const event = header.eventUri === undefined ? 'eventCoding' : 'eventUri';
  return {
    resourceType: 'Bundle',
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${bundle}` },
    type: 'message',
    timestamp: new Date(now).toISOString(),
    entry: [
      {
        fullUrl: `urn:uuid:${message}`,
        resource: {
          resourceType: 'MessageHeader',
          id: message,
          [event]: header[event],
          ...(endpoint !== undefined && {
            destination: [{ ...(name !== undefined && { name }), endpoint }],
          }),
          source: {
            name: '转诊平台 / Zhuanzhen',
            software: 'Zhuanzhen',
            endpoint: `${base}/$process-message`,
          },
          response: { identifier: id, code, details: { reference: `urn:uuid:${outcome}` } },
          ...(focus.length > 0 && { focus }),
        },
      },
      {
        fullUrl: `urn:uuid:${outcome}`,
        resource: { ...operationOutcome(issues.length > 0 ? issues : [processed]), id: outcome },
      },
      ...shown,
    ],
  };
}
