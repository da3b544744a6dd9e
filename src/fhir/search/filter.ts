import { startingWith } from './code-points.ts';
import { type SearchContext, UnknownParameter } from './context.ts';
import { chain, criterionQuery, further, type Progress, referenceParameter } from './criterion.ts';
import { type Filter, type Operator, type PathPart, parseFilter } from './filter-syntax.ts';
import type { Parameter } from './parameter.ts';
import { missingQuery, parameterQuery } from './parameter-query.ts';
import { and, not, or, prefixQuery, type Query } from './query.ts';
import { spanOf } from './time.ts';
import { containsQuery, endQuery, equalQuery, orderQuery, stringQuery } from './types/string.ts';
import { invalid } from './values.ts';

/** "For convenience, the codes loinc, snomed, rxnorm and ucum are predefined." */
const namespaces: Record<string, string> = {
  loinc: 'http://loinc.org',
  snomed: 'http://snomed.info/sct',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  ucum: 'http://unitsofmeasure.org',
};

/**
 * The additional parameters of `_filter` that R4's resources still have: an element with parts that belong together,
 * which a composite parameter answers. `parts` says which of its components each child is.
 */
const elements: Record<string, { composite: string; parts: readonly [string, string] }> = {
  'Group.characteristic': { composite: 'characteristic-value', parts: ['code', 'value'] },
  'DocumentReference.relatesTo': { composite: 'relationship', parts: ['code', 'target'] },
};

/** The query of a `_filter` on a type (http://hl7.org/fhir/R4/search_filter.html). Refuses what it does not allow. */
export function filterQuery(context: SearchContext, type: string, value: string, progress: Progress): Query {
  return toQuery(context, type, parseFilter(value), progress);
}

function toQuery(context: SearchContext, type: string, filter: Filter, progress: Progress): Query {
  switch (filter.kind) {
    case 'and':
      return and(filter.of.map((part) => toQuery(context, type, part, progress)));
    case 'or':
      return or(filter.of.map((part) => toQuery(context, type, part, progress)));
    case 'not':
      return not(toQuery(context, type, filter.of, progress));
    case 'test':
      return alongPath(context, type, filter.path, filter, progress);
  }
}

/** `subject[birthdate ge 1980].name co "pet"`: filter and test hold of the same resource. */
function alongPath(
  context: SearchContext,
  type: string,
  [first, ...rest]: readonly PathPart[],
  test: Test,
  progress: Progress,
): Query {
  const { name, filter } = first!;
  if (rest.length === 0) {
    if (filter)
      throw invalid('_filter', {
        zh: `${name}[…] 之后须有参数名`,
        en: `after ${name}[…] a name must follow`,
      });
    return testQuery(context, type, name, test, progress);
  }
  const element = elements[`${type}.${name}`];
  if (element && filter) return partsQuery(context, type, element, filter, rest, test, progress);
  const [reference, stated] = name.split(':');
  const parameter = referenceParameter(context, type, reference!);
  const targets = stated === undefined ? parameter.targets : [stated];
  return chain(parameter, targets, (target) => {
    const onward = further(name, progress);
    const held = filter ? toQuery(context, target, filter, onward) : and([]);
    return and([held, alongPath(context, target, rest, test, onward)]);
  });
}

interface Test {
  operator: Operator;
  value: string;
}

/** `characteristic[code eq gender].value eq mixed`: both hold of the same element. */
function partsQuery(
  context: SearchContext,
  type: string,
  { composite, parts }: { composite: string; parts: readonly [string, string] },
  filter: Filter,
  rest: readonly PathPart[],
  { operator, value }: Test,
  progress: Progress,
): Query {
  const isPlain =
    filter.kind === 'test' && filter.operator === 'eq' && filter.path.length === 1 && rest.length === 1;
  if (!isPlain || filter.path[0]!.name !== parts[0] || rest[0]!.name !== parts[1])
    throw invalid('_filter', {
      zh: `形式为 [${parts[0]} eq …].${parts[1]}`,
      en: `the form is [${parts[0]} eq …].${parts[1]}`,
    });
  if (operator !== 'eq' && operator !== 're')
    throw invalid('_filter', { zh: `此处不能用 ${operator}`, en: `${operator} is not possible there` });
  const joined = `${withNamespace(filter.value)}$${withNamespace(value)}`;
  return criterionQuery(context, type, composite, joined, progress);
}

/** The test of the values of one parameter. */
function testQuery(
  context: SearchContext,
  type: string,
  name: string,
  { operator, value }: Test,
  progress: Progress,
): Query {
  const parameter = context.parameters.of(type).get(name);
  if (!parameter || name === '_id' || name === '_lastUpdated') return rowQuery();
  if (operator === 'pr') return not(missingQuery(parameter, value));
  if (parameter.parts.length > 0)
    return or(
      parameter.parts.map((part) => testQuery(context, type, part.name, { operator, value }, progress)),
    );
  switch (parameter.type) {
    case 'string':
      return stringTest(name, operator, escaped(value));
    case 'token':
      return tokenTest(context, parameter, type, operator, withNamespace(value));
    case 'reference':
      if (operator === 'eq' || operator === 're')
        return parameterQuery(context, parameter, undefined, type, [escaped(value)]);
      break;
    case 'uri':
      return uriTest(name, operator, value);
    case 'date':
    case 'number':
    case 'quantity':
      return orderedTest(context, parameter, type, operator, withNamespace(value));
    case 'composite':
    case 'special':
      break;
  }
  throw impossible(parameter, operator);

  function rowQuery(): Query {
    const isOrdered = name === '_lastUpdated' && prefixes.has(operator);
    if (isOrdered) return criterionQuery(context, type, name, operator + value, progress);
    if (name === '_id' && operator === 'eq')
      return criterionQuery(context, type, name, escaped(value), progress);
    if (name === '_id' && operator === 'ne')
      return not(criterionQuery(context, type, name, escaped(value), progress));
    throw parameter ? impossible(parameter, operator) : new UnknownParameter(context.parameters, type, name);
  }
}

function stringTest(name: string, operator: Operator, value: string): Query {
  switch (operator) {
    case 'eq':
      return equalQuery(name, value);
    case 'ne':
      return or([orderQuery(name, value, 'lt'), orderQuery(name, value, 'gt')]);
    case 'co':
      return containsQuery(name, value);
    case 'sw':
      return stringQuery(name, value);
    case 'ew':
      return endQuery(name, value);
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return orderQuery(name, value, operator);
  }
  throw impossible({ name, type: 'string' }, operator);
}

function tokenTest(
  context: SearchContext,
  parameter: Parameter,
  type: string,
  operator: Operator,
  value: string,
): Query {
  const modified = (modifier?: string) => parameterQuery(context, parameter, modifier, type, [value]);
  switch (operator) {
    case 'eq':
      return modified();
    case 'ne':
      return unequal(parameter.name, modified());
    case 'ss':
      return modified('below');
    case 'sb':
      return modified('above');
    case 'in':
      return modified('in');
    case 'ni':
      return modified('not-in');
  }
  throw impossible(parameter, operator);
}

function uriTest(name: string, operator: Operator, value: string): Query {
  const start = `${name}|#`;
  switch (operator) {
    case 'eq':
      return { kind: 'term', term: start + value };
    case 'ne':
      return unequal(name, { kind: 'term', term: start + value });
    case 'co':
      return { kind: 'contains', prefix: start, text: value };
    case 'sw':
      return prefixQuery(start + value);
  }
  throw impossible({ name, type: 'uri' }, operator);
}

const prefixes: ReadonlySet<Operator> = new Set(['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']);

function orderedTest(
  context: SearchContext,
  parameter: Parameter,
  type: string,
  operator: Operator,
  value: string,
): Query {
  const { name } = parameter;
  if (prefixes.has(operator)) return parameterQuery(context, parameter, undefined, type, [operator + value]);
  if (parameter.type === 'date' && (operator === 'po' || operator === 'co')) {
    const span = spanOf(value);
    if (!span) throw invalid(name, { zh: `「${value}」不是日期`, en: `"${value}" is not a date` });
    const { low, high } = span;
    return operator === 'po'
      ? { kind: 'interval', name, low: { lte: high }, high: { gte: low } }
      : { kind: 'interval', name, low: { lte: low }, high: { gte: high } };
  }
  if (parameter.type === 'number' && operator === 'co')
    return parameterQuery(context, parameter, undefined, type, [value]);
  throw impossible(parameter, operator);
}

/**
 * "An item in the set has an unequal value": another term of the same form. The forms of tokens lie apart, those for
 * any system (`|=code`) from all others.
 */
function unequal(name: string, equal: Query): Query {
  if (equal.kind !== 'term')
    throw invalid('_filter', {
      zh: `ne 须给出 ${name} 的一个完整值`,
      en: `ne needs one whole value of ${name}`,
    });
  const anySystem = startingWith(`${name}|=`);
  const ranges = equal.term.startsWith(anySystem.low)
    ? [anySystem]
    : [
        { low: `${name}|`, high: anySystem.low },
        { low: anySystem.high, high: startingWith(`${name}|`).high },
      ];
  const after = `${equal.term}\u0001`;
  return or(
    ranges.flatMap(({ low, high }) =>
      equal.term < low || equal.term >= high
        ? [{ kind: 'terms', low, high } as const]
        : [{ kind: 'terms', low, high: equal.term } as const, { kind: 'terms', low: after, high } as const],
    ),
  );
}

function withNamespace(value: string): string {
  return value.replace(
    /^((?:[^|]*\|)?)(loinc|snomed|rxnorm|ucum)(?=\|)/,
    (_, start, code) => start + namespaces[code],
  );
}

/** Values of a filter know no escapes: what looks like one is meant. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\');
}

function impossible({ name, type }: Pick<Parameter, 'name' | 'type'>, operator: Operator): Error {
  return invalid('_filter', {
    zh: `${name} 的类型为 ${type},不能用 ${operator}`,
    en: `${operator} cannot be asked of ${name}, which is of type ${type}`,
  });
}
