import { refusals, refuse } from '../../refusal.ts';
import { type Element, isElement } from '../../resource.ts';
import { startingWith } from '../code-points.ts';
import { type Encoding, list, text } from '../encoding.ts';
import type { TypedValue } from '../path.ts';
import { and, prefixQuery, type Query } from '../query.ts';
import { exactly, normalise, sortKey } from '../text.ts';
import { invalid, literal } from '../values.ts';

const nameParts = ['text', 'family', 'given', 'prefix', 'suffix'];
/** Stands at the end of every normalised string: no such string has it inside, and it sorts before all that do go on. */
const end = '\n';

const addressParts = ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'];

/**
 * The terms of a value as a string (http://hl7.org/fhir/R4/search.html#string): `|~normalised⏎` and `|$exact`, for
 * HumanName and Address of every part. "Servers should search the parts of a family name independently": each word of
 * a family name is a term too. A name without `text` is also found whole, family name first and last.
 */
export function encodeString({ value, type, property }: TypedValue, into: Encoding): void {
  if (typeof value === 'string') {
    addString(into, value);
    if (property === 'family') addFurtherWords(into, value);
  } else if (!isElement(value)) return;
  else if (type === 'HumanName') addName(into, value);
  else if (type === 'Address') addParts(into, value, addressParts);
  else addString(into, text(value, 'text') ?? text(value, 'display') ?? text(value, 'value'));
}

function addName(into: Encoding, name: Element): void {
  addParts(into, name, nameParts);
  const family = text(name, 'family');
  if (family === undefined) return;
  addFurtherWords(into, family);
  const given = list(name, 'given')
    .filter((part) => typeof part === 'string')
    .join(' ');
  if (given === '' || text(name, 'text') !== undefined) return;
  const whole = isHan(family) ? [family + given] : [`${family} ${given}`, `${given} ${family}`];
  for (const each of whole) into.terms.push(`|~${normalise(each)}${end}`);
}

function addParts(into: Encoding, element: Element, parts: readonly string[]): void {
  for (const part of parts) {
    for (const value of list(element, part)) if (typeof value === 'string') addString(into, value);
  }
}

function addString(into: Encoding, value: string | undefined): void {
  if (value === undefined || value === '') return;
  const normalised = normalise(value);
  into.terms.push(`|~${normalised}${end}`, `|$${exactly(value)}`);
  into.sort.push({ low: sortKey(normalised), high: sortKey(normalised) });
}

function addFurtherWords(into: Encoding, value: string): void {
  for (const word of value.split(/[\s-]+/u).slice(1))
    if (word !== '') into.terms.push(`|~${normalise(word)}${end}`);
}

function isHan(value: string): boolean {
  return /^\p{Script=Han}+$/u.test(value);
}

/** The query of one value: "the value of the field equals or starts with the supplied parameter value". */
export function stringQuery(name: string, value: string): Query {
  const prefix = `${name}|~${normalised(name, value)}`;
  return prefixQuery(prefix);
}

/** The query of one value with `:exact`: "the entire supplied parameter, including casing and accents". */
export function exactQuery(name: string, value: string): Query {
  return { kind: 'term', term: `${name}|$${exactly(literal(value))}` };
}

/** The longest text, in characters, that is looked for anywhere in a field: engines make a pattern of it. */
const longestPart = 400;

/** The query of one value with `:contains`: "anywhere within the field being searched". */
export function containsQuery(name: string, value: string): Query {
  return partQuery(name, normalised(name, value));
}

function partQuery(name: string, text: string): Query {
  if (text.length > longestPart) throw refuse(refusals.tooCostly, [`${name}: > ${longestPart} characters`]);
  return { kind: 'contains', prefix: `${name}|~`, text };
}

/** The query of the string itself, without regard to case and accents. */
export function equalQuery(name: string, value: string): Query {
  return { kind: 'term', term: `${name}|~${normalised(name, value)}${end}` };
}

/** The query of strings that end with the value. */
export function endQuery(name: string, value: string): Query {
  return partQuery(name, normalised(name, value) + end);
}

/** The query of strings that come before or after the value in the order of their code points. */
export function orderQuery(name: string, value: string, order: 'gt' | 'ge' | 'lt' | 'le'): Query {
  const { low, high } = startingWith(`${name}|~`);
  const at = `${name}|~${normalised(name, value)}${end}`;
  const split = order === 'gt' || order === 'le' ? `${at}\u0001` : at;
  return order === 'gt' || order === 'ge'
    ? { kind: 'terms', low: split, high }
    : { kind: 'terms', low, high: split };
}

/** The query of one value with `:text`: every word of it somewhere in the field. */
export function stringTextQuery(name: string, value: string): Query {
  return and(
    literal(value)
      .split(/\s+/u)
      .filter((word) => word !== '')
      .map((word) => containsQuery(name, word)),
  );
}

function normalised(name: string, value: string): string {
  const result = normalise(literal(value));
  if (result === '')
    throw invalid(name, {
      zh: `「${value}」没有可检索的字符`,
      en: `"${value}" has no characters to search for`,
    });
  return result;
}
