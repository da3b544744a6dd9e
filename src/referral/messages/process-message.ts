import { extension } from '../../fhir/elements.ts';
import { Refusal, refuse } from '../../fhir/refusal.ts';
import type { Answer } from '../../interactions/answer.ts';
import type { Operation, OperationRequest } from '../../interactions/operation.ts';
import type { Server } from '../../interactions/server.ts';
import { claimConditions } from '../../interactions/write-entries.ts';
import type { Transaction } from '../../store/store.ts';
import { numberConditions } from '../submission/file-resources.ts';
import { messageDefinitionUrl } from '../vocabulary.ts';
import { answerBundle } from './answer.ts';
import { findAnswer, keepAnswer, keyOf, type MessageKey, statusOf } from './answered.ts';
import { messageEvents } from './events.ts';
import { type Message, readMessage } from './message.ts';
import { perform } from './perform.ts';
import { messageRefusals } from './refusals.ts';
import { codeOf, isForGood } from './response-code.ts';

/** Parameters of the answer's form, which are not this operation's business. */
const formNames = ['_format', '_pretty'];

/** In seconds: what is the server's trouble is tried again soon. */
const retryAfter = '2';

/** Whether the sender wants to be answered: http://hl7.org/fhir/R4/extension-messageheader-response-request.html */
const responseRequest = 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request';

/**
 * `$process-message` (http://hl7.org/fhir/R4/operation-messageheader-process-message.html): a message of a referral
 * event is processed as the transaction that it stands for, and answered with a response message. What was refused is
 * answered likewise, under the status of the refusal: "a 4xx response [indicates] that there is no point resubmitting
 * the unaltered message, and a 5xx response [...] that it may be appropriate". The answer is kept with what the message
 * did, so that a message that is sent again is answered the same and does nothing twice.
 */
export const processMessage: Operation = {
  name: '$process-message',
  definition: 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message',
  on: { system: true },
  affectsState: true,
  messages: messageEvents.map(({ code }) => messageDefinitionUrl(code)),
  run: async (request, server) => {
    refuseParameters(request);
    const message = readMessage(server, request.body);
    const answer = await answerTo(server, message);
    const wanted = extension(message.header, responseRequest)?.valueCode;
    const isUnwanted = answer.status === 200 && (wanted === 'never' || wanted === 'on-error');
    return isUnwanted ? { ...answer, status: 204 } : answer;
  },
};

async function answerTo(server: Server, message: Message): Promise<Answer> {
  const key = keyOf(message, server);
  try {
    return await server.store.write((tx) => take(server, tx, message, key));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refusedWith(server, message, key, error);
  }
}

/** Processes a message that is new, and keeps what it is answered in the same transaction. */
async function take(server: Server, tx: Transaction, message: Message, key: MessageKey): Promise<Answer> {
  await claimConditions(tx, numberConditions(server, message.sent), [`message ${key.answer}`]);
  const known = await findAnswer(tx, message, key);
  if (known !== undefined) return { status: statusOf(known), json: known };
  const done = await perform(server, tx, message);
  const bundle = answerBundle(message, { code: 'ok', ...done }, { base: server.base, now: server.now() });
  const json = await keepAnswer(server, tx, message, key, { answer: bundle, status: 200 });
  return { status: 200, json, about: done.about, ...(server.trail && { entries: done.entries }) };
}

/** The answer to a message that is refused: kept as well, unless it says that the message may be sent again. */
async function refusedWith(
  server: Server,
  message: Message,
  key: MessageKey,
  refusal: Refusal,
): Promise<Answer> {
  const code = codeOf(refusal);
  const bundle = answerBundle(
    message,
    { code, issues: refusal.issues },
    { base: server.base, now: server.now() },
  );
  const status = code === 'transient-error' ? Math.max(refusal.status, 503) : refusal.status;
  const headers = { ...refusal.headers, ...(status === 503 && { 'Retry-After': retryAfter }) };
  if (!isForGood(refusal)) return { status, json: JSON.stringify(bundle), headers };
  try {
    return await server.store.write(async (tx): Promise<Answer> => {
      await claimConditions(tx, [], [`message ${key.answer}`]);
      const known = await findAnswer(tx, message, key);
      if (known !== undefined) return { status: statusOf(known), json: known };
      return {
        status,
        json: await keepAnswer(server, tx, message, key, { answer: bundle, status }),
        headers,
      };
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status, json: JSON.stringify(bundle), headers };
  }
}

/** Refuses with 400 what R4 has for asynchronous messages, and every other parameter: the address of a message has none. */
function refuseParameters({ parameters }: OperationRequest): void {
  for (const [name, values] of parameters)
    if (!formNames.includes(name) && !(name === 'async' && values.every((value) => value === 'false')))
      throw refuse(messageRefusals.asynchronous, [name.slice(0, 64)]);
}
