import { type Issue, isBreaking } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Store, StoredVersion, Transaction } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { createAnswerBound } from './answer-bound.ts';
import { type Asked, type EntryOutcome, textsOf } from './audited.ts';
import type { Router } from './batch.ts';
import { responseBundle, responseEntry } from './bundle-response.ts';
import type { EntryRequest } from './entry-request.ts';
import { atEntry, inEntry } from './located.ts';
import type { Preferences } from './request.ts';
import type { Server } from './server.ts';
import { planTransaction } from './transaction-changes.ts';
import { readTransaction } from './transaction-entries.ts';
import type { EntryChange, Plan } from './transaction-plan.ts';
import { type KeptChange, write } from './write.ts';
import type { WritingEntry } from './writing-entry.ts';

/**
 * Runs a transaction Bundle: all of it is kept or nothing (http://hl7.org/fhir/R4/http.html#transaction). What is
 * refused says in which entry, and everything that validation finds is told at once.
 */
export async function transaction(
  server: Server,
  bundle: Resource,
  entries: readonly unknown[],
  prefer: Preferences,
  router: Router,
  noted: ReadonlyMap<number, Issue> = new Map(),
): Promise<Answer> {
  const { broken, notes, requests, writing } = await readTransaction(
    server,
    bundle,
    entries,
    prefer,
    router,
    noted,
  );

  return server.store.write(async (tx): Promise<Answer> => {
    await claimConditions(tx, writing);
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
    const responses: string[] = [];
    const outcomes: EntryOutcome[] = [];
    const bound = createAnswerBound(server.limits.maxAnswerBytes, server.share);
    for (const [index, request] of requests.entries()) {
      const answer =
        answers.get(index) ?? (await atEntry(index, () => runWithin(server, tx, request, router)));
      responses.push(bound.take(responseEntry(server.base, request, prefer, answer)));
      if (server.trail) outcomes.push({ asked: askedBy(request, router), answer });
      await bound.giveWay();
    }
    return {
      ...responseBundle('transaction-response', responses),
      ...(server.trail && { entries: outcomes }),
    };
  });
}

/** In one order for all transactions, so that two of them never wait for each other. */
async function claimConditions(tx: Transaction, writing: readonly WritingEntry[]): Promise<void> {
  const keys = new Set(writing.flatMap(({ condition }) => (condition ? [condition.key] : [])));
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

/** Runs an entry that reads, or an operation: it sees what the transaction has written, and what it writes is part of it. */
function runWithin(
  server: Server,
  tx: Transaction,
  { method, address, rest }: EntryRequest,
  router: Router,
): Promise<Answer> {
  const matched = router(method, address.segments);
  const request = { method, query: address.query, ...matched.address, ...rest };
  const store: Store = { ...server.store, ...tx, write: (work) => work(tx) };
  // It is recorded with the whole transaction, once that is kept.
  const { trail: _, ...unrecorded } = server;
  return matched.route.run({ ...unrecorded, store }, request);
}

function askedBy({ method, address: { segments, query }, rest }: EntryRequest, router: Router): Asked {
  const { route, address } = router(method, segments);
  return { ...rest, ...address, method, query, interaction: route.interaction };
}
