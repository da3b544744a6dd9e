import { type Element, isElement } from '../../resource.ts';
import { type Encoding, list, text } from '../encoding.ts';
import type { TypedValue } from '../path.ts';
import { or, prefixQuery, type Query } from '../query.ts';
import { exactly, fold, normalise, sortKey } from '../text.ts';
import { invalid, literal, split } from '../values.ts';

const specialValues = 'http://hl7.org/fhir/special-values';

/** The forms in which the tokens of a parameter are written. */
export interface TokenForms {
  /** Case matters. */
  exact: boolean;
  /** No value has a `system` member: `|code` is the same as `code`. */
  bare: boolean;
}

/** What the query of a token needs to know of its parameter. */
export interface TokenParameter {
  name: string;
  /** The types of its values; undefined when they are not known beforehand. */
  types: ReadonlySet<string> | undefined;
  /** Whether case matters: see `tokenForms`. */
  exact: boolean;
}

/** Types whose tokens have no system: "the presence of the pipe symbol SHALL NOT be used". */
const withoutSystem: ReadonlySet<string> = new Set(['boolean', 'ContactPoint', 'uri', 'url', 'canonical']);

/** Types of which case matters. */
const exactTypes: ReadonlySet<string> = new Set([
  'code',
  'id',
  'boolean',
  'integer',
  'positiveInt',
  'decimal',
]);

/** Types without a `system` that scopes the token. */
const bareTypes: ReadonlySet<string> = new Set([...withoutSystem, ...exactTypes, 'string', 'markdown']);

/**
 * The terms of a value as a token (http://hl7.org/fhir/R4/search.html#token): `|system|code`, `||code` when there is
 * no system, and `|=code` for any system; `:text` and `:of-type` with them.
 */
export function encodeToken({ value, type, system }: TypedValue, forms: TokenForms, into: Encoding): void {
  if (typeof value === 'string') {
    if (value !== '') addToken(into, system, value, forms);
  } else if (typeof value === 'boolean') addToken(into, specialValues, String(value), forms);
  else if (typeof value === 'number') addToken(into, undefined, String(value), forms);
  else if (isElement(value)) {
    if (type === 'CodeableConcept') {
      for (const coding of list(value, 'coding')) if (isElement(coding)) addCoding(into, coding, forms);
      addText(into, text(value, 'text'));
    } else if (type === 'Identifier') {
      addToken(into, text(value, 'system'), text(value, 'value'), forms);
      addIdentifierType(into, value.type, text(value, 'value'));
    } else if (type === 'ContactPoint') addToken(into, undefined, text(value, 'value'), forms);
    else if (type === 'Coding' || type === 'unknown') addCoding(into, value, forms);
  }
}

/**
 * The forms of the tokens of these types. Those of the datatype `code` compare with regard to case; for all else "when
 * in doubt, servers SHOULD treat tokens in a case-insensitive manner".
 */
export function tokenForms(types: ReadonlySet<string> | undefined): TokenForms {
  return { exact: isOnly(types, exactTypes), bare: isOnly(types, bareTypes) };
}

function addCoding(into: Encoding, coding: Element, forms: TokenForms): void {
  addToken(into, text(coding, 'system'), text(coding, 'code'), forms);
  addText(into, text(coding, 'display'));
}

function addToken(
  into: Encoding,
  system: string | undefined,
  code: string | undefined,
  { exact, bare }: TokenForms,
): void {
  if (code === undefined) {
    if (system !== undefined) into.terms.push(`|${system}|`);
    return;
  }
  const token = compared(code, exact);
  if (system !== undefined || !bare) into.terms.push(`|${system ?? ''}|${token}`);
  into.terms.push(`|=${token}`);
  into.sort.push({ low: sortKey(token), high: sortKey(token) });
}

function addText(into: Encoding, value: string | undefined): void {
  if (value !== undefined) into.terms.push(`:text|~${normalise(value)}`);
}

function addIdentifierType(into: Encoding, type: unknown, value: string | undefined): void {
  if (!isElement(type)) return;
  addText(into, text(type, 'text'));
  for (const coding of list(type, 'coding')) {
    if (!isElement(coding) || value === undefined) continue;
    into.terms.push(
      `:of-type|${text(coding, 'system') ?? ''}|${fold(text(coding, 'code') ?? '')}|${fold(value)}`,
    );
  }
}

/** The query of one value `code`, `system|code`, `|code` or `system|`. Refuses other forms. */
export function tokenQuery({ name, types, exact }: TokenParameter, value: string): Query {
  const parts = split(value, '|').map(literal);
  if (parts.length > 2)
    throw invalid(name, {
      zh: `「${value}」不是 [system]|[code] 形式`,
      en: `"${value}" is not [system]|[code]`,
    });
  const code = compared(parts.at(-1)!, exact);
  if (parts.length === 1) return { kind: 'term', term: `${name}|=${code}` };
  const system = parts[0]!;
  if (isOnly(types, withoutSystem) && system !== specialValues)
    throw invalid(name, {
      zh: `「${value}」:这些值没有系统,请只给代码`,
      en: `"${value}": the values have no system, give the code alone`,
    });
  if (system === '') {
    if (code === '')
      throw invalid(name, { zh: '「|」既无系统也无代码', en: '"|" has neither system nor code' });
    return { kind: 'term', term: isOnly(types, bareTypes) ? `${name}|=${code}` : `${name}||${code}` };
  }
  if (code === '') return prefixQuery(`${name}|${system}|`);
  return { kind: 'term', term: `${name}|${system}|${code}` };
}

/** Scripts that put no space between words. */
const spaceless = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/**
 * The query of one value with `:text`: "the match does a partial searches on the text portion", at the start of it as
 * "a normal string search" does, or of any word in it; of Chinese, whose words have no start to be seen, anywhere.
 */
export function tokenTextQuery(name: string, value: string): Query {
  const text = normalise(literal(value));
  if (text === '')
    throw invalid(name, {
      zh: `「${value}」没有可检索的字符`,
      en: `"${value}" has no characters to search for`,
    });
  const prefix = `${name}:text|~`;
  if (spaceless.test(text)) return { kind: 'contains', prefix, text };
  return or([prefixQuery(prefix + text), { kind: 'contains', prefix, text: ` ${text}` }]);
}

/** The query of one value `system|code|value` with `:of-type`: "All 3 parts must be present". */
export function ofTypeQuery(name: string, value: string): Query {
  const [system, code, identifier, ...rest] = split(value, '|').map(literal);
  if (!system || !code || !identifier || rest.length > 0)
    throw invalid(name, {
      zh: `「${value}」不是 [system]|[code]|[value] 形式`,
      en: `"${value}" is not [system]|[code]|[value]`,
    });
  return { kind: 'term', term: `${name}:of-type|${system}|${fold(code)}|${fold(identifier)}` };
}

/** The query for a concept of a code system; without a code for all of its concepts. */
export function conceptQuery({ name, exact }: TokenParameter, system: string, code?: string): Query {
  if (code === undefined) return prefixQuery(`${name}|${system}|`);
  return { kind: 'term', term: `${name}|${system}|${compared(code, exact)}` };
}

/**
 * The query of a MIME type and all of its parameters, `text/xml; charset=UTF-8` for `text/xml`
 * (http://hl7.org/fhir/R4/search.html#mimetype).
 */
export function mimeTypeQuery(parameter: TokenParameter, value: string): Query {
  const start = `${parameter.name}|=${compared(literal(value), parameter.exact)}`;
  return or([{ kind: 'term', term: start }, prefixQuery(`${start};`), prefixQuery(`${start} `)]);
}

function compared(code: string, exact: boolean): string {
  return exactly(exact ? code : fold(code));
}

function isOnly(types: ReadonlySet<string> | undefined, kinds: ReadonlySet<string>): boolean {
  return types !== undefined && types.size > 0 && types.isSubsetOf(kinds);
}
