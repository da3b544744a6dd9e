import type { Definitions } from '../definitions/definitions.ts';
import type { Resource } from '../resource.ts';
import { codeRules } from './code-rules.ts';
import { type Concept, codesOf, type Filter, select } from './concepts.ts';

/** What is known of the codes of a value set. */
export interface ValueSetContents {
  /** The codes that are listed, by system. */
  readonly listed: ReadonlyMap<string, ReadonlySet<string>>;
  /** Systems that are included, but whose codes cannot be listed here: all that is known is a rule, or nothing. */
  readonly open: ReadonlySet<string>;
  /** True when a part of the value set cannot be had at all, so that any code may be in it. */
  readonly incomplete: boolean;
}

interface CodeSystem extends Resource {
  content: string;
  concept?: Concept[];
}
interface Include {
  system?: string;
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
  open: Set<string>;
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
    const draft: Draft = { listed: new Map(), open: new Set(), incomplete: false };
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
  function included({ system, concept, filter, valueSet }: Include): Draft {
    const parts = (valueSet ?? []).map((url) => find(url) ?? unknown());
    if (system) parts.unshift(fromSystem(system, concept, filter));
    return parts.length > 0 ? parts.reduce(intersect) : unknown();
  }

  function fromSystem(system: string, concept?: { code: string }[], filters: Filter[] = []): Draft {
    if (concept) return listed(system, new Set(concept.map(({ code }) => code)));
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

  return {
    find,
    expand,
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
  return { listed: new Map([[system, codes]]), open: new Set(), incomplete: false };
}

function open(system: string): Draft {
  return { listed: new Map(), open: new Set([system]), incomplete: false };
}

function unknown(): Draft {
  return { listed: new Map(), open: new Set(), incomplete: true };
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
  for (const system of from.open) into.open.add(system);
  into.incomplete ||= from.incomplete;
}

/** What both have. Where one of them is only known by its systems, the codes that the other lists stand. */
function intersect(one: Draft, other: Draft): Draft {
  const both: Draft = {
    listed: new Map(),
    open: one.open.intersection(other.open),
    incomplete: one.incomplete && other.incomplete,
  };
  for (const [draft, counterpart] of [
    [one, other],
    [other, one],
  ] as const) {
    for (const [system, codes] of draft.listed) {
      const rest = counterpart.listed.get(system);
      if (rest) both.listed.set(system, codes.intersection(rest));
      else if (counterpart.open.has(system) || counterpart.incomplete) both.listed.set(system, codes);
    }
    if (counterpart.incomplete) for (const system of draft.open) both.open.add(system);
  }
  return both;
}

/** What is only known by its system cannot be taken away: it stays, so that no right code is refused. */
function subtract(from: Draft, excluded: Draft): void {
  for (const [system, codes] of excluded.listed) {
    const rest = from.listed.get(system);
    if (rest) from.listed.set(system, rest.difference(codes));
  }
}
