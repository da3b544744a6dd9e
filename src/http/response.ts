import type { ServerResponse } from 'node:http';
import { indent } from '../fhir/json/indent.ts';
import { operationOutcome } from '../fhir/outcome.ts';
import type { Refusal } from '../fhir/refusal.ts';
import type { Xml } from '../fhir/xml/xml.ts';
import { type Answer, type Content, done, entityTag, jsonOf, versionedPath } from '../interactions/answer.ts';
import type { AnswerShare } from '../interactions/answer-room.ts';
import type { Request } from '../interactions/request.ts';
import { hasBody } from './body.ts';
import { type Body, isInPieces, send } from './send.ts';
import { sendStreamed } from './send-streamed.ts';

/** The form that a client wants its answer in. */
export interface Form {
  type: string;
  pretty: boolean;
  /** What writes XML, where that is the form. */
  xml?: Xml;
  /** Writes what is long in XML, in a thread of its own. */
  writeLarge?: (json: string) => Promise<Uint8Array>;
}

/** Writes the answer to a request that succeeded. */
export async function writeAnswer(
  response: ServerResponse,
  base: string,
  request: Request,
  answer: Answer,
  form: Form,
  content?: Content,
  share?: AnswerShare,
): Promise<void> {
  const { version, created, stream } = answer;
  const shown = content ?? answer.content;
  const inWhich = formOf(answer, form);
  const body = await bodyIn(inWhich, request, answer, shown);
  // Before anything is said: where there is no room, it is refused. What is in pieces was held as it was made.
  if (body !== undefined && !isInPieces(body)) share?.hold(Buffer.byteLength(body));
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
  }
  if (stream) {
    response.statusCode = answer.status;
    response.setHeader('Content-Type', stream.type);
    await sendStreamed(response, stream, share);
    return;
  }
  const type = shown ? shown.type : `${inWhich.type}; charset=utf-8`;
  writeBody(response, shown ? 200 : answer.status, type, body, share);
}

/** The body in a form. Pieces stay pieces where nothing is to be done with them. */
async function bodyIn(
  form: Form,
  request: Request,
  answer: Answer,
  shown?: Content,
): Promise<Body | undefined> {
  if (shown) return shown.bytes;
  if (answer.pieces && !form.xml) return answer.pieces;
  return written(bodyOf(request, answer), form);
}

/** In seconds: what is unavailable now is asked again soon. */
const retryAfter = '2';

/** Writes a refusal: its issues as an OperationOutcome. */
export function writeRefusal(response: ServerResponse, refusal: Refusal, form: Form): void {
  // What is left of a body that was not read to its end would be taken for the next request.
  const { req } = response;
  const isRead = req.complete && (req.readableEnded || !req.destroyed);
  if (hasBody(req) && !isRead) response.setHeader('Connection', 'close');
  if (refusal.status === 503) response.setHeader('Retry-After', retryAfter);
  for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
  const body = inForm(JSON.stringify(operationOutcome(refusal.issues)), form);
  writeBody(response, refusal.status, `${form.type}; charset=utf-8`, body);
}

/** What `Prefer: return` asks for; without it the resource (http://hl7.org/fhir/R4/http.html#ops). */
function bodyOf({ method, prefer }: Request, answer: Answer): string | undefined {
  const { status, version, issues = [] } = answer;
  if (status === 204 || status === 304) return undefined;
  const json = jsonOf(answer);
  if (json !== undefined) return json;
  if (method !== 'GET') {
    if (prefer.return === 'minimal') return undefined;
    if (prefer.return === 'OperationOutcome' || method === 'DELETE')
      return JSON.stringify(operationOutcome(issues.length > 0 ? issues : [done]));
  }
  return version?.text ?? undefined;
}

/** Longer texts are not indented: that would take long, and no person reads them. Nor are they written in XML here. */
const longText = 524_288;

function inForm(json: string, { pretty, xml }: Form): string {
  const isIndented = pretty && json.length <= longText;
  if (xml) return xml.write(json, isIndented);
  return isIndented ? indent(json) : json;
}

/** The form of an answer: its own where it has one, but for a line of FHIR's JSON, which can be in XML all the same. */
function formOf({ contentType }: Answer, form: Form): Form {
  const isAsked = contentType === undefined || (form.xml && contentType === 'application/fhir+ndjson');
  return isAsked ? form : { type: contentType, pretty: form.pretty };
}

/** The body in a form. */
function written(json: string | undefined, form: Form): string | Promise<Uint8Array> | undefined {
  if (json === undefined) return undefined;
  return form.writeLarge && json.length > longText ? form.writeLarge(json) : inForm(json, form);
}

function writeBody(
  response: ServerResponse,
  status: number,
  type: string,
  body: Body | undefined,
  share?: AnswerShare,
): void {
  response.statusCode = status;
  if (body === undefined) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', type);
  if (!isInPieces(body)) response.setHeader('Content-Length', Buffer.byteLength(body));
  send(response, body, share);
}
