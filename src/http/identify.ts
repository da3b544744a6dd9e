import { randomUUID } from 'node:crypto';
import type { Request as ExpressRequest, Response } from 'express';

/**
 * The id of a request (http://hl7.org/fhir/R4/http.html#custom): the client's own, as far as a log can hold it, else one
 * that is made here; then the client's comes back as `X-Correlation-Id`.
 */
export function identify({ headers }: ExpressRequest, response: Response): string {
  const given = headers['x-request-id'];
  const isUsable = typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given);
  const requestId = isUsable ? given : randomUUID();
  response.setHeader('X-Request-Id', requestId);
  if (typeof given === 'string' && !isUsable) response.setHeader('X-Correlation-Id', given.slice(0, 200));
  return requestId;
}
