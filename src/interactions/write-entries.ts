import { type Issue, isBreaking } from '../fhir/outcome.ts';
import type { StoredVersion, Transaction } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { textsOf } from './audited.ts';
import { inEntry } from './located.ts';
import type { Server } from './server.ts';
import { planTransaction } from './transaction-changes.ts';
import type { EntryChange, Plan } from './transaction-plan.ts';
import { type KeptChange, write } from './write.ts';
import type { WritingEntry } from './writing-entry.ts';

/** What validation had to say of entries before they are written. */
export interface EntryNotes {
  /** Errors by the base specification in the resources. */
  broken: readonly Issue[];
  /** What the profiles that they claim have to say, by the index of the entry. */
  notes: readonly (readonly Issue[])[];
}

/** Entries that were written. */
export interface WrittenEntries {
  plans: readonly Plan[];
  /** The answer to each, by its place in the bundle. */
  answers: Map<number, Answer>;
}

/**
 * Plans, judges and keeps the entries of a bundle that write, all or none: the one function behind every bundle, however
 * it came. The entries are in the order in which they take effect, and their conditions are claimed.
 */
export async function writeEntries(
  server: Server,
  tx: Transaction,
  writing: readonly WritingEntry[],
  { broken, notes }: EntryNotes,
): Promise<WrittenEntries> {
  const { plans, changes, repeats } = await planTransaction(server, tx, writing);
  const kept = await write(server, tx, changes, {
    noted: [...broken, ...notes.flat(), ...plans.flatMap(notesOn)],
    isBroken: broken.some(isBreaking) || plans.some(({ isBroken }) => isBroken),
    repeats,
    locate: (issue, change) => inEntry(issue, [...changes, ...repeats][change]!.index),
  });
  const answers = answersOf(plans, changes, kept, notes);
  for (const { entry, isRecognised, repeat } of plans)
    if (isRecognised && !(await isShown(tx, repeat!))) answers.set(entry.index, { status: 200 });
  return { plans, answers };
}

/** Claims the conditions of entries, and whatever else, in one order for all, so that two never wait for each other. */
export async function claimConditions(
  tx: Transaction,
  writing: readonly Pick<WritingEntry, 'condition'>[],
  others: readonly string[] = [],
): Promise<void> {
  const keys = new Set([...writing.flatMap(({ condition }) => condition?.key ?? []), ...others]);
  for (const key of [...keys].sort()) await tx.exclusive(key);
}

/** Whether who asks may see it, now that all is written: a patient is shown with the referral that was sent. */
async function isShown(tx: Transaction, { type, id }: Pick<StoredVersion, 'type' | 'id'>): Promise<boolean> {
  return (await tx.count(type, { kind: 'id', ids: [id] })) > 0;
}

function notesOn({ entry, issues = [] }: Plan): Issue[] {
  return issues.map((issue) => inEntry(issue, entry.index));
}

/** The answers of the entries that write, by their place in the bundle. */
function answersOf(
  plans: readonly Plan[],
  changes: readonly EntryChange[],
  kept: readonly KeptChange[],
  notes: readonly (readonly Issue[])[],
): Map<number, Answer> {
  const answers = new Map<number, Answer>();
  for (const { entry, answer } of plans) if (answer) answers.set(entry.index, answer);
  for (const [at, { version, issues }] of kept.entries()) {
    const { index, method, replaced } = changes[at]!;
    const created = method !== 'DELETE' && !replaced?.text;
    answers.set(index, {
      status: method === 'DELETE' ? 204 : created ? 201 : 200,
      version,
      created,
      issues: [...(notes[index] ?? []), ...issues],
      about: [...(answers.get(index)?.about ?? []), ...textsOf(replaced ? [replaced] : [])],
    });
  }
  return answers;
}
