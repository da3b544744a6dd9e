import type { SearchParameters } from '../../fhir/search/parameters.ts';
import type { SearchParameterDefinition } from './definition.ts';
import { assignStandings, type Standing, type StoredParameter } from './standing.ts';

/** What is known of the stored SearchParameters, as plain data: what another thread needs to have the same in force. */
export interface StoredParameters {
  stored: readonly StoredParameter[];
  /** Those by which not all resources are indexed yet. */
  indexing: readonly SearchParameterDefinition[];
  /** When each id was first stored, in milliseconds since the epoch. */
  firsts: ReadonlyMap<string, number>;
}

/** Changes of stored SearchParameters. */
export interface ParameterChanges {
  removed: ReadonlySet<string>;
  stored: readonly Omit<StoredParameter, 'since'>[];
}

/** What becomes of the stored SearchParameters, and what would if changes were made. */
export interface Outlook {
  before: readonly Standing[];
  after: readonly Standing[];
}

/** @param came those that came with the server */
export function outlookOn(
  came: SearchParameters,
  before: readonly Standing[],
  firsts: ReadonlyMap<string, number>,
  changes: ParameterChanges,
): Outlook {
  const staying = before.map(({ stored }) => stored).filter(({ id }) => !changes.removed.has(id));
  const coming = changes.stored.map((each) => ({ ...each, since: firsts.get(each.id) ?? each.updated }));
  return { before, after: assignStandings(came, [...staying, ...coming]).all };
}
