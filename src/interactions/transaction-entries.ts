import { type Issue, isError } from '../fhir/outcome.ts';
import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import { isElement, type Resource } from '../fhir/resource.ts';
import type { Router } from './batch.ts';
import { type EntryRequest, readEntry } from './entry-request.ts';
import { atEntry, inEntry } from './located.ts';
import type { Preferences } from './request.ts';
import type { Server } from './server.ts';
import { readWritingEntry, type WritingEntry } from './writing-entry.ts';

/** The order of http://hl7.org/fhir/R4/http.html#trules, in which the writing entries take effect. */
const order = ['DELETE', 'POST', 'PUT', 'PATCH'];

/** The entries of a transaction, read and validated, before anything is asked of the store. */
export interface ReadTransaction {
  /** Errors by the base specification in the resources. */
  broken: Issue[];
  /** What the profiles that they claim have to say, for each entry. */
  notes: Issue[][];
  requests: EntryRequest[];
  /** Those that write, in the order in which they take effect. */
  writing: WritingEntry[];
}

/** Reads and validates the entries. Refuses with 400 what cannot be read. `noted` is what is known before, by entry. */
export async function readTransaction(
  server: Server,
  bundle: Resource,
  entries: readonly unknown[],
  prefer: Preferences,
  router: Router,
  noted: ReadonlyMap<number, Issue> = new Map(),
): Promise<ReadTransaction> {
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
  return { broken, notes, requests, writing };
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
