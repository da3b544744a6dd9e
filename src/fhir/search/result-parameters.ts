import { refusals, refuse } from '../refusal.ts';
import { UnknownParameter } from './context.ts';
import type { SearchParameters } from './parameters.ts';
import type { Sort } from './query.ts';
import { invalid } from './values.ts';

/** An `_include` or `_revinclude` (http://hl7.org/fhir/R4/search.html#include). */
export interface Include {
  /** The type that has the reference, or `*` for any. */
  type: string;
  /** The parameter that holds the reference, or `*` for all of them. */
  parameter: string;
  /** Only references to this type. */
  target?: string;
  /** Also follow from what was included. */
  iterate: boolean;
}

/** How much of a resource is returned (http://hl7.org/fhir/R4/search.html#summary). */
export type Summary = 'true' | 'text' | 'data' | 'count' | 'false';

/** What a search asks of its results, beside which they are (http://hl7.org/fhir/R4/search.html#return). */
export interface ResultParameters {
  sort: readonly Sort[];
  /** Resources on a page; undefined: as many as the server likes. */
  count?: number;
  /** Only how many there are: `_summary=count` or `_count=0`. */
  countOnly: boolean;
  total: 'none' | 'estimate' | 'accurate';
  include: readonly Include[];
  revinclude: readonly Include[];
  summary?: Summary;
  elements?: readonly string[];
  /** Whether contained resources are meant, and which of the two is returned. */
  contained: 'false' | 'true' | 'both';
  containedType: 'container' | 'contained';
}

const summaries: readonly Summary[] = ['true', 'text', 'data', 'count', 'false'];
const totals = ['none', 'estimate', 'accurate'] as const;
const mostSorts = 10;
const mostIncludes = 50;

/**
 * Reads the result parameters. Each is read inside of `attempt`, which may let an `UnknownParameter` pass; all else
 * that is wrong is refused. A parameter that is given twice counts as it stands last, but for those that add up.
 */
export function readResultParameters(
  parameters: SearchParameters,
  types: readonly string[],
  query: readonly (readonly [name: string, value: string])[],
  attempt: (name: string, read: () => void) => void,
): ResultParameters {
  const sort: Sort[] = [];
  const include: Include[] = [];
  const revinclude: Include[] = [];
  const results: ResultParameters = {
    sort,
    countOnly: false,
    total: 'none',
    include,
    revinclude,
    contained: 'false',
    containedType: 'container',
  };
  for (const [name, value] of query) attempt(name, () => read(name, value));
  if (results.summary === 'count' || results.count === 0) results.countOnly = true;
  if (results.summary === 'text' && include.length + revinclude.length > 0)
    throw invalid('_summary', {
      zh: '_include 和 _revinclude 不能与 _summary=text 并用',
      en: '_include and _revinclude "cannot be mixed with _summary=text"',
    });
  return results;

  function read(name: string, value: string): void {
    const [plain, modifier] = name.split(':', 2) as [string, string?];
    if (plain === '_include' || plain === '_revinclude') {
      if (modifier !== undefined && modifier !== 'iterate')
        throw refuse(refusals.unsupportedModifier, [plain, modifier.slice(0, 64)]);
      const read = readInclude(parameters, plain, value, modifier === 'iterate');
      const includes = plain === '_include' ? include : revinclude;
      if (includes.push(read) > mostIncludes)
        throw refuse(refusals.tooCostly, [`${plain} > ${mostIncludes}`]);
      return;
    }
    if (modifier !== undefined) throw refuse(refusals.unsupportedModifier, [plain, modifier.slice(0, 64)]);
    switch (plain) {
      case '_sort':
        sort.push(...readSort(parameters, types, value));
        if (sort.length > mostSorts) throw refuse(refusals.tooCostly, [`_sort > ${mostSorts}`]);
        break;
      case '_count':
        if (!/^\d{1,9}$/.test(value))
          throw invalid('_count', { zh: `「${value}」不是整数`, en: `"${value}" is not a whole number` });
        results.count = Number(value);
        break;
      case '_total':
        results.total = oneOf(totals, plain, value);
        break;
      case '_summary':
        results.summary = readSummary(value);
        break;
      case '_elements':
        results.elements = [...(results.elements ?? []), ...readElements(value)];
        break;
      case '_contained':
        results.contained = oneOf(['false', 'true', 'both'] as const, plain, value);
        break;
      case '_containedType':
        results.containedType = oneOf(['container', 'contained'] as const, plain, value);
        break;
    }
  }
}

function oneOf<T extends string>(valid: readonly T[], name: string, value: string): T {
  const found = valid.find((each) => each === value);
  if (found === undefined)
    throw invalid(name, {
      zh: `「${value.slice(0, 64)}」须为 ${valid.join('、')} 之一`,
      en: `"${value.slice(0, 64)}" is not one of ${valid.join(', ')}`,
    });
  return found;
}

/** The form that `_summary` asks for. */
export function readSummary(value: string): Summary {
  return oneOf(summaries, '_summary', value);
}

/** The names of the elements at the root that `_elements` lists. */
export function readElements(value: string): string[] {
  const names = value.split(',').filter((name) => name !== '');
  // `Patient.name` is understood as `name`.
  const plain = names.map((name) => (/^[A-Z]\w*\./.test(name) ? name.slice(name.indexOf('.') + 1) : name));
  const wrong = plain.find((name) => !/^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$/.test(name));
  if (wrong !== undefined)
    throw invalid('_elements', {
      zh: `「${wrong.slice(0, 64)}」不是元素名`,
      en: `"${wrong.slice(0, 64)}" is not the name of an element`,
    });
  return plain.map((name) => name.split('.', 1)[0]!);
}

/** `status,-date` (http://hl7.org/fhir/R4/search.html#sort). */
function readSort(parameters: SearchParameters, types: readonly string[], value: string): Sort[] {
  return value
    .split(',')
    .filter((rule) => rule !== '' && rule !== '-')
    .map((rule) => {
      const descending = rule.startsWith('-');
      const key = descending ? rule.slice(1) : rule;
      for (const type of types) {
        const parameter = parameters.of(type).get(key);
        if (!parameter) throw new UnknownParameter(parameters, type, key);
        const isSortable =
          parameter.type !== 'composite' &&
          parameter.type !== 'special' &&
          key !== '_text' &&
          key !== '_content';
        if (!isSortable)
          throw invalid('_sort', { zh: `不能按 ${key} 排序`, en: `results cannot be sorted by ${key}` });
      }
      return { key, descending };
    });
}

/** `MedicationRequest:patient`, `MedicationRequest:subject:Patient`, `MedicationRequest:*` or `*`. */
function readInclude(
  parameters: SearchParameters,
  name: '_include' | '_revinclude',
  value: string,
  iterate: boolean,
): Include {
  if (value === '*') return { type: '*', parameter: '*', iterate };
  if (value.startsWith('*:'))
    throw invalid(name, {
      zh: `要所有类型的全部引用,请写 ${name}=*,不带冒号`,
      en: `write ${name}=*, without a colon, for all references of all types`,
    });
  const [type, parameter, target, ...more] = value.split(':');
  if (!type || !parameter || target === '' || more.length > 0)
    throw invalid(name, {
      zh: `「${value.slice(0, 200)}」不是 [type]:[parameter] 或 [type]:[parameter]:[target type] 形式`,
      en: `"${value.slice(0, 200)}" is not [type]:[parameter] or [type]:[parameter]:[target type]`,
    });
  const unknown = [type, target].find(
    (each) => each !== undefined && !parameters.resourceTypes.includes(each),
  );
  if (unknown !== undefined)
    throw invalid(name, {
      zh: `不存在资源类型「${unknown.slice(0, 64)}」`,
      en: `there is no resource type "${unknown.slice(0, 64)}"`,
    });
  const targets = parameter === '*' ? undefined : referenceTargets(parameters, name, type, parameter);
  if (target === undefined) return { type, parameter, iterate };
  if (targets && !targets.includes(target))
    throw invalid(name, {
      zh: `${type}:${parameter} 引用的是 ${targets.join('、')},不是 ${target}`,
      en: `${type}:${parameter} refers to ${targets.join(', ')}, not to ${target}`,
    });
  return { type, parameter, target, iterate };
}

function referenceTargets(parameters: SearchParameters, name: string, type: string, code: string) {
  const parameter = parameters.of(type).get(code);
  if (!parameter) throw new UnknownParameter(parameters, type, code);
  if (parameter.type !== 'reference')
    throw invalid(name, { zh: `${type}:${code} 不是引用`, en: `${type}:${code} is no reference` });
  return parameter.targets;
}
