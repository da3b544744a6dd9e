import { randomUUID } from 'node:crypto';
import type { Issue } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { StoredVersion, Transaction } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { type Condition, findMatch } from './condition.ts';
import { repeatOf } from './create.ts';
import { findDoomed } from './delete.ts';
import type { Repeat } from './guard.ts';
import { patched } from './patch.ts';
import { checkIfMatch } from './preconditions.ts';
import type { Server } from './server.ts';
import { resolveConditionalUpdate } from './update.ts';
import type { PlannedChange } from './write.ts';
import type { WritingEntry } from './writing-entry.ts';

/** A planned change and the entry that asked for it. */
export interface EntryChange extends PlannedChange {
  index: number;
}

/** What becomes of an entry of a transaction. */
export interface Plan {
  entry: WritingEntry;
  changes: readonly EntryChange[];
  /** The resource, as `Type/id`, that the entry is about, and that its fullUrl stands for. */
  target?: string;
  /** The answer where nothing is to be changed. */
  answer?: Answer;
  /** A conditional create that is not done. */
  repeat?: Repeat & { index: number };
  /** What it would make is there, but was not for who asks to see. */
  isRecognised?: boolean;
  /** What validation says of a resource that only now is known: the result of a patch. */
  issues?: readonly Issue[];
  /** What a patch gave breaks the base specification. */
  isBroken?: boolean;
}

/**
 * Plans an entry: resolves its condition, and holds it against the current version. `doomed` are the ids of its type
 * that other entries of the transaction delete: deletes come first, so that no condition finds these. `isReferral`: the
 * transaction makes a request for a patient.
 */
export async function planEntry(
  server: Server,
  tx: Transaction,
  entry: WritingEntry,
  doomed: readonly string[],
  isReferral = false,
): Promise<Plan> {
  const { index, method, type, id, condition, rest } = entry;
  const change = (
    id: string,
    resource: Resource | null,
    replaced: StoredVersion | undefined,
  ): EntryChange => ({ index, method, type, id, resource, replaced });
  const changed = (...made: Parameters<typeof change>): Plan => ({
    entry,
    changes: [change(...made)],
    target: `${type}/${made[0]}`,
  });

  switch (method) {
    case 'POST': {
      const resource = rest.body as Resource;
      const seen = condition && (await findMatch(tx, condition, doomed));
      if (seen) return repeated(entry, seen);
      const registered = condition && isReferral && (await findRegistered(tx, condition, doomed));
      return registered
        ? { ...repeated(entry, registered), isRecognised: true }
        : changed(randomUUID(), resource, undefined);
    }
    case 'PUT': {
      const resource = rest.body as Resource;
      const updated = condition
        ? await resolveConditionalUpdate(tx, condition, resource, doomed)
        : (id as string);
      const replaced = await tx.read(type, updated);
      checkIfMatch(rest.ifMatch, replaced);
      return changed(updated, resource, replaced);
    }
    case 'PATCH': {
      const current = condition ? await findMatch(tx, condition, doomed) : await tx.read(type, id as string);
      checkIfMatch(rest.ifMatch, current);
      const address = condition ? `${type}?${condition.text}` : `${type}/${id}`;
      const { resource, issues, isBroken } = await patched(server, rest, current, address);
      return { ...changed(current!.id, resource, current), issues, isBroken };
    }
    case 'DELETE': {
      const found = condition ? await findDoomed(server, tx, condition) : [await tx.read(type, id as string)];
      if (rest.ifMatch !== undefined) checkIfMatch(rest.ifMatch, found[0]);
      const current = found.filter((version) => version !== undefined && version.text !== null);
      return {
        entry,
        changes: current.map((version) => change(version!.id, null, version)),
        answer: { status: 204 },
        ...(id !== undefined && { target: `${type}/${id}` }),
      };
    }
  }
}

/**
 * The one resource beyond what is seen that meets the condition of a create. A patient is one for all institutions, known by identifier: who
 * sends a request for the patient, and brings along whom it is for with the number, is given the one who is registered,
 * also by another institution that shows them nothing else.
 */
async function findRegistered(
  tx: Transaction,
  condition: Condition,
  doomed: readonly string[],
): Promise<StoredVersion | undefined> {
  if (!tx.entire || !tx.recognise || !isByIdentifier(condition)) return undefined;
  const registered = await findMatch(tx.entire, condition, doomed);
  if (registered) tx.recognise(`Patient/${registered.id}`);
  return registered;
}

/** `identifier=system|value`, and nothing else. */
function isByIdentifier({ type, filter }: Condition): boolean {
  return type === 'Patient' && filter.kind === 'term' && /^identifier\|[^=|][^|]*\|./.test(filter.term);
}

/** What becomes of a conditional create when what it asks for is there. */
function repeated(entry: WritingEntry, match: StoredVersion): Plan {
  return {
    entry,
    changes: [],
    target: `${match.type}/${match.id}`,
    answer: { status: 200, version: match },
    repeat: { ...repeatOf(entry.rest.body as Resource, match), index: entry.index },
  };
}
