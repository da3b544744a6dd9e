import type { Definitions } from '../definitions/definitions.ts';
import { nearest } from '../nearest.ts';
import { refusals, refuse } from '../refusal.ts';
import { isIgnorable, namesWithoutParameter, type SearchContext } from './context.ts';
import { beginning, criterionQuery, type Progress } from './criterion.ts';
import type { SearchParameters } from './parameters.ts';
import { and, type Query } from './query.ts';
import { resultParameters } from './result-names.ts';
import { type ResultParameters, readResultParameters } from './result-parameters.ts';
import { createTerminology, type Terminology } from './terminology.ts';
import { alternatives, invalid } from './values.ts';

/** What a search is read with: the server itself fits. */
export interface SearchServer {
  parameters: SearchParameters;
  definitions: Definitions;
  /** The URL under which clients reach the server, without a slash at the end. */
  base?: string;
  /** The present instant, in milliseconds since the epoch. */
  now(): number;
}

export interface SearchOptions {
  /**
   * What becomes of unknown parameters: `lenient` ignores all of them, `strict` refuses all (`Prefer: handling=…`).
   * Without either, those that are clearly not about the search are let through (`isForeign`) and all others refused:
   * "servers SHOULD ignore unknown parameters" since stacks and proxies add some, but to ignore a misspelt filter would
   * give everybody's data for one patient's (http://hl7.org/fhir/R4/search.html#errors).
   */
  handling?: 'strict' | 'lenient';
}

/** A search as it was understood. */
export interface Search extends ResultParameters {
  filter: Query;
  /** Names of parameters that were ignored. */
  unknown: readonly string[];
  /** The parameters that were understood, as they were sent: what the `self` link repeats. */
  applied: readonly (readonly [name: string, value: string])[];
}

/** A search over several types. Each has a filter of its own. */
export interface SystemSearch extends Omit<Search, 'filter'> {
  searches: readonly { type: string; filter: Query }[];
}

type Pairs = readonly (readonly [name: string, value: string])[];

/** The most parameters of one search. */
const mostParameters = 200;

/**
 * Reads a search on one type (http://hl7.org/fhir/R4/search.html). Refuses with 400 unknown parameters, listing the
 * valid ones, unless lenient; modifiers that a parameter does not have, always; and malformed values. Parameters
 * without a value are ignored.
 */
export function parseSearch(
  server: SearchServer,
  type: string,
  query: Pairs,
  { handling }: SearchOptions = {},
): Search {
  const reader = new Reader(server, [type], query, handling);
  const [filter] = reader.filters();
  return { ...reader.results(), filter: filter!, unknown: [...reader.unknown], applied: reader.applied() };
}

/**
 * Reads a search over all types, or over those of `_type` (http://hl7.org/fhir/R4/search.html#type): "If no type is
 * specified, the only search parameters that can be used are the base parameters that apply to all resources. If
 * multiple types are specified, any search parameters shared across the entire set may be used."
 */
export function parseSystemSearch(
  server: SearchServer,
  query: Pairs,
  { handling }: SearchOptions = {},
): SystemSearch {
  const { resourceTypes } = server.parameters;
  const stated = query
    .filter(([name]) => name === '_type')
    .flatMap(([, value]) => alternatives('_type', value));
  const unknown = stated.find((type) => !resourceTypes.includes(type));
  if (unknown !== undefined)
    throw invalid('_type', {
      zh: `不存在资源类型「${unknown.slice(0, 64)}」`,
      en: `there is no resource type "${unknown.slice(0, 64)}"`,
    });
  const types = [...new Set(stated)];
  const reader = new Reader(server, types.length > 0 ? types : ['Resource'], query, handling);
  const filters = reader.filters();
  const searches =
    types.length > 0
      ? types.map((type, at) => ({ type, filter: filters[at]! }))
      : resourceTypes.map((type) => ({ type, filter: filters[0]! }));
  return { ...reader.results(), searches, unknown: [...reader.unknown], applied: reader.applied() };
}

class Reader {
  readonly unknown = new Set<string>();
  private readonly context: SearchContext;
  private readonly types: readonly string[];
  private readonly criteria: Pairs;
  private readonly rest: Pairs;
  private readonly handling: SearchOptions['handling'];
  private readonly progress: Progress = beginning();

  constructor(
    server: SearchServer,
    types: readonly string[],
    query: Pairs,
    handling: SearchOptions['handling'],
  ) {
    if (query.length > mostParameters)
      throw refuse(refusals.tooCostly, [
        { zh: `参数超过 ${mostParameters} 个`, en: `> ${mostParameters} parameters` },
      ]);
    // "Empty parameters are not an error - they are just ignored by the server."
    const given = query.filter(([, value]) => value !== '');
    this.context = {
      parameters: server.parameters,
      terminology: terminologyOf(server.definitions),
      base: server.base,
      now: server.now(),
    };
    this.types = types;
    this.handling = handling;
    this.criteria = given.filter(([name]) => !isResultParameter(name));
    this.rest = given.filter(([name]) => isResultParameter(name));
  }

  /** The filter of each type, in their order. */
  filters(): Query[] {
    return this.types.map((type) =>
      and(
        this.criteria.map(([name, value]) =>
          this.unlessUnknown(name, and([]), () =>
            criterionQuery(this.context, type, name, value, this.progress),
          ),
        ),
      ),
    );
  }

  results(): ResultParameters {
    return readResultParameters(this.context.parameters, this.types, this.rest, (name, read) => {
      this.unlessUnknown(name, undefined, read);
    });
  }

  applied(): Pairs {
    return [...this.criteria, ...this.rest].filter(([name]) => !this.unknown.has(name));
  }

  /** What is read, or, where the search names a parameter that is not there but may be ignored, what stands for nothing. */
  private unlessUnknown<T>(name: string, nothing: T, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!isIgnorable(error)) throw error;
      if (this.handling !== 'lenient' && (this.handling === 'strict' || !isForeign(name))) throw error;
      this.unknown.add(name);
      return nothing;
    }
  }
}

function isResultParameter(name: string): boolean {
  const colon = name.indexOf(':');
  return resultParameters.has(colon < 0 ? name : name.slice(0, colon));
}

/** What HTTP stacks, proxies and trackers add: nothing that FHIR or a search parameter of ours begins with. */
const foreign = /^(?:_(?!_)|utm_|x-)/i;

const underscored = [
  ...resultParameters,
  ...namesWithoutParameter,
  ...[
    '_id',
    '_lastUpdated',
    '_tag',
    '_profile',
    '_security',
    '_source',
    '_text',
    '_content',
    '_query',
    '_cursor',
  ],
];

/**
 * Whether a name that is no parameter is plainly not about the search, as `_=1732700000`, `_totalMethod` or `utm_source`:
 * it begins as FHIR's own do not, or with `_` and is not near to any of FHIR's (`_cuont` is).
 */
export function isForeign(name: string): boolean {
  const plain = name.split(/[:.]/, 1)[0]!;
  if (!foreign.test(plain)) return false;
  return !plain.startsWith('_') || plain.length <= 3 || nearest(plain, underscored).length === 0;
}

/** Whether a name in an address is a search criterion on a type, or a misspelt one, and not about the form of the answer. */
export function isCriterion(parameters: SearchParameters, type: string, name: string): boolean {
  const plain = name.split(/[:.]/, 1)[0]!;
  return (
    plain === '_has' ||
    plain === '_filter' ||
    (!resultParameters.has(plain) &&
      (parameters.of(type).has(plain) ||
        (!isForeign(name) && nearest(plain, [...parameters.of(type).keys()]).length > 0)))
  );
}

const terminologies = new WeakMap<Definitions, Terminology>();

function terminologyOf(definitions: Definitions): Terminology {
  let terminology = terminologies.get(definitions);
  if (!terminology) {
    terminology = createTerminology(definitions);
    terminologies.set(definitions, terminology);
  }
  return terminology;
}
