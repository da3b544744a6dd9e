import { Refusal, refusals, refuse } from '../refusal.ts';
import { insideContained } from './contained.ts';
import { isIgnorable, type SearchContext, UnknownParameter } from './context.ts';
import { filterQuery } from './filter.ts';
import type { Parameter } from './parameter.ts';
import { missingQuery, parameterQuery } from './parameter-query.ts';
import { and, none, not, or, type Query } from './query.ts';
import { textQuery } from './text-query.ts';
import { lastUpdatedQuery } from './types/date.ts';
import { alternatives, invalid, literal } from './values.ts';

/** The most references that one criterion may follow from resource to resource. */
const deepest = 10;

/** The most targets of all kinds that chains without a type may lead to: each is a search of its own. */
const mostChains = 500;

/** How far a criterion has gone along references. */
export interface Progress {
  depth: number;
  /** Shared by all parts of a search. */
  chains: { count: number };
}

/** Where a search begins. */
export function beginning(): Progress {
  return { depth: 0, chains: { count: 0 } };
}

/**
 * The query of one criterion, such as `code=a,b`, `subject:Patient.name:exact=张` or
 * `_has:Observation:patient:code=1234-5`, on a type of resource (http://hl7.org/fhir/R4/search.html). Throws
 * `UnknownParameter` for a name that the type does not have, and a Refusal for what is wrong with the rest.
 */
export function criterionQuery(
  context: SearchContext,
  type: string,
  name: string,
  value: string,
  progress: Progress,
): Query {
  if (name.startsWith('_has:')) return hasQuery(context, type, name, value, progress);
  const dot = name.indexOf('.');
  if (dot > 0) return chainQuery(context, type, name.slice(0, dot), name.slice(dot + 1), value, progress);
  const colon = name.indexOf(':');
  const plain = colon < 0 ? name : name.slice(0, colon);
  const modifier = colon < 0 ? undefined : name.slice(colon + 1);
  const special = specialQuery(context, type, plain, modifier, value, progress);
  if (special) return special;
  const parameter = context.parameters.of(type).get(plain);
  if (!parameter) throw new UnknownParameter(context.parameters, type, plain);
  if (modifier === 'missing') return missingQuery(parameter, value);
  return parameterQuery(context, parameter, modifier, type, alternatives(name, value));
}

/** Parameters that are not read from the entries of a parameter. */
function specialQuery(
  context: SearchContext,
  type: string,
  name: string,
  modifier: string | undefined,
  value: string,
  progress: Progress,
): Query | undefined {
  switch (name) {
    case '_id':
      return idQuery(name, modifier, value);
    case '_lastUpdated':
      refuseModifier(name, modifier);
      return or(alternatives(name, value).map((each) => lastUpdatedQuery(each, context.now)));
    case '_text':
    case '_content':
      refuseModifier(name, modifier);
      return textQuery(name, value);
    case '_list':
      refuseModifier(name, modifier);
      return or(alternatives(name, value).map((each) => listQuery(literal(each))));
    case '_filter':
      refuseModifier(name, modifier);
      return filterQuery(context, type, value, progress);
    case '_query':
      // "Servers … SHALL refuse to process a search request if they do not recognize the _query parameter value."
      throw invalid(name, {
        zh: `没有名为「${value.slice(0, 64)}」的查询`,
        en: `there is no query named "${value.slice(0, 64)}"`,
      });
    default:
      return undefined;
  }
}

function refuseModifier(name: string, modifier: string | undefined): void {
  if (modifier !== undefined) throw refuse(refusals.unsupportedModifier, [name, modifier.slice(0, 64)]);
}

/** "Matches on `_id` are always case sensitive"; every resource has one. */
function idQuery(name: string, modifier: string | undefined, value: string): Query {
  if (modifier === 'missing') return value === 'true' ? none : { kind: 'not', of: none };
  const query: Query = { kind: 'id', ids: alternatives(name, value).map(literal) };
  if (modifier === 'not') return not(query);
  refuseModifier(name, modifier);
  return query;
}

/** The resources that a List refers to (http://hl7.org/fhir/R4/search.html#list). */
function listQuery(list: string): Query {
  if (list.startsWith('$'))
    throw invalid('_list', {
      zh: `服务器没有列表「${list}」,只有 List 资源`,
      en: `this server keeps no list "${list}", only List resources`,
    });
  const id = list.startsWith('List/') ? list.slice('List/'.length) : list;
  return { kind: 'has', source: 'List', name: 'item', filter: { kind: 'id', ids: [id] } };
}

/** `_has:Observation:patient:code` (http://hl7.org/fhir/R4/search.html#has). */
function hasQuery(
  context: SearchContext,
  type: string,
  name: string,
  value: string,
  progress: Progress,
): Query {
  const [, source, reference, rest] = /^_has:([A-Za-z]+):([\w-]+):(.+)$/.exec(name) ?? [];
  if (source === undefined || reference === undefined || rest === undefined)
    throw invalid(name, {
      zh: '形式为 _has:[type]:[reference parameter]:[parameter]',
      en: 'the form is _has:[type]:[reference parameter]:[parameter]',
    });
  if (!context.parameters.resourceTypes.includes(source))
    throw invalid(name, { zh: `不存在资源类型 ${source}`, en: `there is no type ${source}` });
  const parameter = referenceParameter(context, source, reference);
  if (!parameter.targets.includes(type) && type !== 'Resource')
    throw invalid(name, {
      zh: `${source}.${reference} 不引用 ${type}`,
      en: `${source}.${reference} does not refer to ${type}`,
    });
  const filter = criterionQuery(context, source, rest, value, further(name, progress));
  return { kind: 'has', source, name: reference, filter };
}

/** `subject:Patient.name` (http://hl7.org/fhir/R4/search.html#chaining). */
function chainQuery(
  context: SearchContext,
  type: string,
  start: string,
  rest: string,
  value: string,
  progress: Progress,
): Query {
  const [reference, stated, ...more] = start.split(':');
  const parameter = referenceParameter(context, type, reference!);
  if (more.length > 0 || (stated !== undefined && !parameter.targets.includes(stated)))
    throw invalid(start, {
      zh: `只能引用 ${parameter.targets.join('、')}`,
      en: `it can refer to ${parameter.targets.join(', ')}`,
    });
  return chain(parameter, stated === undefined ? parameter.targets : [stated], (target) =>
    criterionQuery(context, target, rest, value, further(start, progress)),
  );
}

/**
 * The query for references that lead to a resource of one of the targets that matches, also when it is contained in
 * the resource itself. Targets on which the filter makes no sense are left out, unless it makes sense on none.
 */
export function chain(
  { name }: Parameter,
  targets: readonly string[],
  filterOf: (target: string) => Query,
): Query {
  let refusal: Refusal | undefined;
  const queries = targets.flatMap((target) => {
    try {
      const filter = filterOf(target);
      return [{ kind: 'chain', name, target, filter } as const, insideContained(filter, name, target)];
    } catch (error) {
      if (!(error instanceof Refusal) || error.status === refusals.tooCostly.status) throw error;
      if (!refusal || isIgnorable(refusal)) refusal = error;
      return [];
    }
  });
  if (queries.length === 0 && refusal) throw refusal;
  return or(queries);
}

/** The parameter of that name that is a reference. */
export function referenceParameter(context: SearchContext, type: string, name: string): Parameter {
  const parameter = context.parameters.of(type).get(name);
  if (!parameter) throw new UnknownParameter(context.parameters, type, name);
  if (parameter.type !== 'reference')
    throw invalid(name, {
      zh: '不是引用,不能链式检索',
      en: 'it is no reference, nothing can be chained to it',
    });
  return parameter;
}

/** One reference further on; refuses what goes too far. */
export function further(name: string, { depth, chains }: Progress): Progress {
  if (depth >= deepest)
    throw invalid(name, { zh: `连续引用超过 ${deepest} 级`, en: `more than ${deepest} references in a row` });
  if (++chains.count > mostChains)
    throw refuse(refusals.tooCostly, [
      {
        zh: `${name}:请写明引用的类型,如 subject:Patient.name`,
        en: `${name}: state the types of the references, as in subject:Patient.name`,
      },
    ]);
  return { depth: depth + 1, chains };
}

/** All criteria hold. */
export function criteriaQuery(
  context: SearchContext,
  type: string,
  criteria: readonly (readonly [name: string, value: string])[],
  progress: Progress = beginning(),
): Query {
  return and(criteria.map(([name, value]) => criterionQuery(context, type, name, value, progress)));
}
