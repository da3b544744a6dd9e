import { setImmediate as nextTurn } from 'node:timers/promises';
import { readJson } from '../../fhir/json/parse.ts';
import { Refusal } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Entries } from '../../fhir/search/entries.ts';
import { extractEntries } from '../../fhir/search/extract.ts';
import type { Position } from '../../fhir/search/order.ts';
import { all, type Query } from '../../fhir/search/query.ts';
import type { Match } from '../../store/store.ts';
import type { Server } from '../server.ts';

/** So many resources are indexed in one transaction: other writes wait no longer than these take. */
const atOnce = 50;

/** So many milliseconds are indexed before requests have their turn. */
const sliceTime = 10;

const byId = [{ key: '_id', descending: false }];

/** A term, of no search parameter, that says of a stored SearchParameter that all resources are indexed by it. */
const indexedMark = ':indexed|';

type IndexingServer = Pick<Server, 'store' | 'parameters' | 'base'>;

/** Indexes the current resources of a type anew, by the parameters that are in force, a batch at a time. */
export async function indexAgain(
  server: IndexingServer,
  type: string,
  { since, signal }: { since?: number; signal: AbortSignal },
): Promise<void> {
  const filter: Query = since === undefined ? all : { kind: 'updated', is: { gte: since } };
  let after: Position | undefined;
  while (!signal.aborted) {
    const batch = await server.store.search({
      type,
      filter,
      sort: byId,
      limit: atOnce,
      ...(after && { after }),
    });
    if (batch.length === 0) return;
    const indexed = await entriesOfAll(server, batch);
    await server.store.write(async (transaction) => {
      for (const { version, entries } of indexed)
        await transaction.reindex(type, version.id, version.version, entries);
    });
    after = batch.at(-1)!.position;
    // Requests go first.
    await nextTurn();
  }
}

/** The new entries of resources, outside of a transaction, with a turn for requests after each slice of time. */
async function entriesOfAll(server: IndexingServer, batch: readonly Match[]) {
  const indexed: { version: Match['version']; entries: Entries }[] = [];
  let began = performance.now();
  for (const match of batch) {
    try {
      indexed.push({ version: match.version, entries: entriesOf(server, match) });
    } catch (error) {
      // One that was kept before the bound stays as it is: it must not keep all others from being found.
      if (!(error instanceof Refusal)) throw error;
    }
    if (performance.now() - began < sliceTime) continue;
    await nextTurn();
    began = performance.now();
  }
  return indexed;
}

/**
 * Keeps with a stored SearchParameter that all resources are indexed by it, under this mark only, or, without one, that
 * they are not; unless it has changed meanwhile.
 */
export async function markIndexed(
  server: IndexingServer,
  id: string,
  version: number,
  mark: string | undefined,
): Promise<void> {
  const [match] = await server.store.search({
    type: 'SearchParameter',
    filter: { kind: 'id', ids: [id] },
    sort: [],
    limit: 1,
  });
  if (match?.version.version !== version) return;
  const entries = entriesOf(server, { ...match, terms: mark === undefined ? [] : [indexedMark + mark] });
  await server.store.write((transaction) => transaction.reindex('SearchParameter', id, version, entries));
}

/** Whether a stored SearchParameter is marked as one that all resources are indexed by. */
export function isMarkedIndexed({ terms }: Match, mark: string): boolean {
  return terms.includes(indexedMark + mark);
}

/** Whether it is marked so for what it is no more. */
export function isMarkedOtherwise({ terms }: Match, mark: string | undefined): boolean {
  return terms.some((term) => term.startsWith(indexedMark) && term !== indexedMark + mark);
}

/** The entries of a resource, with the mark that it may have. */
function entriesOf({ parameters, base }: IndexingServer, { version, terms }: Match): Entries {
  const resource = readJson(version.text) as Resource;
  const entries = extractEntries(parameters, resource, base);
  const marks = terms.filter((term) => term.startsWith(indexedMark));
  return marks.length === 0 ? entries : { ...entries, terms: [...entries.terms, ...marks].sort() };
}
