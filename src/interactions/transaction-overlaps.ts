import { refusals, refuse } from '../fhir/refusal.ts';
import type { Entries } from '../fhir/search/entries.ts';
import type { Query } from '../fhir/search/query.ts';
import { entriesOf, isMatch } from './condition.ts';
import type { Server } from './server.ts';
import type { EntryChange, Plan } from './transaction-plan.ts';

/**
 * "If any resource identities (including resolved identities from conditional update/delete) overlap …, then the
 * transaction SHALL fail" (http://hl7.org/fhir/R4/http.html#trules). They overlap as well when the resource of one entry
 * meets the condition of another: which of the two came first would decide what is made of them.
 */
export function refuseOverlaps(server: Server, plans: readonly Plan[]): void {
  refuseSameTarget(plans);
  refuseMetConditions(server, plans);
}

function refuseSameTarget(plans: readonly Plan[]): void {
  const touched = new Map<string, number>();
  for (const { entry, changes, target } of plans) {
    const paths = new Set(changes.map(({ type, id }) => `${type}/${id}`));
    if (target !== undefined) paths.add(target);
    for (const path of paths) {
      const other = touched.get(path);
      if (other !== undefined) throw overlap(path, other, entry.index);
      touched.set(path, entry.index);
    }
  }
}

function refuseMetConditions(server: Server, plans: readonly Plan[]): void {
  const written = Map.groupBy(
    plans.flatMap(({ changes }) => changes).filter(({ resource }) => resource !== null),
    ({ type }) => type,
  );
  const known = new Map<string, Candidates>();
  for (const { entry } of plans) {
    const { index, type, condition, method } = entry;
    const changes = written.get(type) ?? [];
    if (!condition || method === 'DELETE' || changes.every((change) => change.index === index)) continue;
    let candidates = known.get(type);
    if (!candidates) {
      candidates = candidatesOf(server, changes);
      known.set(type, candidates);
    }
    const { filter, text } = condition;
    const other = candidates
      .forQuery(filter)
      .find(({ change, entries }) => change.index !== index && isMatch(server, filter, change, entries));
    if (other) throw overlap(`${type}?${text}`, other.change.index, index);
  }
}

interface Candidate {
  change: EntryChange;
  entries: Entries;
}

/** The resources of one type that a transaction writes, each with what it is found by. */
interface Candidates {
  /** Those that can match: by a term that the query demands where there is one, so that large bundles cost little. */
  forQuery(query: Query): readonly Candidate[];
}

function candidatesOf(server: Server, changes: readonly EntryChange[]): Candidates {
  const all = changes.map((change) => ({ change, entries: entriesOf(server, change.resource!, change.id) }));
  const byTerm = new Map<string, Candidate[]>();
  for (const candidate of all) {
    for (const term of candidate.entries.terms) {
      const sharing = byTerm.get(term);
      if (sharing) sharing.push(candidate);
      else byTerm.set(term, [candidate]);
    }
  }
  return {
    forQuery(query) {
      const parts = query.kind === 'and' ? query.of : [query];
      const demanded = parts.find((part) => part.kind === 'term');
      return demanded ? (byTerm.get(demanded.term) ?? []) : all;
    },
  };
}

function overlap(what: string, one: number, other: number) {
  const [first, second] = [one, other].sort((a, b) => a - b);
  return refuse(
    refusals.overlappingEntries,
    [what, String(first), String(second)],
    [`Bundle.entry[${second}]`],
  );
}
