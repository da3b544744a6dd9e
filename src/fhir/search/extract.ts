import { refusals, refuse } from '../refusal.ts';
import { type Element, isElement, isResource, type Resource } from '../resource.ts';
import { type Encoding, emptyEncoding } from './encoding.ts';
import type { Entries, Interval } from './entries.ts';
import type { Component, Parameter, ParameterType } from './parameter.ts';
import type { SearchParameters } from './parameters.ts';
import type { Path, TypedValue } from './path.ts';
import { encodeComposite } from './types/composite.ts';
import { encodeDate } from './types/date.ts';
import { encodeNear } from './types/near.ts';
import { encodeNumber } from './types/number.ts';
import { encodeQuantity } from './types/quantity.ts';
import { encodeNested, encodeReference, type ReferenceOptions } from './types/reference.ts';
import { encodeString } from './types/string.ts';
import { encodeToken } from './types/token.ts';
import { encodeUri } from './types/uri.ts';
import { wordsOf } from './words.ts';

/**
 * What searches find a resource by: the values of all parameters of its type, encoded as `entries.ts` says, and the
 * words of its text. References below `base`, the URL of this server, are the same as relative ones.
 * Throws `refusals.tooManyCombinations` for a resource whose composite values would take seconds to keep.
 */
export function extractEntries(parameters: SearchParameters, resource: Resource, base?: string): Entries {
  const collector = new Collector(parameters, resource, { base });
  collector.add(resource, '');
  collector.addContained();
  return collector.entries();
}

/** So many combinations of values a resource may have for one composite: the largest real panels have some hundreds. */
const mostCombinations = 20_000;

/** The parameters that the store answers from the row itself, without entries. */
const ofTheRow: ReadonlySet<string> = new Set(['_id', '_lastUpdated']);

class Collector {
  private readonly terms = new Set<string>();
  private readonly intervals: Interval[] = [];
  private readonly sort: Entries['sort'] = {};
  private readonly parameters: SearchParameters;
  private readonly root: Resource;
  private readonly options: ReferenceOptions;
  private readonly contained: ReadonlyMap<string, Resource>;
  /** The contained resources that have been added, each under the names that lead to it. */
  private readonly added = new Set<string>();

  constructor(parameters: SearchParameters, root: Resource, options: ReferenceOptions) {
    this.parameters = parameters;
    this.root = root;
    this.options = options;
    this.contained = containedIn(root);
  }

  entries(): Entries {
    return {
      terms: [...this.terms].sort(),
      intervals: this.intervals,
      sort: this.sort,
      words: wordsOf(this.root),
    };
  }

  /** Adds the values of a resource; those of a contained one under the names of the references that lead to it. */
  add(resource: Resource, prefix: string): void {
    for (const parameter of this.parameters.of(resource.resourceType).values()) {
      if (ofTheRow.has(parameter.name) || parameter.parts.length > 0) continue;
      const encoding =
        parameter.type === 'composite'
          ? this.composite(parameter, resource)
          : encodeAll(parameter, resource, this.options);
      this.collect(prefix + parameter.name, encoding);
      if (prefix === '' && encoding.sort.length > 0) this.sort[parameter.name] = ends(encoding.sort);
      if (parameter.type === 'reference' && prefix[0] !== '#' && this.holdsTargets(parameter))
        this.follow(parameter, resource, `${prefix}${parameter.name}:`);
    }
    if (prefix === '') this.sortByWholes(resource.resourceType);
  }

  /** Adds the values of all contained resources, for searches that are for them. */
  addContained(): void {
    for (const contained of this.contained.values()) {
      const names = `#${contained.resourceType}.`;
      this.terms.add(`${names}|`);
      this.add(contained, names);
    }
  }

  /** What is kept as its parts is sorted by the smallest and largest of their values. */
  private sortByWholes(type: string): void {
    for (const { name, parts } of this.parameters.of(type).values()) {
      const keys = parts.flatMap((part) => this.sort[part.name] ?? []);
      if (keys.length > 0) this.sort[name] = ends(keys);
    }
  }

  private collect(name: string, { terms, intervals }: Encoding): void {
    for (const term of terms) this.terms.add(name + term);
    for (const { suffix, low, high } of intervals) this.intervals.push({ name: name + suffix, low, high });
  }

  private composite(parameter: Parameter, resource: Resource): Encoding {
    const encoding = emptyEncoding();
    parameter.paths.forEach((path, at) => {
      path.read(resource, resource, ({ value }) => {
        if (!isElement(value)) return;
        const parts = parameter.components[at]!.map((component) =>
          encodeAll(component, component.ofResource ? resource : value, this.options, resource),
        );
        encodeComposite(parts, encoding);
        if (encoding.terms.length + encoding.intervals.length > mostCombinations)
          throw refuse(refusals.tooManyCombinations, [parameter.name, String(mostCombinations)]);
      });
    });
    return encoding;
  }

  /** Whether references of a parameter may lead to resources inside of this one. */
  private holdsTargets({ types }: Parameter): boolean {
    return this.contained.size > 0 || types?.has('Resource') === true;
  }

  /**
   * "A chained condition will be evaluated inside contained resources"
   * (http://hl7.org/fhir/R4/search.html#contained): what a reference leads to inside of the resource is found by
   * `medication:Medication.code|…`. The first resource of a document or message is found so, too.
   */
  private follow(parameter: Parameter, resource: Resource, prefix: string): void {
    for (const path of parameter.paths) {
      path.read(resource, this.root, ({ value }) => {
        const target = isResource(value) ? value : this.containedTarget(value);
        if (!target || !parameter.targets.includes(target.resourceType)) return;
        const names = `${prefix}${target.resourceType}.`;
        if (names.split('.').length > deepest || this.added.has(`${names}#${target.id}`)) return;
        this.added.add(`${names}#${target.id}`);
        this.terms.add(`${names}|`);
        this.add(target, names);
      });
    }
  }

  private containedTarget(value: unknown): Resource | undefined {
    const reference = isElement(value) ? value.reference : undefined;
    if (typeof reference !== 'string' || reference[0] !== '#') return undefined;
    return this.contained.get(reference.slice(1));
  }
}

/** The contained resources by their ids. */
function containedIn({ contained }: Resource): ReadonlyMap<string, Resource> {
  const resources = Array.isArray(contained) ? contained.filter(isResource) : [];
  return new Map(resources.map((resource) => [resource.id ?? '', resource]));
}

/** Contained resources are followed from the resource, and from one contained resource to another. */
const deepest = 3;

function encodeAll(
  parameter: Parameter | Component,
  focus: Element,
  options: ReferenceOptions,
  resource: Resource = focus as Resource,
): Encoding {
  const encoding = emptyEncoding();
  const encode = encoders[parameter.type];
  for (const path of parameter.paths) {
    path.read(focus, resource, (value) => encode(value, encoding, parameter, path, options));
  }
  return encoding;
}

const encoders: Record<
  ParameterType,
  (
    value: TypedValue,
    into: Encoding,
    parameter: Parameter | Component,
    path: Path,
    options: ReferenceOptions,
  ) => void
> = {
  token: (value, into, parameter) => encodeToken(value, parameter, into),
  reference: (value, into, parameter, path, options) =>
    isResource(value.value)
      ? encodeNested(value.value, parameter.targets, into)
      : encodeReference(value, path.targets, options, into),
  string: encodeString,
  date: encodeDate,
  number: encodeNumber,
  quantity: encodeQuantity,
  uri: encodeUri,
  composite: () => {},
  special: encodeNear,
};

function ends(keys: Encoding['sort']): { low: string | number; high: string | number } {
  let { low, high } = keys[0]!;
  for (const key of keys) {
    if (key.low < low) low = key.low;
    if (key.high > high) high = key.high;
  }
  return { low, high };
}
