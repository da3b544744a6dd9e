import type { Refusal } from '../../fhir/refusal.ts';
import type { ResponseCode } from './answer.ts';
import { messageRefusals } from './refusals.ts';

/**
 * How a refusal is told (http://hl7.org/fhir/R4/valueset-response-code.html): what is the server's trouble, or that of
 * two requests at the same time, passes; all else stays wrong however often it is sent.
 */
export function codeOf({ status, issues }: Refusal): ResponseCode {
  const isConflict = status === 409 && issues.every(({ code }) => code === 'conflict');
  return status >= 500 || status === 408 || status === 429 || isConflict ? 'transient-error' : 'fatal-error';
}

/**
 * Whether a refusal is the answer to a message from now on. It is not where it may pass; nor where it is about who asks,
 * who may be given the right; nor where it is about an id that is another message's.
 */
export function isForGood(refusal: Refusal): boolean {
  const { status, issues } = refusal;
  const isOfIds = status === messageRefusals.otherContent.status && issues.every(isAboutIds);
  return codeOf(refusal) === 'fatal-error' && status !== 401 && status !== 403 && !isOfIds;
}

function isAboutIds({ expression = [] }: Refusal['issues'][number]): boolean {
  return expression.some((place) => place === 'Bundle.id' || place === 'Bundle.entry[0].resource.id');
}
