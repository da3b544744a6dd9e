import type { Text } from '../outcome.ts';
import type { Resource } from '../resource.ts';
import type { Elements } from './elements.ts';
import { compilePath, type Path } from './path.ts';
import { operands } from './path-syntax.ts';
import { type TokenForms, tokenForms } from './types/token.ts';

/** http://hl7.org/fhir/R4/valueset-search-param-type.html */
export type ParameterType =
  | 'number'
  | 'date'
  | 'string'
  | 'token'
  | 'reference'
  | 'composite'
  | 'quantity'
  | 'uri'
  | 'special';

/** A search parameter, compiled for one type of resource. */
export interface Parameter {
  name: string;
  /** The canonical URL of its SearchParameter. */
  url: string;
  type: ParameterType;
  paths: readonly Path[];
  /** The FHIR types of its values; undefined when they are not known beforehand. */
  types: ReadonlySet<string> | undefined;
  /** Tokens: how they are written. */
  exact: boolean;
  bare: boolean;
  /** References: the resource types that they can lead to. */
  targets: readonly string[];
  /** Composites: for each path, in the same order, what is read from each of its values. */
  components: readonly (readonly Component[])[];
  /**
   * The parameters that read just the values of this one, each a part of them: `combo-code` is `code` and
   * `component-code`, `phonetic` is `name`. Its values are kept under their names only. Empty for all other parameters.
   */
  parts: readonly Parameter[];
}

/** A part of a composite. */
export interface Component {
  type: ParameterType;
  paths: readonly Path[];
  /** Whether its paths start at the resource instead of the value of the composite. */
  ofResource: boolean;
  types: ReadonlySet<string> | undefined;
  exact: boolean;
  bare: boolean;
  targets: readonly string[];
}

/** A SearchParameter (http://hl7.org/fhir/R4/searchparameter.html) that can be compiled. */
export interface Definition extends Resource {
  url: string;
  code: string;
  type: ParameterType;
  base: string[];
  status?: string;
  expression?: string;
  target?: string[];
  component?: { definition: string; expression: string }[];
}

/** Types that are not a DomainResource (http://hl7.org/fhir/R4/resource.html). */
const notDomainResources: ReadonlySet<string> = new Set(['Bundle', 'Binary', 'Parameters']);

/** Why a definition cannot be searched by, for people. */
export class UnusableDefinition extends SyntaxError {
  readonly text: Text;
  /** The URL of the part of a composite that is not there. */
  readonly missing: string | undefined;

  constructor(text: Text, missing?: string) {
    super(text.en);
    this.text = text;
    this.missing = missing;
  }
}

/** Compiles the definitions of search parameters. */
export class Compiler {
  readonly resourceTypes: readonly string[];
  private readonly elements: Elements;

  constructor(elements: Elements, resourceTypes: readonly string[]) {
    this.elements = elements;
    this.resourceTypes = resourceTypes;
  }

  /** The resource types that a definition is for. */
  typesOf({ base }: Definition): readonly string[] {
    return this.resourceTypes.filter((type) => isBase(base, type));
  }

  /** Whether definitions are for a type. */
  isFor(type: string): (definition: Definition) => boolean {
    return ({ base }) => isBase(base, type);
  }

  /** Throws an UnusableDefinition when it cannot be compiled for its types, or when its name is taken there. */
  check(definition: Definition, definitions: ReadonlyMap<string, Definition>): void {
    const types = this.typesOf(definition);
    for (const { url, code, base } of definitions.values()) {
      if (code === definition.code && url !== definition.url && types.some((type) => isBase(base, type)))
        throw new UnusableDefinition({
          zh: `名称 ${code} 已由 ${url} 使用`,
          en: `${url} has the name ${code} already`,
        });
    }
    for (const type of types) this.compile(definition, type, definitions);
  }

  parametersOf(type: string, definitions: ReadonlyMap<string, Definition>): ReadonlyMap<string, Parameter> {
    const parameters = new Map<string, Parameter>();
    const here = [...definitions.values()].filter(({ base }) => isBase(base, type));
    for (const definition of here)
      parameters.set(definition.code, this.compile(definition, type, definitions));
    for (const definition of here) {
      const parts = partsOf(definition, here, type).map(({ code }) => parameters.get(code)!);
      if (parts.length > 0) parameters.set(definition.code, { ...parameters.get(definition.code)!, parts });
    }
    return parameters;
  }

  compile(definition: Definition, type: string, definitions: ReadonlyMap<string, Definition>): Parameter {
    const { code, url, component } = definition;
    const paths = this.paths(definition.expression ?? '', type, type);
    const components =
      component &&
      paths.map((path) => component.map((part) => this.component(part, path, type, definitions)));
    return {
      name: code,
      url,
      type: definition.type,
      paths,
      ...valueTypes(paths),
      targets: this.targets(definition.target, paths),
      components: components ?? [],
      parts: [],
    };
  }

  private component(
    { definition, expression }: { definition: string; expression: string },
    path: Path,
    type: string,
    definitions: ReadonlyMap<string, Definition>,
  ): Component {
    const part = definitions.get(definition.split('|', 1)[0]!);
    if (!part)
      throw new UnusableDefinition(
        { zh: `没有其组成部分 ${definition}`, en: `the component ${definition} is not known` },
        definition.split('|', 1)[0],
      );
    const fromResource = /^%resource\./.exec(expression);
    const [focus = type] = path.types ?? [];
    const paths = fromResource
      ? this.paths(expression.slice(fromResource[0].length), type, type)
      : this.paths(expression, focus, type);
    const found = valueTypes(paths);
    return {
      type: fitting(part.type, found.types),
      paths,
      ofResource: fromResource !== null,
      ...found,
      targets: this.targets(part.target, paths),
    };
  }

  /** The operands of an expression that are for a type, compiled for its focus. */
  private paths(expression: string, focus: string, type: string): Path[] {
    return operandsFor(expression, type).map((operand) => {
      try {
        return compilePath(operand, focus, this.elements);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        throw new UnusableDefinition({
          zh: `表达式「${operand}」不是可检索的 FHIRPath`,
          en: `the expression "${operand}" is no FHIRPath that can be searched by (${error.message})`,
        });
      }
    });
  }

  private targets(stated: readonly string[] | undefined, paths: readonly Path[]): readonly string[] {
    const narrowed = paths.flatMap((path) => path.targets ?? []);
    if (narrowed.length > 0 && paths.every((path) => path.targets)) return [...new Set(narrowed)];
    const isAny = stated === undefined || stated.length === 0 || stated.includes('Resource');
    return isAny ? this.resourceTypes : stated;
  }
}

function isBase(base: readonly string[], type: string): boolean {
  return (
    base.includes(type) ||
    base.includes('Resource') ||
    (base.includes('DomainResource') && !notDomainResources.has(type))
  );
}

function operandsFor(expression: string, type: string): string[] {
  return operands(expression).filter((operand) => operand !== '' && isFor(operand, type));
}

/** The types of parameters that can be kept as their parts: nothing but searches asks for their entries by name. */
const divisible: ReadonlySet<ParameterType> = new Set(['token', 'quantity', 'composite']);

/**
 * The definitions that together read just what a definition with several operands does. Only those of the specification
 * itself count: what is added at run time must not change how other parameters are kept.
 */
function partsOf(whole: Definition, all: readonly Definition[], type: string): Definition[] {
  const wanted = operandsFor(whole.expression ?? '', type);
  if (!isOfficial(whole)) return [];
  if (wanted.length === 1) return twinOf(whole, all, type);
  if (!divisible.has(whole.type)) return [];
  const asked = componentsOf(whole);
  const parts = all.filter((part) => {
    const own = operandsFor(part.expression ?? '', type);
    return (
      part.type === whole.type &&
      isOfficial(part) &&
      componentsOf(part) === asked &&
      own.length < wanted.length &&
      own.every((operand) => wanted.includes(operand))
    );
  });
  const found = new Set(parts.flatMap((part) => operandsFor(part.expression ?? '', type)));
  return wanted.every((operand) => found.has(operand)) ? parts : [];
}

/**
 * The first, by name, of those that read the same single path as a definition, where that is another one: what `phonetic`
 * finds is kept as `name` only. References keep their own names: those are what links are followed by.
 */
function twinOf(whole: Definition, all: readonly Definition[], type: string): Definition[] {
  if (whole.type !== 'string' && whole.type !== 'token') return [];
  const twins = all.filter((other) => isOfficial(other) && readsTheSame(whole, other, type));
  const first = twins.reduce((least, other) => (other.code < least.code ? other : least), whole);
  return first === whole ? [] : [first];
}

function componentsOf({ component = [] }: Definition): string {
  return component.map(({ expression }) => expression).join();
}

/** Whether two definitions read the same from resources of a type. */
export function readsTheSame(one: Definition, other: Definition, type: string): boolean {
  const read = ({ expression = '' }: Definition) =>
    operandsFor(expression, type)
      .map((operand) => operand.replace(/\s+/g, ' ').trim())
      .sort()
      .join('|');
  return one.type === other.type && componentsOf(one) === componentsOf(other) && read(one) === read(other);
}

/** Whether a definition is one of the specification itself. */
export function isOfficial({ url }: Pick<Definition, 'url'>): boolean {
  return url.startsWith('http://hl7.org/fhir/SearchParameter/');
}

/** Whether an operand such as `(Patient.deceased as dateTime)` starts at the type; relative ones are for all. */
function isFor(operand: string, type: string): boolean {
  const [, root] = /^\(*\s*([A-Z]\w*)/.exec(operand) ?? [];
  return root === undefined || root === type || root === 'Resource' || root === 'DomainResource';
}

/**
 * The type of a component, whose expression counts for more than the parameter that it names: DocumentReference's
 * `relationship` names those of its two components the wrong way round.
 */
function fitting(stated: ParameterType, found: ReadonlySet<string> | undefined): ParameterType {
  if (found?.size !== 1) return stated;
  if (stated === 'token' && found.has('Reference')) return 'reference';
  return stated === 'reference' && found.has('code') ? 'token' : stated;
}

function valueTypes(paths: readonly Path[]): TokenForms & {
  types: ReadonlySet<string> | undefined;
} {
  const known = paths.every((path) => path.types !== undefined);
  const found = known ? new Set(paths.flatMap((path) => [...path.types!])) : undefined;
  return { types: found, ...tokenForms(found) };
}
