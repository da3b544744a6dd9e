import type { Definitions } from '../definitions/definitions.ts';
import type { Resource } from '../resource.ts';
import { elementsOf } from './elements.ts';
import { Compiler, type Definition, isOfficial, type Parameter, type ParameterType } from './parameter.ts';

export type { Component, Parameter, ParameterType } from './parameter.ts';

/** The search parameters of every type of resource. Never changes: `with` and `without` give another one. */
export interface SearchParameters {
  /** The names of the R4 resource types. */
  readonly resourceTypes: readonly string[];
  /** The parameters of a type by name, those of all resources among them; of `Resource` only these. */
  of(type: string): ReadonlyMap<string, Parameter>;
  /**
   * With one more SearchParameter, or another version of it. Throws a SyntaxError when it is no such resource, when its
   * expression cannot be compiled, or when another one has its name.
   */
  with(definition: Resource): SearchParameters;
  /** Without the SearchParameter of that URL. */
  without(url: string): SearchParameters;
}

const longestExpression = 5000;

/**
 * The registry of all SearchParameters of the definitions. What a type is searched by is compiled when it is first
 * asked for, and kept. Throws a SyntaxError when one that is not of the specification cannot be compiled.
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
  const { url, code, type, base, expression } = resource as Partial<Definition>;
  const problem =
    resource.resourceType !== 'SearchParameter'
      ? `a ${resource.resourceType} is no SearchParameter`
      : typeof url !== 'string' || !Array.isArray(base)
        ? 'url and base are needed'
        : typeof code !== 'string' || !/^[A-Za-z_-][A-Za-z0-9_-]{0,63}$/.test(code)
          ? `the code "${code}" cannot be a parameter's name`
          : !types.has(type as string)
            ? `the type "${type}" cannot be searched by`
            : typeof expression !== 'string' || expression.length > longestExpression
              ? `an expression of at most ${longestExpression} characters is needed`
              : undefined;
  if (problem !== undefined) throw new SyntaxError(problem);
  return resource as Definition;
}
