import type { CodeSource } from './code-source.ts';
import type { Entry } from './concept.ts';
import { isInactive } from './concept.ts';
import { foundAmong } from './found-among.ts';
import { deepest, inSet, membership } from './membership.ts';
import { readTyped, type TypedText } from './typed-text.ts';
import type { ConceptSet, Contains, Sources, ValueSet } from './value-set.ts';

/** A concept of an expansion, with what its code system says of it. */
export interface Expanded {
  system: string;
  version?: string;
  /** The language of its display, where it is said. */
  language?: string;
  entry: Entry;
}

/** What keeps a value set from being expanded: a system or value set whose codes cannot be had here. */
export class NotExpandable extends Error {
  readonly missing: string;

  constructor(missing: string) {
    super(`${missing} cannot be listed`);
    this.missing = missing;
  }
}

/** So many codes of a list are looked up at once. */
const askedAtOnce = 100;

/** What is wanted of an expansion. */
export interface Wanted {
  /** As a person typed it; see `typed-text.ts`. */
  text?: string;
  activeOnly?: boolean;
  /** Told of each system of which only some of the codes are here. */
  onFragment?: (system: string) => void;
}

/**
 * The concepts of a value set, each once, in the order of its definition
 * (http://hl7.org/fhir/R4/valueset.html#expansion). They are made as they are read: who wants ten reads ten. Throws
 * NotExpandable when what it includes or excludes cannot be listed here.
 */
export async function* expand(
  valueSet: ValueSet,
  sources: Sources,
  wanted: Wanted = {},
): AsyncGenerator<Expanded> {
  const typed = wanted.text === undefined ? undefined : readTyped(wanted.text);
  for await (const concept of members(valueSet, sources, wanted, typed, 0))
    if (!wanted.activeOnly || !isInactive(concept.entry)) yield concept;
}

/** The codes of a value set that is a whole table, where it is one: they can be counted and read from any place. */
export async function wholeTable({ compose }: ValueSet, sources: Sources): Promise<CodeSource | undefined> {
  const [only, ...others] = compose?.include ?? [];
  if (!only?.system || others.length > 0 || compose?.exclude || compose?.inactive === false) return undefined;
  const { system, version, concept, filter, valueSet } = only;
  if (concept || filter || valueSet) return undefined;
  const source = await sources.codes(system, version);
  return source?.whole ? source : undefined;
}

async function* members(
  { compose, expansion, url }: ValueSet,
  sources: Sources,
  wanted: Wanted,
  typed: TypedText | undefined,
  depth: number,
): AsyncGenerator<Expanded> {
  if (depth > deepest || (!compose && !expansion)) throw new NotExpandable(String(url));
  if (!compose) {
    yield* foundAmong(listed(expansion!.contains ?? []), ({ entry }) => entry, typed);
    return;
  }
  const seen = new Set<string>();
  const exclude = compose.exclude ?? [];
  for (const include of compose.include) {
    for await (const concept of membersOf(include, sources, wanted, typed, depth)) {
      const key = `${concept.system}|${concept.entry.code}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (compose.inactive === false && isInactive(concept.entry)) continue;
      if (!(await isIn(concept, exclude, sources, depth))) yield concept;
    }
  }
}

async function* membersOf(
  include: ConceptSet,
  sources: Sources,
  wanted: Wanted,
  typed: TypedText | undefined,
  depth: number,
): AsyncGenerator<Expanded> {
  const { system, valueSet = [] } = include;
  if (system !== undefined) {
    const imports = valueSet.map((url): ConceptSet => ({ valueSet: [url] }));
    for await (const concept of ofSystem(include, sources, wanted, typed))
      if (await isInAll(concept, imports, sources, depth)) yield concept;
    return;
  }
  const [first, ...others] = valueSet;
  if (first === undefined) return;
  const imported = await sources.valueSet(first);
  if (!imported) throw new NotExpandable(first);
  const rest = others.map((url): ConceptSet => ({ valueSet: [url] }));
  for await (const concept of members(imported, sources, wanted, typed, depth + 1))
    if (await isInAll(concept, rest, sources, depth)) yield concept;
}

async function* ofSystem(
  { system, version, concept, filter = [] }: ConceptSet,
  sources: Sources,
  { onFragment }: Wanted,
  typed: TypedText | undefined,
): AsyncGenerator<Expanded> {
  const source = await sources.codes(system!, version);
  const about = {
    system: system!,
    ...(source?.version !== undefined && { version: source.version }),
    ...(source?.language !== undefined && { language: source.language }),
  };
  if (concept) {
    for (let from = 0; from < concept.length; from += askedAtOnce) {
      const some = concept.slice(from, from + askedAtOnce);
      const entries = await Promise.all(
        some.map(async (named): Promise<Entry> => ({ ...(await source?.find(named.code)), ...named })),
      );
      for await (const entry of foundAmong(entries, (each) => each, typed)) yield { ...about, entry };
    }
    return;
  }
  const selected = source?.select(filter, typed);
  if (!selected) throw new NotExpandable(system!);
  if (!source!.isComplete) onFragment?.(system!);
  for await (const entry of selected) yield { ...about, entry };
}

function* listed(contains: readonly Contains[]): Generator<Expanded> {
  for (const { system, version, code, display, designation, abstract, contains: below = [] } of contains) {
    if (system !== undefined && code !== undefined && !abstract) {
      const entry = {
        code,
        ...(display !== undefined && { display }),
        ...(designation && { designation }),
      };
      yield { system, ...(version !== undefined && { version }), entry };
    }
    yield* listed(below);
  }
}

async function isIn(
  { system, entry }: Expanded,
  sets: readonly ConceptSet[],
  sources: Sources,
  depth: number,
) {
  for (const set of sets) {
    const found = await inSet({ system, code: entry.code }, set, sources, depth);
    if (found.is === 'unknown') throw new NotExpandable(found.unknown);
    if (found.is === 'in') return true;
  }
  return false;
}

async function isInAll(
  { system, entry }: Expanded,
  sets: readonly ConceptSet[],
  sources: Sources,
  depth: number,
): Promise<boolean> {
  for (const { valueSet } of sets) {
    const [url] = valueSet!;
    const imported = await sources.valueSet(url!);
    if (!imported) throw new NotExpandable(url!);
    const found = await membership({ system, code: entry.code }, imported, sources, depth + 1);
    if (found.is === 'unknown') throw new NotExpandable(found.unknown);
    if (found.is === 'out') return false;
  }
  return true;
}
