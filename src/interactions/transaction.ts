import { randomUUID } from 'node:crypto';
import { parseJson } from '../fhir/json/parse.ts';
import { type Issue, isError } from '../fhir/outcome.ts';
import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import { isResource, type Resource } from '../fhir/resource.ts';
import type { StoredVersion, Transaction } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { Router } from './batch.ts';
import { responseBundle, responseEntry } from './bundle-response.ts';
import { type Condition, findMatch, readCondition } from './condition.ts';
import { findDoomed } from './delete.ts';
import { type EntryRequest, readEntry } from './entry-request.ts';
import type { Repeat } from './guard.ts';
import { atEntry, inEntry } from './located.ts';
import { patched } from './patch.ts';
import { checkIfMatch } from './preconditions.ts';
import type { Preferences } from './request.ts';
import { checkId } from './resource-body.ts';
import type { Server } from './server.ts';
import { linkTargets, resolveReferences } from './transaction-references.ts';
import { resolveConditionalUpdate } from './update.ts';
import { type PlannedChange, write } from './write.ts';

/** An entry that writes, as the client sent it. */
interface WritingEntry extends EntryRequest {
  index: number;
  type: string;
  /** The id in the address. */
  id?: string;
  condition?: Condition;
}

/** A planned change and the entry that asked for it. */
export interface EntryChange extends PlannedChange {
  index: number;
}

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
): Promise<Answer> {
  const notes = validateEntries(server, bundle, entries);
  const requests: EntryRequest[] = [];
  for (const [index, entry] of entries.entries())
    requests.push(await atEntry(index, () => readEntry(entry, server.base, prefer)));
  const writing: WritingEntry[] = [];
  for (const [index, request] of requests.entries()) {
    if (request.method !== 'GET')
      writing.push(await atEntry(index, () => writingEntry(server, request, index, router)));
  }
  writing.sort((a, b) => order.indexOf(a.method) - order.indexOf(b.method) || a.index - b.index);

  return server.store.write(async (tx): Promise<Answer> => {
    await claimConditions(tx, writing);
    const answers: Answer[] = new Array(entries.length);
    const changes: EntryChange[] = [];
    const repeats: (Repeat & { index: number })[] = [];
    const noted = notes.flat();
    const targets = new Map<string, string>();
    for (const entry of writing) {
      const planned = await atEntry(entry.index, () => plan(server, tx, entry, answers));
      changes.push(...planned.changes);
      repeats.push(...(planned.repeats ?? []));
      noted.push(...(planned.issues ?? []).map((issue) => inEntry(issue, entry.index)));
      if (entry.fullUrl && planned.target) targets.set(entry.fullUrl, planned.target);
    }
    refuseTwins(changes, answers);

    const resolved = await resolveReferences(server, tx, changes, targets);
    const circumstances = {
      noted,
      repeats: repeats.map((repeat) => ({ ...repeat, sent: linkTargets(repeat.sent, targets) })),
      locate: (issue: Issue, change: number) => inEntry(issue, [...resolved, ...repeats][change]!.index),
    };
    for (const [at, kept] of (await write(server, tx, resolved, circumstances)).entries()) {
      const { index, method, replaced } = resolved[at]!;
      const created = method === 'POST' || (method === 'PUT' && !replaced?.text);
      const status = method === 'DELETE' ? 204 : created ? 201 : 200;
      answers[index] = {
        status,
        version: kept.version,
        created,
        issues: [...(notes[index] ?? []), ...kept.issues],
      };
    }
    for (const [index, { method, address, rest }] of requests.entries()) {
      if (method !== 'GET') continue;
      answers[index] = await atEntry(index, () => {
        const matched = router(method, address.segments);
        const request = { method, query: address.query, ...matched.address, ...rest };
        return matched.route.run({ ...server, store: tx } as unknown as Server, request);
      });
    }
    const responses = answers.map((answer, index) =>
      responseEntry(server.base, requests[index]!.method, prefer, answer),
    );
    return { status: 200, json: responseBundle('transaction-response', responses) };
  });
}

/** Validates the whole bundle, and each entry's resource by the profiles that it names; gives the issues of each entry. */
function validateEntries(server: Server, bundle: Resource, entries: readonly unknown[]): Issue[][] {
  const base = server.validator.validateBase(bundle);
  if (base.some(isError)) throw new Refusal(400, base);
  return entries.map((entry, index) => {
    const resource = (entry as { resource?: Resource }).resource;
    return (resource?.meta?.profile ?? [])
      .flatMap((url) => server.validator.validateProfile(url, resource!))
      .map((issue) => inEntry(issue, index));
  });
}

function writingEntry(server: Server, request: EntryRequest, index: number, router: Router): WritingEntry {
  const { method, address, rest } = request;
  const { route, address: at } = router(method, address.segments);
  if (route.interaction === 'operation' || !at.type)
    throw refuse(refusals.notImplemented, ['operations inside a transaction']);
  const type = at.type;
  const entry: WritingEntry = { ...request, index, type, ...(at.id !== undefined && { id: at.id }) };
  if (method === 'POST' || method === 'PUT') {
    const { body } = rest;
    if (!isResource(body)) throw refuse(refusals.invalidRequest, ['the entry has no resource']);
    if (body.resourceType !== type) throw refuse(refusals.typeMismatch, [body.resourceType, type]);
    if (method === 'PUT' && at.id !== undefined) {
      checkId(at.id);
      if (body.id !== undefined && body.id !== at.id) throw refuse(refusals.idMismatch, [body.id, at.id]);
    }
    if (method === 'POST' && rest.ifNoneExist !== undefined)
      entry.condition = readCondition(server, type, rest.ifNoneExist);
  }
  if (method !== 'POST' && at.id === undefined) entry.condition = readCondition(server, type, address.query);
  return entry;
}

/** In one order for all transactions, so that two of them never wait for each other. */
async function claimConditions(tx: Transaction, writing: readonly WritingEntry[]): Promise<void> {
  const keys = new Set(writing.flatMap(({ condition }) => (condition ? [condition.key] : [])));
  for (const key of [...keys].sort()) await tx.exclusive(key);
}

/** What becomes of an entry. */
interface Plan {
  changes: EntryChange[];
  /** The `Type/id` that its fullUrl stands for. */
  target?: string;
  /** A conditional create that is not done. */
  repeats?: (Repeat & { index: number })[];
  /** What validation says of a resource that only now is known: the result of a patch. */
  issues?: Issue[];
}

/** What an entry changes, and the `Type/id` that its fullUrl stands for. An entry that changes nothing is answered. */
async function plan(server: Server, tx: Transaction, entry: WritingEntry, answers: Answer[]): Promise<Plan> {
  const { index, method, type, condition, rest } = entry;
  const resource = rest.body as Resource;
  const changed = (id: string, made: Resource | null, replaced: StoredVersion | undefined) => ({
    changes: [{ index, method: method as EntryChange['method'], type, id, resource: made, replaced }],
    target: `${type}/${id}`,
  });

  switch (method) {
    case 'POST': {
      const match = condition && (await findMatch(tx, condition));
      if (!match) return changed(randomUUID(), resource, undefined);
      answers[index] = { status: 200, version: match };
      const stored = parseJson(match.text!, Number.POSITIVE_INFINITY) as Resource;
      return {
        changes: [],
        target: `${type}/${match.id}`,
        repeats: [{ index, type, id: match.id, sent: resource, stored }],
      };
    }
    case 'PUT': {
      const id = condition ? await resolveConditionalUpdate(tx, condition, resource) : entry.id!;
      const replaced = await tx.read(type, id);
      checkIfMatch(rest.ifMatch, replaced);
      return changed(id, resource, replaced);
    }
    case 'PATCH': {
      const current = condition ? await findMatch(tx, condition) : await tx.read(type, entry.id!);
      checkIfMatch(rest.ifMatch, current);
      const { resource: result, issues } = patched(
        server,
        rest,
        current,
        `${type}/${entry.id ?? `?${condition?.text}`}`,
      );
      return { ...changed(current!.id, result, current), issues };
    }
    default: {
      const doomed = condition ? await findDoomed(server, tx, condition) : [await tx.read(type, entry.id!)];
      if (rest.ifMatch !== undefined) checkIfMatch(rest.ifMatch, doomed[0]);
      answers[index] = { status: 204 };
      const present = doomed
        .filter((version) => version !== undefined)
        .filter((version) => version.text !== null);
      return { changes: present.flatMap((version) => changed(version.id, null, version).changes) };
    }
  }
}

/** "If any resource identities overlap …, then the transaction SHALL fail" (http://hl7.org/fhir/R4/http.html#trules). */
function refuseTwins(changes: readonly EntryChange[], answers: readonly (Answer | undefined)[]): void {
  const touched = new Map<string, number>();
  const claim = (resource: string, index: number) => {
    const first = touched.get(resource);
    if (first !== undefined && first !== index) {
      throw refuse(
        refusals.overlappingEntries,
        [resource, String(first), String(index)],
        [`Bundle.entry[${index}]`],
      );
    }
    touched.set(resource, index);
  };
  for (const { type, id, index } of changes) claim(`${type}/${id}`, index);
  for (const [index, answer] of answers.entries())
    if (answer?.version) claim(`${answer.version.type}/${answer.version.id}`, index);
}
