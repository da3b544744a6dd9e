import type { IncomingMessage } from 'node:http';
import type { Request as ExpressRequest } from 'express';
import type { Resource } from '../fhir/resource.ts';
import type { Answer, Content } from '../interactions/answer.ts';
import type { Matched } from '../interactions/route.ts';
import { refuseAccept } from './negotiation.ts';

/** Media types of resources alone: they are no content of a Binary, as other XML is, such as a CDA document. */
const resourceTypes = ['application/fhir+xml', 'application/xml+fhir', 'text/turtle'];

/**
 * Whether the body of a create or update of a Binary is the content itself, a picture for instance, instead of a resource
 * (http://hl7.org/fhir/R4/binary.html#rest).
 */
export function isContent(
  { route, address }: Matched,
  contentType: string | undefined,
): contentType is string {
  return (
    address.type === 'Binary' &&
    (route.interaction === 'create' || route.interaction === 'update') &&
    contentType !== undefined &&
    !resourceTypes.includes(contentType)
  );
}

/** The Binary that holds some content. `X-Security-Context` says whose access rules it follows. */
export function binaryOf(
  { contentType, securityContext }: ContentHeaders,
  content: Buffer,
  id: string | undefined,
): Resource {
  return {
    resourceType: 'Binary',
    ...(id !== undefined && { id }),
    contentType,
    ...(securityContext !== undefined && { securityContext: { reference: securityContext } }),
    data: content.toString('base64'),
  };
}

/** What the headers say of content. */
export interface ContentHeaders {
  contentType: string;
  securityContext?: string;
}

/** Reads the headers of content. */
export function contentHeaders({ headers }: IncomingMessage): ContentHeaders {
  const context = headers['x-security-context'];
  return {
    contentType: headers['content-type']!,
    ...(typeof context === 'string' && { securityContext: context }),
  };
}

/** Whether a request reads a Binary. */
export function readsBinary({ route, address }: Matched): boolean {
  return address.type === 'Binary' && (route.interaction === 'read' || route.interaction === 'vread');
}

/** What an HTTP header can hold. */
const headerText = /^[\x20-\x7e]+$/;

/** The content of the Binary that an answer is, for a client that wants it and no resource; refuses with 406 others. */
export function acceptedContent(
  message: ExpressRequest,
  { status, version, json }: Answer,
): Content | undefined {
  if (status !== 200) return undefined;
  const { contentType, data } = JSON.parse(json ?? version!.text!) as Resource;
  const isServable = typeof contentType === 'string' && headerText.test(contentType);
  if (!isServable || typeof data !== 'string' || !message.accepts(contentType)) throw refuseAccept(message);
  return { type: contentType, bytes: Buffer.from(data, 'base64') };
}
