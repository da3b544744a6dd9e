import type { Bounds, Query } from '../fhir/search/query.ts';
import { conceptQuery, tokenQuery } from '../fhir/search/types/token.ts';
import { pathOf, type Target } from './reference.ts';

const code = new Set(['code']);

/** The parameter has this concept. */
export function hasConcept(parameter: string, system: string, concept: string): Query {
  return conceptQuery({ name: parameter, types: undefined, exact: false }, system, concept);
}

/** The parameter, on an element of type `code`, has this value. */
export function hasCode(parameter: string, value: string): Query {
  return tokenQuery({ name: parameter, types: code, exact: true }, value);
}

/** The parameter has an identifier `system|value`, `|value` or `value`. */
export function hasIdentifier(parameter: string, token: string): Query {
  return tokenQuery({ name: parameter, types: undefined, exact: false }, token);
}

/** The parameter refers to this resource. */
export function refersTo(parameter: string, target: Target): Query {
  return { kind: 'term', term: `${parameter}|>${pathOf(target)}` };
}

/** The parameter has a time that overlaps these bounds. */
export function overlaps(parameter: string, since: Bounds['gte'], until?: number): Query {
  return {
    kind: 'interval',
    name: parameter,
    ...(until !== undefined && { low: { lte: until } }),
    ...(since !== undefined && { high: { gte: since } }),
  };
}
