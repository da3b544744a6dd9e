import type { Entries } from '../fhir/search/entries.ts';
import { extractEntries } from '../fhir/search/extract.ts';
import { matches } from '../fhir/search/matcher.ts';
import type { Query } from '../fhir/search/query.ts';
import type { Server } from './server.ts';
import type { EntryChange } from './transaction-plan.ts';

/** The resources that a transaction is about to write, found as if they were stored. */
export interface WrittenResources {
  /** Those of a type that a condition finds. */
  matching(type: string, filter: Query): EntryChange[];
  /** All of a type, with those that are deleted. */
  of(type: string): readonly EntryChange[];
}

interface Candidate {
  change: EntryChange;
  entries: Entries;
}

/** Gives those that can match a query, so that a large bundle with many conditions costs little. */
type Narrow = (query: Query) => readonly Candidate[];

/** The resources of these changes. What they are found by is extracted when it is first asked for, once. */
export function writtenResources(
  { parameters, base, now }: Pick<Server, 'parameters' | 'base' | 'now'>,
  changes: readonly EntryChange[],
): WrittenResources {
  const byType = Map.groupBy(changes, ({ type }) => type);
  const indexes = new Map<string, Narrow>();
  const updated = now();

  function indexOf(type: string): Narrow {
    let index = indexes.get(type);
    if (!index) {
      const candidates = (byType.get(type) ?? []).flatMap((change) =>
        change.resource
          ? { change, entries: extractEntries(parameters, { ...change.resource, id: change.id }, base) }
          : [],
      );
      index = indexedByTerm(candidates);
      indexes.set(type, index);
    }
    return index;
  }

  return {
    of: (type) => byType.get(type) ?? [],
    matching: (type, filter) =>
      indexOf(type)(filter)
        .filter(({ change: { id }, entries }) => matches(filter, { type, id, updated, entries }))
        .map(({ change }) => change),
  };
}

/** Narrows by a term that the query demands, where there is one. */
function indexedByTerm(all: readonly Candidate[]): Narrow {
  const byTerm = new Map<string, Candidate[]>();
  for (const candidate of all) {
    for (const term of candidate.entries.terms) {
      const sharing = byTerm.get(term);
      if (sharing) sharing.push(candidate);
      else byTerm.set(term, [candidate]);
    }
  }
  return (query) => {
    const parts = query.kind === 'and' ? query.of : [query];
    const demanded = parts.find((part) => part.kind === 'term');
    return demanded ? (byTerm.get(demanded.term) ?? []) : all;
  };
}
