import { type Issue, isBreaking, isError } from '../fhir/outcome.ts';
import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import { isElement, type Resource } from '../fhir/resource.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { createAnswerBound } from './answer-bound.ts';
import { type Asked, type EntryOutcome, textsOf } from './audited.ts';
import type { Router } from './batch.ts';
import { responseBundle, responseEntry } from './bundle-response.ts';
import { type EntryRequest, readEntry } from './entry-request.ts';
import { atEntry, inEntry } from './located.ts';
import type { Preferences } from './request.ts';
import type { Server } from './server.ts';
import { refuseOverlaps } from './transaction-overlaps.ts';
import { type EntryChange, type Plan, planEntry } from './transaction-plan.ts';
import { linksOf, resolveReferences } from './transaction-references.ts';
import { type KeptChange, write } from './write.ts';
import { readWritingEntry, type WritingEntry } from './writing-entry.ts';

/** The order of http://hl7.org/fhir/R4/http.html#trules, in which the writing entries take effect. */
const order = ['DELETE', 'POST', 'PUT', 'PATCH'];

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
  const broken = brokenEntries(server, bundle, entries);
  const notes = validateEntries(server, entries).map((issues, index) => {
    const note = noted.get(index);
    return note ? [inEntry(note, index), ...issues] : issues;
  });
  const requests: EntryRequest[] = [];
  const writing: WritingEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    const request = await atEntry(index, () => readEntry(server, entry, prefer));
    requests.push(request);
    const written = await atEntry(index, () => readWritingEntry(server, request, index, router));
    if (written) writing.push(written);
  }
  writing.sort((a, b) => order.indexOf(a.method) - order.indexOf(b.method) || a.index - b.index);

  return server.store.write(async (tx): Promise<Answer> => {
    await claimConditions(tx, writing);
    const plans = await planEntries(server, tx, writing);
    refuseOverlaps(server, plans);
    const links = linksOf(server, plans);
    const changes = await resolveReferences(server, tx, plans, links);
    const repeats = plans.flatMap(({ repeat, entry }) =>
      repeat ? { ...repeat, sent: links.resolve(repeat.sent, entry) } : [],
    );
    const kept = await write(server, tx, changes, {
      noted: [...broken, ...notes.flat(), ...plans.flatMap(notesOn)],
      isBroken: broken.some(isBreaking) || plans.some(({ isBroken }) => isBroken),
      repeats,
      locate: (issue, change) => inEntry(issue, [...changes, ...repeats][change]!.index),
    });

    const answers = answersOf(plans, changes, kept, notes);
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
      status: 200,
      json: responseBundle('transaction-response', responses),
      ...(server.trail && { entries: outcomes }),
    };
  });
}

/** A place within the resource of an entry: the bundle itself can be read although something is wrong there. */
const withinResource = /^Bundle\.entry\[\d+\]\.resource\b/;

/**
 * The errors by the base specification in the resources of the entries, to be told with all else that is wrong with
 * them. Refuses with 400 at once a bundle that is broken itself.
 */
function brokenEntries(server: Server, bundle: Resource, entries: readonly unknown[]): Issue[] {
  const base = [...withoutRequest(entries), ...server.validator.validateBase(bundle)];
  const errors = base.filter(isError);
  if (errors.some(({ expression }) => !withinResource.test(expression?.[0] ?? '')))
    throw new Refusal(400, base);
  return errors;
}

/** Validates each entry's resource by the profiles that it names; gives the issues of each entry. */
function validateEntries(server: Server, entries: readonly unknown[]): Issue[][] {
  return entries.map((entry, index) => {
    const { resource } = entry as { resource?: Resource };
    return resource ? server.validator.validateClaimed(resource).map((issue) => inEntry(issue, index)) : [];
  });
}

/** The invariant bdl-3 says only that some entry has no request: here it is said which. */
function withoutRequest(entries: readonly unknown[]): Issue[] {
  return entries.flatMap((entry, index) => {
    if (!isElement(entry) || entry.request !== undefined) return [];
    return refuse(refusals.invalidRequest, [
      { zh: '条目没有 request', en: 'the entry has no request' },
    ]).issues.map((issue) => inEntry(issue, index));
  });
}

/** In one order for all transactions, so that two of them never wait for each other. */
async function claimConditions(tx: Transaction, writing: readonly WritingEntry[]): Promise<void> {
  const keys = new Set(writing.flatMap(({ condition }) => (condition ? [condition.key] : [])));
  for (const key of [...keys].sort()) await tx.exclusive(key);
}

/** Plans the entries, which are in the order in which they take effect. */
async function planEntries(
  server: Server,
  tx: Transaction,
  writing: readonly WritingEntry[],
): Promise<Plan[]> {
  const plans: Plan[] = [];
  const doomed = new Map<string, string[]>();
  const isReferral = writing.some(({ type, method }) => type === 'ServiceRequest' && method === 'POST');
  for (const entry of writing) {
    const plan = await atEntry(entry.index, () =>
      planEntry(server, tx, entry, doomed.get(entry.type) ?? [], isReferral),
    );
    plans.push(plan);
    if (entry.method !== 'DELETE') continue;
    doomed.set(entry.type, [...(doomed.get(entry.type) ?? []), ...plan.changes.map(({ id }) => id)]);
  }
  return plans;
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
