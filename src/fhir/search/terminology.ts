import type { Definitions } from '../definitions/definitions.ts';
import type { Resource } from '../resource.ts';
import { type Hierarchy, type Placed, reachable, readHierarchy } from '../terminology/hierarchy.ts';

/** A concept of a code system; without a code all concepts of the system. */
export interface Concept {
  system: string;
  code?: string;
}

/** What searches need to know of code systems and value sets. */
export interface Terminology {
  /** The concepts of a value set; undefined when it is not known, or cannot be listed. */
  conceptsOf(valueSet: string): readonly Concept[] | undefined;
  /** The concepts below one in its hierarchy; without a system, in every one that has the code. */
  subsumedBy(code: string, system?: string): readonly Concept[];
  /** The concepts above one in its hierarchy. */
  subsuming(code: string, system?: string): readonly Concept[];
}

interface CodeSystem extends Resource {
  url: string;
  content?: string;
  concept?: Placed[];
}

interface ValueSet extends Resource {
  compose?: { include: ConceptSet[]; exclude?: ConceptSet[] };
  expansion?: { contains?: Contained[] };
}

/** A concept of an expansion. */
interface Contained {
  system?: string;
  code?: string;
  contains?: Contained[];
}

interface ConceptSet {
  system?: string;
  concept?: { code: string }[];
  filter?: { property: string; op: string; value: string }[];
  valueSet?: string[];
}

/** A value set that imports others imports them no deeper than this. */
const deepest = 10;

/** The terminology of the CodeSystems and ValueSets of the definitions; each is read when it is first asked for. */
export function createTerminology(definitions: Definitions): Terminology {
  const hierarchies = new Map<string, Hierarchy>();
  const valueSets = new Map<string, readonly Concept[] | undefined>();

  function hierarchyOf(system: string): Hierarchy {
    let hierarchy = hierarchies.get(system);
    if (!hierarchy) {
      hierarchy = readHierarchy(definitions.find<CodeSystem>('CodeSystem', system)?.concept ?? []);
      hierarchies.set(system, hierarchy);
    }
    return hierarchy;
  }

  function systemsOf(code: string, system: string | undefined): readonly string[] {
    if (system !== undefined) return [system];
    return definitions
      .all<CodeSystem>('CodeSystem')
      .map(({ url }) => url)
      .filter((url) => hierarchyOf(url).children.has(code));
  }

  function along(code: string, system: string | undefined, relation: keyof Hierarchy): Concept[] {
    return systemsOf(code, system).flatMap((each) =>
      [...reachable(code, hierarchyOf(each)[relation])].map((found) => ({ system: each, code: found })),
    );
  }

  function conceptsOf(url: string, depth: number): readonly Concept[] | undefined {
    const { compose: include, expansion } = definitions.find<ValueSet>('ValueSet', url) ?? {};
    if (!include) return expansion && expanded(expansion.contains ?? []);
    if (depth > deepest) return undefined;
    const included = union(include.include.map((set) => conceptsOfSet(set, depth)));
    const excluded = union((include.exclude ?? []).map((set) => conceptsOfSet(set, depth)));
    if (!included || !excluded) return undefined;
    return excluded.length === 0 ? included : difference(included, excluded);
  }

  function conceptsOfSet({ system, concept, filter, valueSet }: ConceptSet, depth: number) {
    const parts: (readonly Concept[] | undefined)[] = (valueSet ?? []).map((url) =>
      conceptsOf(url, depth + 1),
    );
    if (system !== undefined) {
      if (concept) parts.push(concept.map(({ code }) => ({ system, code })));
      else if (filter) parts.push(filtered(system, filter));
      else parts.push([{ system }]);
    }
    return parts.reduce((left, right) => left && right && intersection(left, right));
  }

  function filtered(
    system: string,
    filters: readonly { property: string; op: string; value: string }[],
  ): readonly Concept[] | undefined {
    const hierarchy = hierarchyOf(system);
    if (hierarchy.children.size === 0) return undefined;
    const parts = filters.map(({ property, op, value }) => {
      if (property !== 'concept' && property !== 'code') return undefined;
      if (op === 'is-a') return [value, ...reachable(value, hierarchy.children)];
      if (op === 'descendent-of') return [...reachable(value, hierarchy.children)];
      if (op === 'is-not-a') {
        const below = new Set([value, ...reachable(value, hierarchy.children)]);
        return [...hierarchy.children.keys()].filter((code) => !below.has(code));
      }
      if (op === 'in') return value.split(',').map((code) => code.trim());
      return op === '=' ? [value] : undefined;
    });
    return parts
      .map((codes) => codes?.map((code) => ({ system, code })))
      .reduce<readonly Concept[] | undefined>(
        (left, right) => left && right && intersection(left, right),
        [{ system }],
      );
  }

  return {
    conceptsOf(url) {
      if (!valueSets.has(url)) {
        // What is not known is not remembered: there is no end of it.
        const found = conceptsOf(url, 0);
        if (!found) return undefined;
        valueSets.set(url, found);
      }
      return valueSets.get(url);
    },
    subsumedBy: (code, system) => along(code, system, 'children'),
    subsuming: (code, system) => along(code, system, 'parents'),
  };
}

function expanded(contains: readonly Contained[]): Concept[] {
  return contains.flatMap(({ system, code, contains: below = [] }) => [
    ...(system === undefined || code === undefined ? [] : [{ system, code }]),
    ...expanded(below),
  ]);
}

function union(sets: readonly (readonly Concept[] | undefined)[]): readonly Concept[] | undefined {
  return sets.some((set) => set === undefined) ? undefined : sets.flatMap((set) => set!);
}

function intersection(left: readonly Concept[], right: readonly Concept[]): readonly Concept[] {
  const both = [...left.filter(isAmong(right)), ...right.filter(isAmong(left))];
  return [...new Map(both.map((concept) => [keyOf(concept), concept])).values()];
}

/** A whole system from which some codes are taken away cannot be listed: undefined. */
function difference(from: readonly Concept[], taken: readonly Concept[]): readonly Concept[] | undefined {
  const touched = new Set(taken.filter(({ code }) => code !== undefined).map(({ system }) => system));
  if (from.some(({ system, code }) => code === undefined && touched.has(system))) return undefined;
  const isTaken = isAmong(taken);
  return from.filter((concept) => !isTaken(concept));
}

/** Tells whether a concept is one of these, or of a system that is among them as a whole. */
function isAmong(concepts: readonly Concept[]): (concept: Concept) => boolean {
  const keys = new Set(concepts.map(keyOf));
  return (concept) => keys.has(keyOf(concept)) || keys.has(keyOf({ system: concept.system }));
}

function keyOf({ system, code }: Concept): string {
  return code === undefined ? system : `${system}|${code}`;
}
