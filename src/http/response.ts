import type { ServerResponse } from 'node:http';
import { indent } from '../fhir/json/indent.ts';
import { operationOutcome } from '../fhir/outcome.ts';
import type { Refusal } from '../fhir/refusal.ts';
import { type Answer, type Content, done, entityTag, versionedPath } from '../interactions/answer.ts';
import type { Request } from '../interactions/request.ts';
import { hasBody } from './body.ts';

/** The form that a client wants its answer in. */
export interface Form {
  type: string;
  pretty: boolean;
}

/** Writes the answer to a request that succeeded. */
export function writeAnswer(
  response: ServerResponse,
  base: string,
  request: Request,
  answer: Answer,
  form: Form,
  content?: Content,
): void {
  const { version, created } = answer;
  if (version) {
    response.setHeader('ETag', entityTag(version));
    response.setHeader('Last-Modified', new Date(version.updated).toUTCString());
    // A conditional create that found the resource says where it is, too.
    if (created || request.method === 'POST')
      response.setHeader('Location', `${base}/${versionedPath(version)}`);
    // After a write the body, or what it would be, is this version (RFC 9110, 8.7): clients read the id from there.
    if (request.method !== 'GET' && version.text !== null)
      response.setHeader('Content-Location', `${base}/${versionedPath(version)}`);
  }
  if (answer.contentLocation) response.setHeader('Content-Location', answer.contentLocation);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (content) {
    // It comes from strangers: a browser is told to run nothing of it.
    response.setHeader('Content-Disposition', 'attachment');
    response.setHeader('Content-Security-Policy', "sandbox; default-src 'none'");
    writeContent(response, content);
    return;
  }
  if (answer.content) {
    writeContent(response, answer.content);
    return;
  }
  const { contentType: type = form.type } = answer;
  writeBody(response, answer.status, bodyOf(request, answer), { ...form, type });
}

/** Writes content as itself. */
function writeContent(response: ServerResponse, { type, bytes }: Content): void {
  response.statusCode = 200;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', bytes.length);
  response.end(bytes);
}

/** In seconds: what is unavailable now is asked again soon. */
const retryAfter = '2';

/** Writes a refusal: its issues as an OperationOutcome. */
export function writeRefusal(response: ServerResponse, refusal: Refusal, form: Form): void {
  // What is left of a body that was not read to its end would be taken for the next request.
  if ((hasBody(response.req) && !response.req.complete) || response.req.destroyed)
    response.setHeader('Connection', 'close');
  if (refusal.status === 503) response.setHeader('Retry-After', retryAfter);
  for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
  writeBody(response, refusal.status, JSON.stringify(operationOutcome(refusal.issues)), form);
}

/** What `Prefer: return` asks for; without it the resource (http://hl7.org/fhir/R4/http.html#ops). */
function bodyOf(
  { method, prefer }: Request,
  { status, json, version, issues = [] }: Answer,
): string | undefined {
  if (status === 204 || status === 304) return undefined;
  if (json !== undefined) return json;
  if (method !== 'GET') {
    if (prefer.return === 'minimal') return undefined;
    if (prefer.return === 'OperationOutcome' || method === 'DELETE')
      return JSON.stringify(operationOutcome(issues.length > 0 ? issues : [done]));
  }
  return version?.text ?? undefined;
}

function writeBody(
  response: ServerResponse,
  status: number,
  json: string | undefined,
  { type, pretty }: Form,
): void {
  response.statusCode = status;
  if (json === undefined) {
    response.end();
    return;
  }
  const body = Buffer.from(pretty ? indent(json) : json);
  response.setHeader('Content-Type', `${type}; charset=utf-8`);
  response.setHeader('Content-Length', body.length);
  response.end(body);
}
