import { refusals, refuse } from '../refusal.ts';
import { or, type Query } from './query.ts';
import type { Concept, Terminology } from './terminology.ts';
import { conceptQuery, mimeTypeQuery, type TokenParameter, tokenQuery } from './types/token.ts';
import { invalid, literal, split } from './values.ts';

/** The most concepts that one value may stand for. */
const mostConcepts = 5000;

/**
 * The query of one value with `:in` (and `:not-in`, which is its opposite): the URL of a value set, "and the search
 * parameter tests whether the coding is in the specified value set" (http://hl7.org/fhir/R4/search.html#token).
 */
export function conceptsQuery(terminology: Terminology, parameter: TokenParameter, value: string): Query {
  const url = literal(value);
  const concepts = terminology.conceptsOf(url);
  if (!concepts)
    throw invalid(parameter.name, {
      zh: `服务器没有值集 ${url},或其代码无法列出`,
      en: `the value set ${url} is not known here, or has no list of codes`,
    });
  return anyOf(parameter, concepts);
}

/**
 * The query of one value `[system]|[code]` with `:below` (it and what it subsumes) or `:above` (it and what subsumes
 * it). A MIME type `:below` is found with its parameters.
 */
export function subsumptionQuery(
  terminology: Terminology,
  parameter: TokenParameter,
  direction: 'above' | 'below',
  value: string,
): Query {
  const parts = split(value, '|').map(literal);
  if (parts.length > 2 || parts.at(-1) === '')
    throw invalid(parameter.name, {
      zh: `「${value}」不是 [system]|[code] 形式`,
      en: `"${value}" is not [system]|[code]`,
    });
  if (parts.length === 1 && direction === 'below' && value.includes('/'))
    return mimeTypeQuery(parameter, value);
  const [system, code] = parts.length === 1 ? [undefined, parts[0]!] : [parts[0]!, parts[1]!];
  const found =
    direction === 'below' ? terminology.subsumedBy(code, system) : terminology.subsuming(code, system);
  return or([tokenQuery(parameter, value), anyOf(parameter, found)]);
}

function anyOf(parameter: TokenParameter, concepts: readonly Concept[]): Query {
  if (concepts.length > mostConcepts)
    throw refuse(refusals.tooCostly, [`${parameter.name}: > ${mostConcepts}`]);
  return or(concepts.map(({ system, code }) => conceptQuery(parameter, system, code)));
}
