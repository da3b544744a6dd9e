import type { Definitions } from '../fhir/definitions/definitions.ts';
import { readJson } from '../fhir/json/parse.ts';
import type { Resource } from '../fhir/resource.ts';
import { and, type Query } from '../fhir/search/query.ts';
import { referenceTo } from '../fhir/search/types/reference.ts';
import { alternatives, literal, split } from '../fhir/search/values.ts';
import type { QueryParameter } from './request.ts';
import type { ReadingServer } from './server.ts';

/** So many value sets and code systems of the store may serve one search. */
const most = 100;

type TerminologyType = 'ValueSet' | 'CodeSystem' | 'ConceptMap';

/** A value set, code system or concept map by its canonical URL, or `ValueSet/[id]`. */
export type Wanted = readonly [type: TerminologyType, reference: string];

/**
 * The server with the value sets and code systems of its own store that a search names with `:in`, `:not-in`, `:above`
 * or `:below`: "The reference may be literal (to an address where the value set can be found) or logical (a reference to
 * ValueSet.url)" (http://hl7.org/fhir/R4/search.html#token). What the store has counts more than what is built in.
 */
export async function withStoredTerminology(
  server: ReadingServer,
  query: readonly QueryParameter[],
): Promise<ReadingServer> {
  const wanted = query.flatMap(([name, value]) => namedBy(name, value));
  if (wanted.length === 0) return server;
  const stored = new Map<string, Resource>();
  for (const next of wanted) {
    const key = keyOf(next);
    if (stored.has(key) || stored.size >= most) continue;
    const found = await findStored(server, next);
    if (!found) continue;
    stored.set(key, found);
    // What a value set is made of is looked for in turn.
    wanted.push(...partsOf(found));
  }
  return stored.size === 0 ? server : { ...server, definitions: over(server.definitions, stored) };
}

function namedBy(name: string, value: string): Wanted[] {
  const [, modifier] = /:(in|not-in|above|below)$/.exec(name) ?? [];
  if (modifier === 'in' || modifier === 'not-in')
    return alternatives(name, value).map((each) => ['ValueSet', literal(each)]);
  if (modifier !== undefined)
    return alternatives(name, value).flatMap((each) => systemOf(split(each, '|').map(literal)));
  if (name !== '_filter') return [];
  return [...value.matchAll(/ (in|ni|ss|sb) "?([^\s")\]]+)/g)].flatMap(([, operator, argument]) =>
    operator === 'in' || operator === 'ni'
      ? [['ValueSet', argument!] as const]
      : systemOf(argument!.split('|')),
  );
}

function systemOf(parts: readonly string[]): Wanted[] {
  return parts.length === 2 && parts[0] ? [['CodeSystem', parts[0]]] : [];
}

/** The code systems and value sets that the definition of a value set names. */
function partsOf({ compose }: Resource): Wanted[] {
  const { include = [], exclude = [] } = (compose ?? {}) as Record<
    'include' | 'exclude',
    { system?: string; valueSet?: string[] }[] | undefined
  >;
  return [...include, ...exclude].flatMap(({ system, valueSet = [] }) => [
    ...(system === undefined ? [] : [['CodeSystem', system] as const]),
    ...valueSet.map((url) => ['ValueSet', url] as const),
  ]);
}

/** The newest of the store, by its address on this server or by its URL, with `|version` in that version. */
export async function findStored(
  { stored, store, base }: ReadingServer,
  [type, reference]: Wanted,
): Promise<Resource | undefined> {
  const [, id] = new RegExp(`^${type}/([A-Za-z0-9\\-.]{1,64})$`).exec(referenceTo(reference, { base })) ?? [];
  const [url, version] = reference.split('|') as [string, string?];
  const filter: Query = id
    ? { kind: 'id', ids: [id] }
    : and([
        { kind: 'term', term: `url|#${url}` },
        ...(version ? [{ kind: 'term', term: `version|=${version.toLowerCase()}` } as const] : []),
      ]);
  const [match] = await (stored ?? store).search({ type, filter, sort: [], limit: 1 });
  return match && parsed(match.version.text);
}

/** What was parsed last: a code system can be long, and is asked for again and again. A pure function's memory, with a bound. */
const memory = new Map<string, Resource>();
const mostRemembered = 33_554_432;

function parsed(text: string): Resource {
  const known = memory.get(text);
  if (known) return known;
  const resource = readJson(text) as Resource;
  const length = memory.keys().reduce((sum, each) => sum + each.length, text.length);
  if (length > mostRemembered) memory.clear();
  if (text.length <= mostRemembered) memory.set(text, resource);
  return resource;
}

function over(definitions: Definitions, stored: ReadonlyMap<string, Resource>): Definitions {
  return {
    resourceTypes: definitions.resourceTypes,
    find: <T extends Resource>(type: string, url: string) =>
      (stored.get(keyOf([type as TerminologyType, url])) as T | undefined) ?? definitions.find<T>(type, url),
    all: <T extends Resource>(type: string) => [
      ...([...stored.values()].filter(({ resourceType }) => resourceType === type) as T[]),
      ...definitions.all<T>(type),
    ],
  };
}

function keyOf([type, reference]: Wanted): string {
  return `${type} ${reference}`;
}
