import { type Issue, operationOutcome } from '../fhir/outcome.ts';
import { compartmentFilter, compartmentTypes } from '../fhir/search/compartments.ts';
import { parseSearch, parseSystemSearch, type SystemSearch } from '../fhir/search/parse.ts';
import { and } from '../fhir/search/query.ts';
import { type Subset, subsetOfResults } from '../fhir/search/summary.ts';
import { timeLeft } from '../store/allowance.ts';
import { takeSlices } from '../store/slices.ts';
import type { Match } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { textsOf } from './audited.ts';
import { matchesIn, returnsContained, searchesFor, unpacked } from './contained.ts';
import { followIncludes, followsIncludes } from './include.ts';
import { linkTo, openPosition } from './links.ts';
import { findPage, type Page, pageBytes, type TypedFilter, type TypedPosition } from './page.ts';
import { asPoll } from './poll.ts';
import { subsetText } from './present.ts';
import type { QueryParameter, Request } from './request.ts';
import { entryOf, type Link, type SearchEntry, searchset } from './searchset.ts';
import type { ReadingServer } from './server.ts';
import { withStoredTerminology } from './stored-terminology.ts';

const defaultPageSize = 20;

/**
 * Searches one type, a compartment (`Patient/1/Observation`, `Patient/1/*`), or the whole system
 * (http://hl7.org/fhir/R4/http.html#search). A page goes on where the one before ended, so that nothing is lost and
 * nothing comes twice while others write.
 */
export async function search(asking: ReadingServer, request: Request): Promise<Answer> {
  const server = searched(asking, request);
  const query = request.query.filter(([name]) => name !== '_cursor');
  const asked = readSearch(await withStoredTerminology(server, query), request, query);
  const after = readCursor(server, request.query);
  const size = Math.min(asked.count ?? defaultPageSize, server.limits.maxPageSize);

  const searches = searchesFor(server, asked);

  const found: Page = asked.countOnly
    ? { matches: [] }
    : await findPage(server.store, {
        searches,
        sort: asked.sort,
        after,
        size,
        bytes: pageBytes(server.limits),
        timeout: server.limits.searchTimeout,
        terms: followsIncludes(asked),
      });
  const { page, entries } = returnsContained(asked)
    ? unpacked(server, found, asked, size)
    : { page: found, entries: found.matches.map((match) => entryOf(match, 'match')) };
  const included = await followIncludes(server, page.matches, asked);
  const isWhole = after === undefined && !page.next && !asked.countOnly;
  const total = isWhole ? entries.length : await totalOf(server, asked, searches);

  const path = [server.base, request.type, request.id, request.compartmentType].filter(Boolean).join('/');
  const links: Link[] = [{ relation: 'self', url: linkTo(path, asked.applied) }];
  if (page.next) {
    const cursor = ['_cursor', server.cursor.seal(page.next)] as const;
    links.push({ relation: 'next', url: linkTo(path, [...asked.applied, cursor]) });
  }
  const subset = subsetOfResults(asked);
  const shown: SearchEntry[] = [
    ...(await partsOf(server, entries, subset)),
    // "The list of elements does not apply to included resources."
    ...(await partsOf(
      server,
      included.matches.map((match) => entryOf(match, 'include')),
      typeof subset === 'string' ? subset : undefined,
    )),
  ];
  const notes = notesOn(asked, included.complete);
  if (notes.length > 0) shown.push({ json: JSON.stringify(operationOutcome(notes)), mode: 'outcome' });
  return asPoll(request, {
    status: 200,
    json: searchset(server.base, links, shown, total),
    ...(subset && { about: textsOf(page.matches.map(({ version }) => version)) }),
  });
}

/**
 * A search over all types is about what is stored: nobody who asks for the newest of everything wants the thousands of
 * definitions of R4, which are there for who asks for their type.
 */
function searched(server: ReadingServer, { type, query }: Request): ReadingServer {
  const isOfAll = type === undefined && !query.some(([name]) => name === '_type');
  return isOfAll && server.stored
    ? { ...server, store: { ...server.stored, types: server.store.types } }
    : server;
}

/** Entries with the part of their resources that is asked for: each is read anew, so others have their turn between. */
async function partsOf(
  server: ReadingServer,
  entries: readonly SearchEntry[],
  subset: Subset | undefined,
): Promise<readonly SearchEntry[]> {
  if (!subset) return entries;
  const giveWay = takeSlices();
  const parts: SearchEntry[] = [];
  for (const entry of entries) {
    parts.push({ ...entry, json: subsetText(server, entry.json, subset) });
    await giveWay();
  }
  return parts;
}

/** What is asked of each type; order, includes and form are the same for all of them. */
function readSearch(server: ReadingServer, request: Request, query: readonly QueryParameter[]): SystemSearch {
  const { handling } = request.prefer;
  const options = handling ? { handling } : {};
  const { type, id, compartmentType } = request;
  if (type === undefined) return parseSystemSearch(server, query, options);
  if (id === undefined || compartmentType === undefined) {
    const { filter, ...asked } = parseSearch(server, type, query, options);
    return { ...asked, searches: [{ type, filter }] };
  }
  // Who has seen a record is told to who asks for just this.
  const members = compartmentTypes(server, type).filter(
    (member) => compartmentType !== '*' || !server.readOnlyTypes?.has(member),
  );
  const asked =
    compartmentType === '*'
      ? parseSystemSearch(server, query, options)
      : parseSystemSearch(server, [...query, ['_type', compartmentType]], options);
  const searches = asked.searches
    .filter((search) => members.includes(search.type))
    .map((search) => ({
      type: search.type,
      filter: and([compartmentFilter(server, type, id, search.type), search.filter]),
    }));
  return {
    ...asked,
    searches,
    applied: asked.applied.filter(([name]) => name !== '_type' || compartmentType === '*'),
  };
}

function readCursor(server: ReadingServer, query: readonly QueryParameter[]): TypedPosition | undefined {
  const token = query.find(([name]) => name === '_cursor')?.[1];
  return token === undefined ? undefined : openPosition(server.cursor, token);
}

/** The number of all matches, when it was asked for (http://hl7.org/fhir/R4/search.html#total). */
async function totalOf(
  server: ReadingServer,
  asked: SystemSearch,
  searches: readonly TypedFilter[],
): Promise<number | undefined> {
  if (asked.total === 'none' && !asked.countOnly) return undefined;
  let count = 0;
  if (returnsContained(asked)) {
    for await (const match of all(server, searches)) count += matchesIn(server, match, asked).length;
  } else {
    const left = timeLeft(server.limits.searchTimeout);
    for (const { type, filter } of searches) count += await server.store.count(type, filter, left());
  }
  return count;
}

/** All matches of searches, page by page. */
async function* all(server: ReadingServer, searches: readonly TypedFilter[]): AsyncGenerator<Match> {
  const { maxPageSize, searchTimeout } = server.limits;
  for (let after: TypedPosition | undefined, goesOn = true; goesOn; ) {
    const { matches, next } = await findPage(server.store, {
      searches,
      sort: [],
      after,
      size: maxPageSize,
      bytes: pageBytes(server.limits),
      timeout: searchTimeout,
      terms: false,
    });
    yield* matches;
    after = next;
    goesOn = next !== undefined;
  }
}

function notesOn({ unknown }: SystemSearch, includesComplete: boolean): Issue[] {
  const notes: Issue[] = unknown.map((name) => ({
    severity: 'warning',
    code: 'not-supported',
    text: { zh: `已忽略未知查询参数「${name}」`, en: `The unknown search parameter "${name}" was ignored` },
  }));
  if (includesComplete) return notes;
  const text = {
    zh: '关联资源过多,未全部返回',
    en: 'There are too many included resources: not all are here',
  };
  return [...notes, { severity: 'warning', code: 'too-costly', text }];
}
