import { refusals, refuse } from '../fhir/refusal.ts';
import { extractEntries } from '../fhir/search/extract.ts';
import { matches } from '../fhir/search/matcher.ts';
import type { Transaction } from '../store/store.ts';
import { type Condition, readCondition } from './condition.ts';
import { atEntry } from './located.ts';
import { rewriteReferences } from './references.ts';
import type { Server } from './server.ts';
import type { EntryChange } from './transaction.ts';

/** A conditional reference: `Patient?identifier=system|value` (http://hl7.org/fhir/R4/http.html#trules). */
const conditional = /^([A-Z][A-Za-z]+)\?(.+)$/;

/**
 * Gives the changes of a transaction with their references resolved: those to the fullUrl of another entry
 * (`targets`, to `Type/id`), and conditional ones, which must match exactly one resource of the store or of the
 * transaction itself.
 */
export async function resolveReferences(
  server: Server,
  tx: Transaction,
  changes: readonly EntryChange[],
  targets: ReadonlyMap<string, string>,
): Promise<EntryChange[]> {
  const linked = changes.map((change) => ({
    ...change,
    resource: linkTargets(change.resource, targets),
  }));

  const found = new Map<string, string>();
  for (const { index, resource } of linked) {
    for (const reference of conditionalReferences(resource)) {
      if (found.has(reference)) continue;
      found.set(reference, await atEntry(index, () => findReferenced(server, tx, reference, linked)));
    }
  }
  if (found.size === 0) return linked;
  return linked.map((change) => ({
    ...change,
    resource: rewriteReferences(change.resource, (reference) => found.get(reference)),
  }));
}

/** Resolves the references to other entries of the bundle, by their fullUrl. */
export function linkTargets<T>(resource: T, targets: ReadonlyMap<string, string>): T {
  return rewriteReferences(resource, (reference) => linkedTarget(reference, targets));
}

/** A reference may go on behind the fullUrl with a fragment. */
function linkedTarget(reference: string, targets: ReadonlyMap<string, string>): string | undefined {
  const direct = targets.get(reference);
  if (direct !== undefined) return direct;
  const hash = reference.indexOf('#');
  const target = hash > 0 ? targets.get(reference.slice(0, hash)) : undefined;
  return target && `${target}${reference.slice(hash)}`;
}

function conditionalReferences(resource: unknown): Set<string> {
  const found = new Set<string>();
  rewriteReferences(resource, (reference) => {
    if (conditional.test(reference)) found.add(reference);
    return undefined;
  });
  return found;
}

async function findReferenced(
  server: Server,
  tx: Transaction,
  reference: string,
  changes: readonly EntryChange[],
): Promise<string> {
  const [, type, criteria] = conditional.exec(reference)!;
  if (!server.definitions.resourceTypes.includes(type!)) throw refuse(refusals.unknownType, [type!]);
  const condition = readCondition(server, type!, criteria!);
  const stored = (
    await tx.search({ type: type!, filter: condition.filter, sort: [], limit: changes.length + 2 })
  ).map((match) => match.version.id);
  const written = new Map(
    changes.filter((change) => change.type === type).map((change) => [change.id, change]),
  );
  const ids = [
    ...stored.filter((id) => !written.has(id)),
    ...[...written.values()].filter((change) => isMatch(server, change, condition)).map(({ id }) => id),
  ];
  if (ids.length === 0) throw refuse(refusals.unresolvedReference, [reference]);
  if (ids.length > 1) throw refuse(refusals.multipleMatches, [reference]);
  return `${type}/${ids[0]}`;
}

function isMatch(server: Server, { type, id, resource }: EntryChange, condition: Condition): boolean {
  if (!resource) return false;
  const entries = extractEntries(server.parameters, { ...resource, id }, server.base);
  return matches(condition.filter, { type, id, updated: server.now(), entries });
}
