import type { IncomingMessage } from 'node:http';
import type { Request as ExpressRequest } from 'express';
import { type Refusal, refusals, refuse } from '../fhir/refusal.ts';
import type { QueryParameter } from '../interactions/request.ts';

/** The media types of resources in JSON and in XML, FHIR's own first (http://hl7.org/fhir/R4/http.html#mime-type). */
const json = ['application/fhir+json', 'application/json', 'application/json+fhir', 'text/json'];
const xml = ['application/fhir+xml', 'application/xml', 'application/xml+fhir', 'text/xml'];

/** The media types of JSON that the server answers in, best first. */
const jsonOffered = [
  'application/fhir+json',
  'application/fhir+json; fhirVersion=4.0',
  'application/json',
  'application/json; fhirVersion=4.0',
  'text/json',
  // One line of JSON is both.
  'application/fhir+ndjson',
  'application/ndjson',
];

/** Those of FHIR's own XML, and those of any. */
const xmlOffered = ['application/fhir+xml', 'application/fhir+xml; fhirVersion=4.0', 'application/xml+fhir'];
const plainXml = ['application/xml', 'application/xml; fhirVersion=4.0', 'text/xml'];

/** What `_format` may say instead of `Accept`; a `+` that was not encoded has become a space. */
const formats = new Map([
  ['json', 'application/fhir+json'],
  ['application/fhir+json', 'application/fhir+json'],
  ['application/fhir json', 'application/fhir+json'],
  ['application/json+fhir', 'application/fhir+json'],
  ['application/json', 'application/json'],
  ['text/json', 'text/json'],
  ['xml', 'application/fhir+xml'],
  ['application/fhir+xml', 'application/fhir+xml'],
  ['application/fhir xml', 'application/fhir+xml'],
  ['application/xml+fhir', 'application/fhir+xml'],
  ['application/xml', 'application/xml'],
  ['text/xml', 'text/xml'],
]);

/** What `_format` may say for media types that some operations answer in besides. */
const shortNames = new Map([
  ['html', 'text/html'],
  ['pdf', 'application/pdf'],
  ['csv', 'text/csv'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
]);

/**
 * The media type to answer in, of FHIR's and of what else is offered; undefined when the client accepts none of them.
 * Refuses with 406 a wrong `_format`.
 *
 * @param isContent what is asked for may itself be any XML: then that is not taken for FHIR's
 */
export function acceptedType(
  message: ExpressRequest,
  query: readonly QueryParameter[],
  others: readonly string[] = [],
  isContent = false,
): string | undefined {
  const format = query.find(([name]) => name === '_format')?.[1];
  if (format) {
    const name = nameOf(format);
    const type = formats.get(name) ?? others.find((other) => other === (shortNames.get(name) ?? name));
    if (!type) throw refuseFormat(format, others);
    return type;
  }
  const header = message.headers.accept;
  if (header === undefined || header === '*/*') return inKind(message);
  const named = formats.get(header);
  if (named !== undefined && !(isContent && plainXml.includes(named))) return named;
  // Browsers accept XML, as pages: they are shown JSON.
  const takesPlainXml = !isContent && !header.includes('text/html');
  const type = message.accepts([
    ...jsonOffered,
    ...xmlOffered,
    ...(takesPlainXml ? plainXml : []),
    ...others,
  ]);
  return type ? type.split(';', 1)[0]! : undefined;
}

/** A media type, or its short name, without parameters. */
function nameOf(format: string): string {
  return format.split(';', 1)[0]!.trim();
}

/** Who sends XML and does not say what to answer in is answered in XML; all others in JSON. */
function inKind(message: IncomingMessage): string {
  const type = contentTypeOf(message);
  return type !== undefined && isFhirXml(type) ? xml[0]! : json[0]!;
}

/** The media type to answer in of FHIR's alone, to say what is refused: JSON where the client accepts none of them. */
export function outcomeType(message: ExpressRequest, query: readonly QueryParameter[] = []): string {
  const format = query.find(([name]) => name === '_format')?.[1];
  if (format) return formats.get(nameOf(format)) ?? json[0]!;
  return acceptedType(message, []) ?? json[0]!;
}

/** The refusal of what the client would not understand. */
export function refuseAccept({ headers }: IncomingMessage, others: readonly string[] = []): Refusal {
  return refuseFormat(headers.accept ?? '', others);
}

function refuseFormat(format: string, others: readonly string[]): Refusal {
  return refuse(refusals.notAcceptable, [
    format.slice(0, 100),
    ['FHIR JSON', 'FHIR XML', ...others].join(', '),
  ]);
}

/** The media type that a body says it has, without parameters. */
export function contentTypeOf({ headers }: IncomingMessage): string | undefined {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
}

/** Whether a media type is one that resources come in as JSON. */
export function isFhirJson(type: string): boolean {
  return json.includes(type);
}

/** Whether a media type is one that resources come in as XML. */
export function isFhirXml(type: string): boolean {
  return xml.includes(type);
}

const form = ['application/x-www-form-urlencoded'];
const jsonPatch = ['application/json-patch+json'];

/** What kind of body came. */
export type BodyKind = 'json' | 'xml' | 'json-patch' | 'form';

/**
 * The kind of the body by its Content-Type; a body without one is taken as FHIR JSON. Refuses with 415 what that
 * interaction does not take, and names what it does.
 */
export function bodyKind(message: IncomingMessage, method: string, isSearch: boolean): BodyKind {
  const type = contentTypeOf(message);
  if (isSearch && (type === undefined || form.includes(type))) return 'form';
  if (method === 'PATCH' && type !== undefined && jsonPatch.includes(type)) return 'json-patch';
  if (!isSearch && (type === undefined || json.includes(type))) return 'json';
  if (!isSearch && type !== undefined && xml.includes(type)) return 'xml';
  const resources = [...json.slice(0, 2), ...xml.slice(0, 2)];
  const taken = isSearch ? form : method === 'PATCH' ? [...jsonPatch, json[0]!, xml[0]!] : resources;
  throw refuse(refusals.unsupportedMediaType, [type?.slice(0, 100) ?? '', taken.join(', ')]);
}
