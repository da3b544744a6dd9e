import { or, type Query } from '../fhir/search/query.ts';
import type { Match, Reader } from '../store/store.ts';

/** An `_include` or `_revinclude` (http://hl7.org/fhir/R4/search.html#include). */
export interface Include {
  /** The type that has the reference. */
  type: string;
  /** The parameter that holds the reference, or `*` for all of them. */
  parameter: string;
  /** Only references to this type. */
  target?: string;
  /** Also follow from what was included. */
  iterate: boolean;
}

/** What was found by following includes; `complete` is false when a bound cut it short. */
export interface Included {
  matches: Match[];
  complete: boolean;
}

/** Bounds: how many resources may be included, how often references are followed, how many ids one question names. */
const mostIncluded = 1_000;
const mostRounds = 8;
const idsAtOnce = 200;

const referenceTerm = /^([^|]+)\|>([A-Z][A-Za-z]*)\/([A-Za-z0-9\-.]{1,64})$/;

/** Follows the includes of a page of matches. A resource that is among the matches is not included again. */
export async function followIncludes(
  reader: Reader,
  matches: readonly Match[],
  includes: readonly Include[],
  revincludes: readonly Include[],
  referenceParameters: (type: string) => readonly string[],
): Promise<Included> {
  const seen = new Set(matches.map(keyOf));
  const included: Match[] = [];
  let from = matches;
  for (let round = 0; from.length > 0 && round < mostRounds; round++) {
    const active = <T extends Include>(list: readonly T[]) =>
      round === 0 ? list : list.filter((include) => include.iterate);
    const found = [
      ...(await forward(reader, from, active(includes))),
      ...(await backward(reader, from, active(revincludes), referenceParameters)),
    ];
    const fresh: Match[] = [];
    for (const match of found) {
      const key = keyOf(match);
      if (seen.has(key)) continue;
      if (included.length + fresh.length >= mostIncluded)
        return { matches: [...included, ...fresh], complete: false };
      seen.add(key);
      fresh.push(match);
    }
    included.push(...fresh);
    from = fresh;
  }
  return { matches: included, complete: true };
}

async function forward(
  reader: Reader,
  from: readonly Match[],
  includes: readonly Include[],
): Promise<Match[]> {
  const wanted = new Map<string, Set<string>>();
  for (const match of from) {
    const ofType = includes.filter((include) => include.type === match.version.type || include.type === '*');
    if (ofType.length === 0) continue;
    for (const term of match.terms) {
      const [, parameter, type, id] = referenceTerm.exec(term) ?? [];
      if (!type) continue;
      const asked = ofType.some(
        (include) =>
          (include.parameter === '*' || include.parameter === parameter) && (include.target ?? type) === type,
      );
      if (asked) wanted.set(type, (wanted.get(type) ?? new Set()).add(id!));
    }
  }
  const found: Match[] = [];
  for (const [type, ids] of wanted) {
    for (const chunk of chunks([...ids]))
      found.push(...(await searchAll(reader, type, { kind: 'id', ids: chunk })));
  }
  return found;
}

async function backward(
  reader: Reader,
  from: readonly Match[],
  revincludes: readonly Include[],
  referenceParameters: (type: string) => readonly string[],
): Promise<Match[]> {
  const found: Match[] = [];
  for (const { type, parameter, target } of revincludes) {
    const names = parameter === '*' ? referenceParameters(type) : [parameter];
    const targets = from.filter((match) => target === undefined || match.version.type === target);
    for (const chunk of chunks(targets)) {
      const terms = chunk.flatMap(({ version }) =>
        names.map((name) => `${name}|>${version.type}/${version.id}`),
      );
      found.push(
        ...(await searchAll(reader, type, or(terms.map((term) => ({ kind: 'term', term }) as const)))),
      );
    }
  }
  return found;
}

function searchAll(reader: Reader, type: string, filter: Query): Promise<Match[]> {
  return reader.search({ type, filter, sort: [], limit: mostIncluded + 1 });
}

function chunks<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / idsAtOnce) }, (_, index) =>
    items.slice(index * idsAtOnce, (index + 1) * idsAtOnce),
  );
}

function keyOf({ version }: Match): string {
  return `${version.type}/${version.id}`;
}
