import type { Definitions } from '../definitions/definitions.ts';
import type { Resource } from '../resource.ts';
import { type CodeTable, codeTableOf } from '../terminology/code-table.ts';
import type { CodeSystem as TabledSystem } from '../terminology/concept.ts';
import { codeRules } from './code-rules.ts';
import { type Concept, codesOf, type Filter, select } from './concepts.ts';
import { atMost, nothingKnown, type OpenPart, partsInBoth, partsOf, without } from './open-parts.ts';

/** What is known of the codes of a value set. */
export interface ValueSetContents {
  /** The codes that are listed, by system. */
  readonly listed: ReadonlyMap<string, ReadonlySet<string>>;
  /** Systems that are included, but whose codes are not listed here: what is known of them, any of which can be met. */
  readonly open: ReadonlyMap<string, readonly OpenPart[]>;
  /** True when a part of the value set cannot be had at all, so that any code may be in it. */
  readonly incomplete: boolean;
}

interface CodeSystem extends Resource {
  content: string;
  concept?: Concept[];
}
interface Include {
  system?: string;
  version?: string;
  concept?: { code: string }[];
  filter?: Filter[];
  valueSet?: string[];
}
interface ValueSet extends Resource {
  compose?: { include: Include[]; exclude?: Include[] };
  expansion?: { contains?: Contains[] };
}
interface Contains {
  system?: string;
  code?: string;
  abstract?: boolean;
  contains?: Contains[];
}

type Codes = Map<string, Set<string>>;
interface Draft {
  listed: Codes;
  open: Map<string, readonly OpenPart[]>;
  incomplete: boolean;
}

/** Value sets and code systems, expanded once and when first asked for. */
export interface ValueSets {
  /** The contents of a value set, or undefined when it is not among the definitions. */
  find(url: string): ValueSetContents | undefined;
  /** The contents of a value set that is at hand. */
  expand(valueSet: object): ValueSetContents;
  /** The codes of a code system that is known completely, or undefined. */
  codesOf(system: string): ReadonlySet<string> | undefined;
  /** The tables of a code system, where it has any: of that version, else of all. */
  tablesOf(system: string, version?: string): readonly CodeTable[];
  /** Another number whenever definitions have changed. */
  readonly generation: number;
  /** To be told that definitions have changed. */
  forget(): void;
}

/**
 * Expands the value sets of the definitions as far as the definitions go
 * (http://hl7.org/fhir/R4/valueset.html#compositions).
 */
export function createValueSets(definitions: Definitions): ValueSets {
  const contents = new Map<string, Draft | undefined>();
  const systems = new Map<string, Set<string>>();
  const tables = new WeakMap<CodeSystem, CodeTable | 'none'>();
  let generation = 0;

  function find(url: string): Draft | undefined {
    const canonical = url.split('|', 1)[0]!;
    const valueSet = definitions.find<ValueSet>('ValueSet', canonical);
    if (!valueSet || contents.has(canonical)) return contents.get(canonical);
    contents.set(canonical, undefined); // A value set that includes itself adds nothing.
    const expanded = expand(valueSet);
    contents.set(canonical, expanded);
    return expanded;
  }

  function expand({ compose, expansion }: Pick<ValueSet, 'compose' | 'expansion'>): Draft {
    const draft: Draft = { listed: new Map(), open: new Map(), incomplete: false };
    if (compose) {
      for (const include of compose.include) merge(draft, included(include));
      for (const exclude of compose.exclude ?? []) subtract(draft, included(exclude));
    } else if (expansion) {
      list(expansion.contains ?? [], draft.listed);
    } else {
      draft.incomplete = true;
    }
    return draft;
  }

  /** All conditions of an include hold at once: the system's codes, and membership in every value set. */
  function included({ system, version, concept, filter, valueSet }: Include): Draft {
    const parts = (valueSet ?? []).map((url) => find(url) ?? unknown());
    if (system) parts.unshift(fromSystem(system, version, concept, filter));
    return parts.length > 0 ? parts.reduce(intersect) : unknown();
  }

  function fromSystem(
    system: string,
    version: string | undefined,
    concept?: { code: string }[],
    filters: Filter[] = [],
  ): Draft {
    if (concept) return listed(system, new Set(concept.map(({ code }) => code)));
    const tables = tablesOf(system, version);
    if (tables.length > 0) return open(system, partsOf(tables, filters));
    const all = allCodes(system);
    if (!all) return open(system);
    const concepts = filters.length > 0 ? conceptsOf(system) : [];
    let codes = all;
    for (const filter of filters) {
      const selected = select(concepts, filter);
      if (!selected) return open(system);
      codes = codes.intersection(selected);
    }
    return listed(system, codes);
  }

  function allCodes(system: string): Set<string> | undefined {
    const known = systems.get(system);
    if (known) return known;
    const complete = definitions.find<CodeSystem>('CodeSystem', system)?.content === 'complete';
    if (!complete || codeRules.has(system)) return undefined;
    const codes = codesOf(conceptsOf(system));
    systems.set(system, codes);
    return codes;
  }

  function conceptsOf(system: string): Concept[] {
    return definitions.find<CodeSystem>('CodeSystem', system)?.concept ?? [];
  }

  function tableOf(edition: CodeSystem): CodeTable | undefined {
    const known = tables.get(edition) ?? codeTableOf(edition as TabledSystem & CodeSystem) ?? 'none';
    tables.set(edition, known);
    return known === 'none' ? undefined : known;
  }

  function tablesOf(system: string, version?: string): readonly CodeTable[] {
    const editions = definitions.editions?.<CodeSystem>('CodeSystem', system) ?? [];
    const tables = editions.flatMap((edition) => tableOf(edition) ?? []);
    return version === undefined ? tables : tables.filter((table) => table.system.version === version);
  }

  return {
    find,
    expand,
    tablesOf,
    codesOf: allCodes,
    get generation() {
      return generation;
    },
    forget: () => {
      generation++;
      contents.clear();
      systems.clear();
    },
  };
}

function listed(system: string, codes: Set<string>): Draft {
  return { listed: new Map([[system, codes]]), open: new Map(), incomplete: false };
}

function open(system: string, parts: readonly OpenPart[] = [nothingKnown]): Draft {
  return { listed: new Map(), open: new Map([[system, parts]]), incomplete: false };
}

function unknown(): Draft {
  return { listed: new Map(), open: new Map(), incomplete: true };
}

function list(contains: Contains[], into: Codes): void {
  for (const { system = '', code, abstract, contains: inner } of contains) {
    if (code !== undefined && !abstract) {
      const codes = into.get(system) ?? new Set();
      into.set(system, codes.add(code));
    }
    if (inner) list(inner, into);
  }
}

function merge(into: Draft, from: Draft): void {
  for (const [system, codes] of from.listed) {
    into.listed.set(system, (into.listed.get(system) ?? new Set()).union(codes));
  }
  for (const [system, parts] of from.open)
    into.open.set(system, [...(into.open.get(system) ?? []), ...parts]);
  into.incomplete ||= from.incomplete;
}

/** What both have. Where one of them is only known by its systems, the codes that the other lists stand. */
function intersect(one: Draft, other: Draft): Draft {
  const both: Draft = {
    listed: new Map(),
    open: new Map(),
    incomplete: one.incomplete && other.incomplete,
  };
  for (const [system, parts] of one.open) {
    const others = other.open.get(system);
    if (others) both.open.set(system, partsInBoth(parts, others));
  }
  for (const [draft, counterpart] of [
    [one, other],
    [other, one],
  ] as const) {
    for (const [system, codes] of draft.listed) {
      const rest = counterpart.listed.get(system);
      if (rest) both.listed.set(system, codes.intersection(rest));
      else if (counterpart.open.has(system) || counterpart.incomplete) both.listed.set(system, codes);
    }
    if (counterpart.incomplete)
      for (const [system, parts] of draft.open)
        if (!both.open.has(system)) both.open.set(system, atMost(parts));
  }
  return both;
}

/** What is listed loses no code of which only its system is known: it stays, so that no right code is refused. */
function subtract(from: Draft, excluded: Draft): void {
  for (const [system, parts] of from.open)
    from.open.set(system, without(parts, excluded.open.get(system) ?? [], excluded.listed.get(system)));
  for (const [system, codes] of excluded.listed) {
    const rest = from.listed.get(system);
    if (rest) from.listed.set(system, rest.difference(codes));
  }
}
