import type { IncomingMessage } from 'node:http';
import type { Request as ExpressRequest } from 'express';
import { type Refusal, refusals, refuse } from '../fhir/refusal.ts';
import type { QueryParameter } from '../interactions/request.ts';

/** The media types that the server answers in, best first (http://hl7.org/fhir/R4/http.html#mime-type). */
const offered = [
  'application/fhir+json',
  'application/fhir+json; fhirVersion=4.0',
  'application/json',
  'application/json; fhirVersion=4.0',
  'text/json',
  // One line of JSON is both.
  'application/fhir+ndjson',
  'application/ndjson',
];

/** What `_format` may say instead of `Accept`; a `+` that was not encoded has become a space. */
const formats = new Map([
  ['json', 'application/fhir+json'],
  ['application/fhir+json', 'application/fhir+json'],
  ['application/fhir json', 'application/fhir+json'],
  ['application/json+fhir', 'application/fhir+json'],
  ['application/json', 'application/json'],
  ['text/json', 'text/json'],
]);

/** What `_format` may say for media types that some operations answer in besides. */
const shortNames = new Map([
  ['html', 'text/html'],
  ['pdf', 'application/pdf'],
]);

/**
 * The media type to answer in, of FHIR's and of what else is offered; undefined when the client accepts none of them.
 * Refuses with 406 a wrong `_format`.
 */
export function acceptedType(
  message: ExpressRequest,
  query: readonly QueryParameter[],
  others: readonly string[] = [],
): string | undefined {
  const format = query.find(([name]) => name === '_format')?.[1];
  if (format) {
    const name = format.split(';', 1)[0]!.trim();
    const type = formats.get(name) ?? others.find((other) => other === (shortNames.get(name) ?? name));
    if (!type) throw refuseFormat(format, others);
    return type;
  }
  const header = message.headers.accept;
  if (header === undefined || header === '*/*') return offered[0]!;
  const type = message.accepts([...offered, ...others]);
  return type ? type.split(';', 1)[0]! : undefined;
}

/** The refusal of what the client would not understand. */
export function refuseAccept({ headers }: IncomingMessage, others: readonly string[] = []): Refusal {
  return refuseFormat(headers.accept ?? '', others);
}

function refuseFormat(format: string, others: readonly string[]): Refusal {
  return refuse(refusals.notAcceptable, [format.slice(0, 100), ['FHIR JSON', ...others].join(', ')]);
}

/** The media type that a body says it has, without parameters. */
export function contentTypeOf({ headers }: IncomingMessage): string | undefined {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
}

/** Whether a media type is one that resources come in. */
export function isFhirJson(type: string): boolean {
  return json.includes(type);
}

const json = ['application/fhir+json', 'application/json', 'application/json+fhir', 'text/json'];
const form = ['application/x-www-form-urlencoded'];
const jsonPatch = ['application/json-patch+json'];

/** What kind of body came. */
export type BodyKind = 'json' | 'json-patch' | 'form';

/**
 * The kind of the body by its Content-Type; a body without one is taken as FHIR JSON. Refuses with 415 what that
 * interaction does not take, and names what it does.
 */
export function bodyKind(message: IncomingMessage, method: string, isSearch: boolean): BodyKind {
  const type = contentTypeOf(message);
  if (isSearch && (type === undefined || form.includes(type))) return 'form';
  if (method === 'PATCH' && type !== undefined && jsonPatch.includes(type)) return 'json-patch';
  if (!isSearch && (type === undefined || json.includes(type))) return 'json';
  const taken = isSearch ? form : method === 'PATCH' ? [...jsonPatch, json[0]!] : json.slice(0, 2);
  throw refuse(refusals.unsupportedMediaType, [type?.slice(0, 100) ?? '', taken.join(', ')]);
}
