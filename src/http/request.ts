import type { IncomingMessage } from 'node:http';
import { decodeText, parseJson } from '../fhir/json/parse.ts';
import { refusals, refuse } from '../fhir/refusal.ts';
import type { Xml } from '../fhir/xml/xml.ts';
import type { Address } from '../interactions/entry-request.ts';
import { type Preferences, parseQuery, type Request } from '../interactions/request.ts';
import type { Matched } from '../interactions/route.ts';
import { type LargeBody, largeBody } from '../large-requests/messages.ts';
import { binaryOf, contentHeaders, isContent } from './binary.ts';
import { hasBody, joined, readBody } from './body.ts';
import type { BodyShare } from './body-room.ts';
import { bodyKind, contentTypeOf, isFhirJson } from './negotiation.ts';
import type { OwnAddresses } from './own-addresses.ts';

/** Bounds on what is read of one request. */
export interface RequestLimits {
  maxBodyBytes: number;
  maxDepth: number;
  /** Whose web pages may call the server from a browser: `*` for all, else their origins; none unless set. */
  corsOrigins: '*' | string[];
  /** Further URLs under which clients reach the API, without a slash at the end. */
  otherBaseUrls: readonly string[];
}

/** Parameters that are about the form of the answer; interactions do not see them. */
const formParameters = new Set(['_format', '_pretty']);

/** A request, and its body where that is too large to be read on the thread that serves. */
export interface ReadRequest {
  request: Request;
  body?: LargeBody;
}

/**
 * Reads an HTTP request that the router has found a route for.
 *
 * @param xml loads what reads XML, for a body that is
 * @param share of the room that there is for large bodies
 */
export async function readRequest(
  message: IncomingMessage,
  matched: Matched,
  { query }: Address,
  limits: RequestLimits,
  own: OwnAddresses,
  xml: () => Promise<Xml>,
  share: BodyShare,
): Promise<ReadRequest> {
  const { route, address: at } = matched;
  const isSearch = route.path.endsWith('/_search');
  const request: Request = {
    method: route.method,
    url: message.url!,
    ...at,
    query: own.inQuery(query.filter(([name]) => !formParameters.has(name))),
    ...readConditions(message),
    prefer: readPreferences(message.headers.prefer),
  };
  if (route.method === 'GET' || route.method === 'DELETE' || !hasBody(message)) return { request };

  const contentType = contentTypeOf(message);
  if (isContent(matched, contentType) && !isFhirJson(contentType)) {
    const received = await readBody(message, limits.maxBodyBytes, share);
    const content = contentHeaders(message);
    if (received.size >= largeBody) return { request, body: { chunks: received.chunks, content } };
    return { request: { ...request, body: binaryOf(content, joined(received), at.id) } };
  }
  const kind = bodyKind(message, route.method, isSearch);
  const received = await readBody(message, limits.maxBodyBytes, share);
  if (kind === 'form') {
    const form = own.inQuery(readForm(decodeText(joined(received))));
    return { request: { ...request, query: [...request.query, ...form] } };
  }
  if (route.method === 'PATCH') request.patch = kind === 'json-patch' ? 'json' : 'fhirpath';
  const isXml = kind === 'xml';
  if (received.size >= largeBody) return { request, body: { chunks: received.chunks, isXml } };
  const bytes = joined(received);
  const text = isXml ? (await xml()).read(bytes, limits.maxDepth) : decodeText(bytes);
  return { request: { ...request, body: parseJson(own.inText(text), limits.maxDepth) } };
}

function readForm(text: string) {
  try {
    return parseQuery(text).filter(([name]) => !formParameters.has(name));
  } catch {
    throw refuse(refusals.invalidRequest, [
      { zh: '表单的百分号编码有误', en: 'the form is not well percent-encoded' },
    ]);
  }
}

/** The headers that make a request conditional; those that did not come are left out. */
function readConditions({ headers }: IncomingMessage): Partial<Request> {
  const conditions = {
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: readDate(headers['if-modified-since']),
    ifNoneExist: headers['if-none-exist'],
  };
  return Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== undefined));
}

/** HTTP lets a server ignore a date that it cannot read. */
function readDate(header: string | undefined): string | undefined {
  return header !== undefined && Number.isNaN(Date.parse(header)) ? undefined : header;
}

/** Reads a `Prefer` header; what it asks beyond what FHIR defines is ignored, as RFC 7240 wants it. */
export function readPreferences(header: string | string[] | undefined): Preferences {
  const preferences: Preferences = {};
  for (const part of String(header ?? '').split(/[,;]/)) {
    const [name, value] = part
      .trim()
      .split('=')
      .map((text) => text.trim().replace(/^"|"$/g, ''));
    if (
      name === 'return' &&
      (value === 'minimal' || value === 'representation' || value === 'OperationOutcome')
    )
      preferences.return = value;
    if (name === 'handling' && (value === 'strict' || value === 'lenient')) preferences.handling = value;
    if (name === 'respond-async') preferences.respondAsync = true;
  }
  return preferences;
}
