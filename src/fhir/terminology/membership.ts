import type { Coding } from '../resource.ts';
import { codeRules } from '../validation/code-rules.ts';
import type { Entry } from './concept.ts';
import type { ConceptSet, Contains, Sources, ValueSet } from './value-set.ts';

/** A value set that imports others imports them no deeper than this. */
export const deepest = 10;

/** Whether a code is in a value set, and what is known of it; `unknown` names what would have to be known. */
export type Membership = { is: 'in'; entry: Entry } | { is: 'out' } | { is: 'unknown'; unknown: string };

const out: Membership = { is: 'out' };

/** Whether a code of a system is in a value set (http://hl7.org/fhir/R4/valueset.html#compositions). */
export async function membership(
  coding: Coding,
  valueSet: ValueSet,
  sources: Sources,
  depth = 0,
): Promise<Membership> {
  const { compose, expansion, url } = valueSet;
  if (depth > deepest) return { is: 'unknown', unknown: String(url) };
  if (!compose)
    return expansion ? listed(coding, expansion.contains ?? []) : { is: 'unknown', unknown: String(url) };
  const included = await anyOf(coding, compose.include, sources, depth);
  if (included.is === 'out') return included;
  const excluded = await anyOf(coding, compose.exclude ?? [], sources, depth);
  if (excluded.is === 'in') return out;
  return excluded.is === 'unknown' ? excluded : included;
}

async function anyOf(
  coding: Coding,
  sets: readonly ConceptSet[],
  sources: Sources,
  depth: number,
): Promise<Membership> {
  let result: Membership = out;
  for (const set of sets) {
    const found = await inSet(coding, set, sources, depth);
    if (found.is === 'in') return found;
    if (found.is === 'unknown') result = found;
  }
  return result;
}

/** Whether a code is among those of an include or exclude: in its system, and in every value set that it names. */
export async function inSet(
  coding: Coding,
  set: ConceptSet,
  sources: Sources,
  depth: number,
): Promise<Membership> {
  let result: Membership | undefined =
    set.system === undefined ? undefined : await inSystem(coding, set, sources);
  if (result?.is === 'out') return out;
  for (const url of set.valueSet ?? []) {
    const imported = await sources.valueSet(url);
    const found = imported
      ? await membership(coding, imported, sources, depth + 1)
      : ({ is: 'unknown', unknown: url } as const);
    if (found.is === 'out') return out;
    if (result?.is !== 'unknown') result = found.is === 'in' && result?.is === 'in' ? result : found;
  }
  return result ?? out;
}

async function inSystem(
  { system, code }: Coding,
  { system: wanted, version, concept, filter = [] }: ConceptSet,
  sources: Sources,
): Promise<Membership> {
  if (system !== wanted || code === undefined) return out;
  const source = await sources.codes(wanted!, version);
  const entry = await source?.find(code);
  if (concept) {
    const named = concept.find((each) => each.code === (entry?.code ?? code));
    return named ? { is: 'in', entry: { ...entry, ...named } } : out;
  }
  if (!source) return byRule(wanted!, code);
  if (!entry) return source.isComplete ? out : { is: 'unknown', unknown: wanted! };
  if (filter.length === 0) return { is: 'in', entry };
  const passes = await source.passes(entry.code, filter);
  if (passes === undefined) return { is: 'unknown', unknown: wanted! };
  return passes ? { is: 'in', entry } : out;
}

/** Systems whose codes are built rather than listed, such as UCUM. */
function byRule(system: string, code: string): Membership {
  const rule = codeRules.get(system);
  if (!rule) return { is: 'unknown', unknown: system };
  return rule(code) ? { is: 'in', entry: { code } } : out;
}

function listed(coding: Coding, contains: readonly Contains[]): Membership {
  for (const { system, code, display, designation, contains: below = [] } of contains) {
    if (system === coding.system && code !== undefined && code === coding.code)
      return {
        is: 'in',
        entry: { code, ...(display !== undefined && { display }), ...(designation && { designation }) },
      };
    const found = listed(coding, below);
    if (found.is === 'in') return found;
  }
  return out;
}
