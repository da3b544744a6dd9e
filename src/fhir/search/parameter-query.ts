import { refusals, refuse } from '../refusal.ts';
import type { SearchContext } from './context.ts';
import { hierarchyQuery } from './hierarchy.ts';
import type { Component, Parameter } from './parameter.ts';
import { not, or, prefixQuery, type Query } from './query.ts';
import { conceptsQuery, subsumptionQuery } from './subsumption.ts';
import { compositeQuery } from './types/composite.ts';
import { dateQuery } from './types/date.ts';
import { nearQuery } from './types/near.ts';
import { numberQuery } from './types/number.ts';
import { quantityQuery } from './types/quantity.ts';
import { canonicalBelowQuery, referenceQuery, typedReferenceQuery } from './types/reference.ts';
import { containsQuery, exactQuery, stringQuery, stringTextQuery } from './types/string.ts';
import { ofTypeQuery, tokenQuery, tokenTextQuery } from './types/token.ts';
import { uriAboveQuery, uriBelowQuery, uriQuery } from './types/uri.ts';
import { invalid, split } from './values.ts';

/** The query of a parameter's values, of which at least one holds; with `:not` and `:not-in` none of them. */
export function parameterQuery(
  context: SearchContext,
  parameter: Parameter,
  modifier: string | undefined,
  type: string,
  values: readonly string[],
): Query {
  const kept = parameter.parts.length > 0 ? parameter.parts : [parameter];
  const query = or(kept.flatMap((part) => values.map(valueQuery(context, part, modifier, type))));
  return parameter.type === 'token' && (modifier === 'not' || modifier === 'not-in') ? not(query) : query;
}

/** What one value asks for. Refuses modifiers that the type of parameter does not have. */
function valueQuery(
  context: SearchContext,
  parameter: Parameter,
  modifier: string | undefined,
  type: string,
): (value: string) => Query {
  const { name } = parameter;
  switch (parameter.type) {
    case 'token':
      return tokenValue(context, parameter, modifier);
    case 'reference':
      return referenceValue(context, parameter, modifier);
    case 'string':
      if (modifier === undefined) return (value) => stringQuery(name, value);
      if (modifier === 'exact') return (value) => exactQuery(name, value);
      if (modifier === 'contains') return (value) => containsQuery(name, value);
      if (modifier === 'text') return (value) => stringTextQuery(name, value);
      break;
    case 'uri': {
      const isCanonicalUrl = name === 'url' && context.parameters.of(type).has('version');
      if (modifier === undefined) return (value) => uriQuery(name, value, isCanonicalUrl);
      if (modifier === 'below') return (value) => uriBelowQuery(name, value);
      if (modifier === 'above') return (value) => uriAboveQuery(name, value);
      break;
    }
    case 'date':
      if (modifier === undefined) return (value) => dateQuery(name, value, context.now);
      break;
    case 'number':
      if (modifier === undefined) return (value) => numberQuery(name, value);
      break;
    case 'quantity':
      if (modifier === undefined) return (value) => quantityQuery(name, value);
      break;
    case 'composite':
      if (modifier === undefined) return (value) => compositeValue(context, parameter, value);
      break;
    case 'special':
      if (modifier === undefined) return (value) => nearQuery(name, value);
      break;
  }
  throw unsupported(name, modifier);
}

function tokenValue(
  { terminology }: SearchContext,
  parameter: Parameter,
  modifier: string | undefined,
): (value: string) => Query {
  const { name } = parameter;
  switch (modifier) {
    case undefined:
    case 'not':
      return (value) => tokenQuery(parameter, value);
    case 'text':
      return (value) => tokenTextQuery(name, value);
    case 'of-type':
      if (parameter.types && !parameter.types.has('Identifier')) break;
      return (value) => ofTypeQuery(name, value);
    case 'in':
    case 'not-in':
      return (value) => conceptsQuery(terminology, parameter, value);
    case 'above':
    case 'below':
      return (value) => subsumptionQuery(terminology, parameter, modifier, value);
  }
  throw unsupported(name, modifier);
}

function referenceValue(
  context: SearchContext,
  parameter: Parameter,
  modifier: string | undefined,
): (value: string) => Query {
  const { name, targets, types } = parameter;
  const hasReferences = !types || types.has('Reference') || types.has('Resource');
  if (modifier === undefined)
    return (value) => referenceQuery(name, value, hasReferences ? targets : [], context);
  if (hasReferences && modifier === 'identifier') {
    const identifier = { name: `${name}:identifier`, types: undefined, exact: false };
    return (value) => tokenQuery(identifier, value);
  }
  if (!hasReferences && modifier === 'below') return (value) => canonicalBelowQuery(name, value);
  if (hasReferences && (modifier === 'above' || modifier === 'below')) {
    const query = hierarchyQuery(context, parameter, modifier);
    if (query) return query;
  }
  if (hasReferences && targets.includes(modifier))
    return (value) => typedReferenceQuery(name, value, modifier, context);
  throw unsupported(name, modifier);
}

function compositeValue(context: SearchContext, { name, components }: Parameter, value: string): Query {
  const parts = split(value, '$');
  const [expected = []] = components;
  if (parts.length !== expected.length)
    throw invalid(name, {
      zh: `「${value}」有 ${parts.length} 部分,应为以 $ 相连的 ${expected.length} 部分`,
      en: `"${value}" has ${parts.length} parts where ${expected.length} are wanted, joined by $`,
    });
  const exact = components.every((each) => each.every((component) => component.exact));
  const queries = parts.map((part, at) => {
    if (part === '')
      throw invalid(name, { zh: `「${value}」有空的部分`, en: `"${value}" has an empty part` });
    return componentQuery(context, name, expected[at]!, exact, part);
  });
  return compositeQuery(name, value, queries);
}

/** Made with an empty name: the composite puts its own in front. */
function componentQuery(
  context: SearchContext,
  composite: string,
  component: Component,
  exact: boolean,
  value: string,
): Query {
  switch (component.type) {
    case 'token':
      return tokenQuery({ name: '', types: component.types, exact }, value);
    case 'string':
      return stringQuery('', value);
    case 'uri':
      return uriQuery('', value, false);
    case 'reference':
      return referenceQuery('', value, component.targets, context);
    case 'date':
      return dateQuery('', value, context.now);
    case 'number':
      return numberQuery('', value);
    case 'quantity':
      return quantityQuery('', value);
    case 'composite':
    case 'special':
      throw invalid(composite, {
        zh: '其中有不可检索的组成部分',
        en: 'it has a component that cannot be searched by',
      });
  }
}

/**
 * "Searching for gender:missing=true will return all the resources that don't have a value for the gender parameter"
 * (http://hl7.org/fhir/R4/search.html#modifiers).
 */
export function missingQuery(parameter: Parameter, value: string): Query {
  const { name, type } = parameter;
  if (type === 'composite') throw unsupported(name, 'missing');
  if (value !== 'true' && value !== 'false')
    throw invalid(`${name}:missing`, {
      zh: `「${value}」须为 true 或 false`,
      en: `"${value}" is not true or false`,
    });
  const present = presentQuery(parameter);
  return value === 'true' ? not(present) : present;
}

/** The resource has a value of the parameter. */
export function presentQuery({ name, type, parts }: Parameter): Query {
  if (parts.length > 0) return or(parts.map(presentQuery));
  switch (type) {
    case 'date':
    case 'number':
    case 'quantity':
      return { kind: 'interval', name };
    case 'special':
      return { kind: 'interval', name: `${name}.latitude` };
    case 'token':
    case 'reference':
      // A text or an identifier alone is a value too.
      return or([prefixQuery(`${name}|`), prefixQuery(`${name}:`)]);
    default:
      return prefixQuery(`${name}|`);
  }
}

function unsupported(name: string, modifier: string | undefined): Error {
  return refuse(refusals.unsupportedModifier, [name, (modifier ?? '').slice(0, 64)]);
}
