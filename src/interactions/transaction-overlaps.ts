import { refusals, refuse } from '../fhir/refusal.ts';
import type { Server } from './server.ts';
import type { Plan } from './transaction-plan.ts';
import { writtenResources } from './written-resources.ts';

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
  const written = writtenResources(
    server,
    plans.flatMap(({ changes }) => changes),
  );
  for (const { entry } of plans) {
    const { index, type, condition, method } = entry;
    if (!condition || method === 'DELETE') continue;
    // Most bundles have one resource of a type: nothing is looked at then.
    if (written.of(type).every((change) => change.index === index)) continue;
    const other = written.matching(type, condition.filter).find((change) => change.index !== index);
    if (other) throw overlap(`${type}?${condition.text}`, other.index, index);
  }
}

function overlap(what: string, one: number, other: number) {
  const [first, second] = [one, other].sort((a, b) => a - b);
  return refuse(
    refusals.overlappingEntries,
    [what, String(first), String(second)],
    [`Bundle.entry[${second}]`],
  );
}
