import type { Definitions } from '../definitions/definitions.ts';
import type { Text } from '../outcome.ts';
import type { Resource } from '../resource.ts';
import { elementsOf } from './elements.ts';
import {
  Compiler,
  type Definition,
  isOfficial,
  type Parameter,
  type ParameterType,
  UnusableDefinition,
} from './parameter.ts';

export type { Component, Definition, Parameter, ParameterType } from './parameter.ts';
export { readsTheSame, UnusableDefinition } from './parameter.ts';

/** What is to be said of a SearchParameter that is kept, but by which nothing, or not everything, is found. */
export interface Remark {
  /** Where it is kept, e.g. `SearchParameter/a`. */
  path: string;
  text: Text;
}

/** The search parameters of every type of resource. Never changes: `with` and `without` give another one. */
export interface SearchParameters {
  /** The names of the R4 resource types. */
  readonly resourceTypes: readonly string[];
  /** The parameters of a type by name, those of all resources among them; of `Resource` only these. */
  of(type: string): ReadonlyMap<string, Parameter>;
  /** The SearchParameter that a name stands for on a type. */
  definitionOf(type: string, name: string): Definition | undefined;
  /** What is to be said of those that clients have stored. */
  readonly remarks: readonly Remark[];
  /**
   * With one more SearchParameter, or another version of it. Throws an UnusableDefinition when it is no such resource,
   * when its expression cannot be compiled, or when another one has its name. One without a base is nothing to search
   * by, but can be part of a composite.
   */
  with(definition: Resource): SearchParameters;
  /** Without the SearchParameter of that URL. */
  without(url: string): SearchParameters;
}

const longestExpression = 5000;

/**
 * The registry of all SearchParameters of the definitions. What a type is searched by is compiled when it is first
 * asked for, and kept. Throws an UnusableDefinition when one that is not of the specification cannot be compiled.
 */
export function createSearchParameters(definitions: Definitions): SearchParameters {
  const all = new Map<string, Definition>();
  for (const definition of definitions.all<Definition>('SearchParameter')) {
    if (definition.status !== 'retired' && !unsupported(definition)) all.set(definition.url, definition);
  }
  const compiler = new Compiler(elementsOf(definitions), definitions.resourceTypes);
  // Those of the specification are known to compile: that they do is tested.
  for (const definition of all.values()) if (!isOfficial(definition)) compiler.check(definition, all);
  return registry(all, compiler, new Map());
}

/** There are no named queries, and `near` of Location is the one special parameter with a meaning that is known. */
function unsupported({ type, code }: Definition): boolean {
  return (type === 'special' && code !== 'near') || code === '_query';
}

function registry(
  definitions: ReadonlyMap<string, Definition>,
  compiler: Compiler,
  compiled: Map<string, ReadonlyMap<string, Parameter>>,
): SearchParameters {
  return {
    resourceTypes: compiler.resourceTypes,
    of(type) {
      let parameters = compiled.get(type);
      if (!parameters) {
        parameters = compiler.parametersOf(type, definitions);
        compiled.set(type, parameters);
      }
      return parameters;
    },
    definitionOf(type, name) {
      const isFor = compiler.isFor(type);
      for (const each of definitions.values()) if (each.code === name && isFor(each)) return each;
      return undefined;
    },
    remarks: [],
    with(resource) {
      const definition = checked(resource);
      const more = new Map(definitions).set(definition.url, definition);
      compiler.check(definition, more);
      return registry(
        more,
        compiler,
        untouched(compiled, compiler, [definition, definitions.get(definition.url)]),
      );
    },
    without(url) {
      const fewer = new Map(definitions);
      fewer.delete(url);
      return registry(fewer, compiler, untouched(compiled, compiler, [definitions.get(url)]));
    },
  };
}

/** What has been compiled for the types that a change of these definitions does not concern. */
function untouched(
  compiled: Map<string, ReadonlyMap<string, Parameter>>,
  compiler: Compiler,
  changed: readonly (Definition | undefined)[],
): Map<string, ReadonlyMap<string, Parameter>> {
  const touched = new Set(changed.flatMap((definition) => (definition ? compiler.typesOf(definition) : [])));
  return new Map([...compiled].filter(([type]) => !touched.has(type)));
}

const types: ReadonlySet<string> = new Set<ParameterType>([
  'number',
  'date',
  'string',
  'token',
  'reference',
  'composite',
  'quantity',
  'uri',
]);

function checked(resource: Resource): Definition {
  const problem = problemOf(resource);
  if (problem) throw new UnusableDefinition(problem);
  return resource as Definition;
}

function problemOf(resource: Resource): Text | undefined {
  const { url, code, type, base, expression } = resource as Partial<Definition>;
  if (resource.resourceType !== 'SearchParameter')
    return {
      zh: `${resource.resourceType} 不是 SearchParameter`,
      en: `a ${resource.resourceType} is no SearchParameter`,
    };
  if (typeof url !== 'string' || !Array.isArray(base))
    return { zh: '须有 url 和 base', en: 'url and base are needed' };
  if (typeof code !== 'string' || !/^[A-Za-z_-][A-Za-z0-9_-]{0,63}$/.test(code))
    return { zh: `code「${code}」不能作参数名`, en: `the code "${code}" cannot be a parameter's name` };
  if (!types.has(type as string))
    return { zh: `不能按类型「${type}」检索`, en: `the type "${type}" cannot be searched by` };
  if (typeof expression !== 'string' || expression.length > longestExpression)
    return {
      zh: `须有不超过 ${longestExpression} 个字符的 expression`,
      en: `an expression of at most ${longestExpression} characters is needed`,
    };
  return undefined;
}
