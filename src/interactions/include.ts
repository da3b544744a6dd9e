import { or, type Query } from '../fhir/search/query.ts';
import type { Include } from '../fhir/search/result-parameters.ts';
import { chunksOf } from '../store/chunks.ts';
import type { Match, Reader } from '../store/store.ts';
import { pageBytes } from './page.ts';
import type { ReadingServer } from './server.ts';

/** What was found by following includes; `complete` is false when a bound cut it short. */
export interface Included {
  matches: Match[];
  complete: boolean;
}

/** Bounds: how many resources may be included, how often references are followed, how many ids one question names. */
const mostIncluded = 1_000;
const mostRounds = 8;
const idsAtOnce = 200;

/** How much more can be included. */
interface Room {
  bytes: number;
  isFull: boolean;
}

const referenceTerm = /^([^|]+)\|>([A-Z][A-Za-z]*)\/([A-Za-z0-9\-.]{1,64})$/;

/** What a search asks to be included. */
interface Includes {
  include: readonly Include[];
  revinclude: readonly Include[];
}

/** Whether a search asks for any. */
export function followsIncludes({ include, revinclude }: Includes): boolean {
  return include.length + revinclude.length > 0;
}

/** Follows the includes of a page of matches. A resource that is among the matches is not included again. */
export async function followIncludes(
  server: ReadingServer,
  matches: readonly Match[],
  includes: Includes,
): Promise<Included> {
  if (!followsIncludes(includes)) return { matches: [], complete: true };
  const { include, revinclude } = includes;
  const room: Room = { bytes: pageBytes(server.limits), isFull: false };
  const seen = new Set(matches.map(keyOf));
  const included: Match[] = [];
  let from = matches;
  for (let round = 0; from.length > 0 && round < mostRounds; round++) {
    const active = (list: readonly Include[]) => (round === 0 ? list : list.filter(({ iterate }) => iterate));
    const found = [
      ...(await forward(server.store, from, active(include), room)),
      ...(await backward(server, from, active(revinclude), room)),
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
    if (room.isFull) return { matches: included, complete: false };
    from = fresh;
  }
  return { matches: included, complete: true };
}

async function forward(
  reader: Reader,
  from: readonly Match[],
  includes: readonly Include[],
  room: Room,
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
    for (const chunk of chunksOf([...ids], idsAtOnce))
      found.push(...(await searchAll(reader, type, { kind: 'id', ids: chunk }, room)));
  }
  return found;
}

async function backward(
  server: ReadingServer,
  from: readonly Match[],
  revincludes: readonly Include[],
  room: Room,
): Promise<Match[]> {
  const found: Match[] = [];
  for (const { type, parameter, target } of await eachType(server, revincludes)) {
    const names = parameter === '*' ? referenceParameters(server, type) : [parameter];
    const targets = from.filter((match) => target === undefined || match.version.type === target);
    for (const chunk of chunksOf(targets, idsAtOnce)) {
      const terms = chunk.flatMap(({ version }) =>
        names.map((name) => `${name}|>${version.type}/${version.id}`),
      );
      found.push(
        ...(await searchAll(
          server.store,
          type,
          or(terms.map((term) => ({ kind: 'term', term }) as const)),
          room,
        )),
      );
    }
  }
  return found;
}

/** `_revinclude=*` is every type that there are resources of. */
async function eachType(server: ReadingServer, revincludes: readonly Include[]): Promise<Include[]> {
  if (!revincludes.some(({ type }) => type === '*')) return [...revincludes];
  const types = await server.store.types();
  return revincludes.flatMap((include) =>
    include.type === '*' ? types.map((type) => ({ ...include, type })) : [include],
  );
}

function referenceParameters({ parameters }: ReadingServer, type: string): string[] {
  return [...parameters.of(type).values()]
    .filter((parameter) => parameter.type === 'reference')
    .map(({ name }) => name);
}

/** What matches, as far as there is room for it. */
async function searchAll(reader: Reader, type: string, filter: Query, room: Room): Promise<Match[]> {
  if (room.isFull) return [];
  const found = await reader.search({ type, filter, sort: [], limit: mostIncluded + 1, bytes: room.bytes });
  const end = found.findIndex(({ version }) => {
    room.bytes -= Buffer.byteLength(version.text);
    return room.bytes < 0;
  });
  room.isFull = end >= 0;
  return room.isFull ? found.slice(0, end) : found;
}

function keyOf({ version }: Match): string {
  return `${version.type}/${version.id}`;
}
