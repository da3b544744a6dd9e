import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { readJson } from '../../fhir/json/parse.ts';
import type { SearchParameters } from '../../fhir/search/parameters.ts';
import { parseSearch } from '../../fhir/search/parse.ts';
import type { Match, Store } from '../../store/store.ts';
import type { SearchParameterDefinition } from './definition.ts';
import type { StoredParameter } from './standing.ts';

/** The most active SearchParameters that are looked at. */
export const mostStored = 1000;

/** A stored SearchParameter as it was read. */
export interface ReadParameter extends StoredParameter {
  version: number;
  match: Match;
}

/**
 * Reads the active SearchParameters of a store, without those that the definitions have. `firsts` remembers when each id
 * was first stored, which never changes.
 */
export async function readStoredParameters(
  store: Store,
  server: { definitions: Definitions; parameters: SearchParameters; now(): number },
  firsts: Map<string, number>,
): Promise<ReadParameter[]> {
  const { filter } = parseSearch(server, 'SearchParameter', [['status', 'active']]);
  const sort = [{ key: '_id', descending: false }];
  const found = await store.search({ type: 'SearchParameter', filter, sort, limit: mostStored });
  const read: ReadParameter[] = [];
  for (const match of found) {
    const { id, version, updated, text } = match.version;
    const definition = readJson(text) as SearchParameterDefinition;
    if (server.definitions.find('SearchParameter', definition.url)) continue;
    read.push({ id, version, updated, definition, match, since: await firstOf(store, match, firsts) });
  }
  return read;
}

async function firstOf(store: Store, { version }: Match, firsts: Map<string, number>): Promise<number> {
  const { type, id, updated } = version;
  const known = firsts.get(id);
  if (known !== undefined) return known;
  const first = version.version === 1 ? version : await store.readVersion(type, id, 1);
  const since = first?.updated ?? updated;
  firsts.set(id, since);
  return since;
}
