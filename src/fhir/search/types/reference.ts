import { isElement, type Resource } from '../../resource.ts';
import { type Encoding, text } from '../encoding.ts';
import type { TypedValue } from '../path.ts';
import { or, prefixQuery, type Query } from '../query.ts';
import { exactly, fold, sortKey } from '../text.ts';
import { invalid, literal } from '../values.ts';

/** Where the server is: absolute references below its base are the same as relative ones. */
export interface ReferenceOptions {
  /** The base URL without a slash at its end. */
  base?: string | undefined;
}

const local = /^([A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;
const version = /\/_history\/[A-Za-z0-9\-.]{1,64}$/;

/**
 * The form in which references are compared: relative when it is to this server ("a relative reference resolving to
 * the same value as a specified absolute URL, or vice versa, qualifies as a match"), and without a version, since
 * searches act on current versions.
 */
export function referenceTo(reference: string, { base }: ReferenceOptions): string {
  const relative =
    base !== undefined && reference.startsWith(base) && reference[base.length] === '/'
      ? reference.slice(base.length + 1)
      : reference;
  return relative.includes('/_history/') ? relative.replace(version, '') : relative;
}

/** The type that a reference leads to, where it can be told from the reference itself. */
export function targetType(reference: string): string | undefined {
  const [type] = reference.split('/').slice(-2, -1);
  return type !== undefined && /^[A-Z][A-Za-z]+$/.test(type) ? type : undefined;
}

/**
 * The terms of a value as a reference (http://hl7.org/fhir/R4/search.html#reference): `|>Patient/123`, and
 * `:identifier|system|value`. Canonicals and other URIs stand as they are, a canonical with a version also without.
 * With `targets`, references that lead elsewhere are left out.
 */
export function encodeReference(
  { value, type }: TypedValue,
  targets: readonly string[] | undefined,
  options: ReferenceOptions,
  into: Encoding,
): void {
  if (typeof value === 'string') addUri(into, value, type);
  if (!isElement(value)) return;
  const written = text(value, 'reference');
  const reference = written && referenceTo(written, options);
  const stated = text(value, 'type') ?? (reference && targetType(reference));
  if (targets !== undefined && stated !== undefined && !targets.includes(stated)) return;
  if (reference !== undefined && !reference.startsWith('#')) addReference(into, reference);
  if (isElement(value.identifier)) addIdentifier(into, value.identifier.system, value.identifier.value);
}

/** A resource that is nested in another counts as a reference to it: the composition of a document, for instance. */
export function encodeNested(
  { resourceType, id }: Resource,
  targets: readonly string[],
  into: Encoding,
): void {
  if (id !== undefined && targets.includes(resourceType)) addReference(into, `${resourceType}/${id}`);
}

function addUri(into: Encoding, uri: string, type: string): void {
  if (uri === '') return;
  addReference(into, uri);
  const bar = type === 'canonical' ? uri.indexOf('|') : -1;
  if (bar > 0) into.terms.push(`|>${uri.slice(0, bar)}`);
}

function addReference(into: Encoding, reference: string): void {
  into.terms.push(`|>${exactly(reference)}`);
  into.sort.push({ low: sortKey(reference), high: sortKey(reference) });
}

function addIdentifier(into: Encoding, system: unknown, value: unknown): void {
  if (typeof value !== 'string' || value === '') return;
  const code = fold(value);
  into.terms.push(`:identifier|${typeof system === 'string' ? system : ''}|${code}`, `:identifier|=${code}`);
}

/**
 * The query of one value: `[id]` (of any of the types), `[type]/[id]`, or a URL. Canonicals lead to no type in
 * particular: for them every value is a URL.
 */
export function referenceQuery(
  name: string,
  value: string,
  types: readonly string[],
  options: ReferenceOptions,
): Query {
  const reference = referenceTo(literal(value), options);
  if (types.length > 0 && /^[A-Za-z0-9\-.]{1,64}$/.test(reference))
    return or(types.map((type) => ({ kind: 'term', term: `${name}|>${type}/${reference}` })));
  return { kind: 'term', term: `${name}|>${exactly(reference)}` };
}

/** The query of one value with `:[type]`: the id, or the whole reference, of a resource of that type. */
export function typedReferenceQuery(
  name: string,
  value: string,
  type: string,
  options: ReferenceOptions,
): Query {
  const reference = referenceTo(literal(value), options);
  const [, stated] = local.exec(reference) ?? [];
  if (stated !== undefined && stated !== type)
    throw invalid(name, { zh: `「${value}」不是 ${type}`, en: `"${value}" is not a ${type}` });
  return referenceQuery(name, value, [type], options);
}

/** The query of one canonical with `:below`: all versions of it, or those that start with the one given. */
export function canonicalBelowQuery(name: string, value: string): Query {
  const url = literal(value);
  const prefix = `${name}|>${url}${url.includes('|') ? '' : '|'}`;
  return or([{ kind: 'term', term: `${name}|>${url}` }, prefixQuery(prefix)]);
}
