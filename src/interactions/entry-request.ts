import { decodeText, parseJson } from '../fhir/json/parse.ts';
import { refusals, refuse } from '../fhir/refusal.ts';
import { type Element, isElement, isResource } from '../fhir/resource.ts';
import { type Preferences, parseQuery, type QueryParameter, type Request } from './request.ts';
import type { Server } from './server.ts';

/** The parts of a request's address below the base. */
export interface Address {
  segments: string[];
  query: QueryParameter[];
}

/** Reads the URL of a bundle entry or of a condition: relative, with a slash before it, or below the server's base. */
export function readAddress(url: string, base: string): Address {
  const below = url.startsWith(`${base}/`) ? url.slice(base.length) : url;
  const [path, query] = splitOnce(below, '?');
  try {
    return { segments: path.split('/').filter(Boolean).map(decodeURIComponent), query: parseQuery(query) };
  } catch {
    throw refuse(refusals.invalidRequest, [
      {
        zh: `地址 ${url.slice(0, 200)} 的百分号编码有误`,
        en: `the address ${url.slice(0, 200)} is not well percent-encoded`,
      },
    ]);
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** A bundle entry as the request that it stands for: what the HTTP headers would say is in `entry.request`. */
export interface EntryRequest {
  method: Request['method'];
  /** HEAD: like GET, answered without the resource. */
  isHead: boolean;
  address: Address;
  fullUrl?: string;
  /** All of the request but what the address says. */
  rest: Omit<Request, 'method' | 'query'>;
}

/** Reads an entry of a batch or transaction (http://hl7.org/fhir/R4/bundle.html#bundle-unique). */
export function readEntry(
  { base, limits }: Pick<Server, 'base' | 'limits'>,
  entry: unknown,
  prefer: Preferences,
): EntryRequest {
  const request = isElement(entry) ? entry.request : undefined;
  if (!isElement(entry) || !isElement(request))
    throw refuse(refusals.invalidRequest, [{ zh: '条目没有 request', en: 'the entry has no request' }]);
  const method = text(request, 'method');
  const url = text(request, 'url');
  if (!method || !methods.includes(method))
    throw refuse(refusals.invalidRequest, [
      { zh: 'request.method 不是 HTTP 方法', en: 'request.method is not an HTTP method' },
    ]);
  if (url === undefined)
    throw refuse(refusals.invalidRequest, [
      { zh: '条目没有 request.url', en: 'the entry has no request.url' },
    ]);
  const fullUrl = text(entry, 'fullUrl');
  const resource = entry.resource;
  return {
    method: (method === 'HEAD' ? 'GET' : method) as Request['method'],
    isHead: method === 'HEAD',
    address: readAddress(url, base),
    ...(fullUrl !== undefined && { fullUrl }),
    rest: {
      ...(method === 'PATCH' ? patchBody(resource, limits.maxDepth) : { body: resource }),
      ...optional('ifMatch', text(request, 'ifMatch')),
      ...optional('ifNoneMatch', text(request, 'ifNoneMatch')),
      ...optional('ifModifiedSince', text(request, 'ifModifiedSince')),
      ...optional('ifNoneExist', text(request, 'ifNoneExist')),
      prefer,
    },
  };
}

/** A JSON Patch travels as a Binary, a FHIRPath Patch as Parameters (http://hl7.org/fhir/R4/http.html#patch). */
function patchBody(resource: unknown, maxDepth: number): Pick<Request, 'body' | 'patch'> {
  if (isResource(resource) && resource.resourceType === 'Binary') {
    const contentType = text(resource, 'contentType') ?? '';
    if (contentType !== 'application/json-patch+json')
      throw refuse(refusals.unsupportedMediaType, [contentType.slice(0, 100), 'application/json-patch+json']);
    const json = decodeText(Buffer.from(text(resource, 'data') ?? '', 'base64'));
    return { body: parseJson(json, maxDepth), patch: 'json' };
  }
  return { body: resource, patch: 'fhirpath' };
}

function text(element: Element, name: string): string | undefined {
  const value = element[name];
  return typeof value === 'string' ? value : undefined;
}

function optional<N extends string>(name: N, value: string | undefined): Partial<Record<N, string>> {
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<N, string>>;
}
