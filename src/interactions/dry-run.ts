import { type Issue, isBreaking } from '../fhir/outcome.ts';
import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import { isElement, isResource, type Resource } from '../fhir/resource.ts';
import type { Reader, Transaction } from '../store/store.ts';
import type { Router } from './batch.ts';
import type { Change } from './guard.ts';
import { inEntry } from './located.ts';
import { createRouter, type InteractionCode, type Matched, type Route } from './route.ts';
import type { Server } from './server.ts';
import { planTransaction } from './transaction-changes.ts';
import { readTransaction } from './transaction-entries.ts';
import { describe, judge, withoutChange } from './write.ts';

/** What would come of a bundle, of which nothing is kept. */
export interface DryRun {
  /** What validation says of the entries, as a transaction would. */
  validation: readonly Issue[];
  /** What the guards say, or why the bundle could not be carried out. */
  findings: readonly Issue[];
  /** What would be changed, with the index of its entry; nothing where the bundle could not be carried out. */
  changes: readonly { index: number; change: Change }[];
}

/** The bundles whose entries stand for what is to be written. */
const writingTypes: readonly unknown[] = ['transaction', 'batch', 'collection'];

/** Whether a bundle brings what could be written, so that a dry run tells something. */
export function isToBeWritten(resource: Resource): boolean {
  return resource.resourceType === 'Bundle' && writingTypes.includes(resource.type);
}

/**
 * Runs a bundle as the transaction that it is, or would be, up to the point where it would be written: the same reading,
 * planning and judging, and so the same findings. An entry without a `request`, as in a collection, is what it would be
 * to send its resource: an update where it has an id, else a create. Entries that write nothing are passed over. Refuses
 * with 413 a bundle that is too large for a transaction.
 */
export async function dryRun(server: Server, bundle: Resource): Promise<DryRun> {
  const sent = Array.isArray(bundle.entry) ? bundle.entry : [];
  const most = server.limits.maxBundleEntries;
  if (sent.length > most) throw refuse(refusals.bundleTooLarge, [String(most), String(sent.length)]);
  const entries = sent.map((entry) => (bundle.type === 'transaction' ? entry : withRequest(server, entry)));
  const asTransaction = { ...bundle, type: 'transaction', entry: entries };
  try {
    const read = await readTransaction(server, asTransaction, entries, {}, routerOf(server));
    const validation = [...read.broken, ...read.notes.flat()];
    const { plans, changes, repeats } = await planTransaction(server, readOnly(server.store), read.writing);
    const isBroken = read.broken.some(isBreaking) || plans.some((plan) => plan.isBroken);
    const findings = isBroken ? [] : await findingsOf(server, changes, repeats);
    const patched = plans.flatMap(({ entry, issues = [] }) =>
      issues.map((issue) => inEntry(issue, entry.index)),
    );
    return {
      validation: [...validation, ...patched],
      findings,
      changes: changes.map((change) => ({ index: change.index, change: describe(change) })),
    };
  } catch (error) {
    // What a transaction is refused for is what is asked; that the store does not answer is not.
    if (!(error instanceof Refusal) || error.status >= 500) throw error;
    return { validation: [], findings: error.issues, changes: [] };
  }
}

async function findingsOf(
  server: Server,
  changes: Parameters<typeof judge>[2] & readonly { index: number }[],
  repeats: Parameters<typeof judge>[3] & readonly { index: number }[],
): Promise<Issue[]> {
  const { findings } = await judge(server, server.store, changes, repeats, server.now());
  return findings.map((finding) =>
    inEntry(withoutChange(finding), [...changes, ...repeats][finding.change]!.index),
  );
}

function withRequest(server: Server, entry: unknown): unknown {
  if (!isElement(entry) || entry.request !== undefined || !isResource(entry.resource)) return entry;
  const { resourceType: type, id } = entry.resource;
  const isKnown = typeof id === 'string';
  const request = isKnown ? { method: 'PUT', url: `${type}/${id}` } : { method: 'POST', url: type };
  const fullUrl = isKnown ? { fullUrl: `${server.base}/${type}/${id}` } : {};
  return { ...fullUrl, ...entry, request };
}

/** The addresses of writing. What else an entry asks for is taken for a read, which is passed over. */
function routerOf({ definitions }: Server): Router {
  const route = (method: Route['method'], path: string, interaction: InteractionCode): Route => ({
    method,
    path,
    interaction,
    run: () => Promise.reject(new TypeError(`${path} is not run`)),
  });
  const reading: Matched = { route: route('GET', '/{type}', 'read'), address: {} };
  const writing = createRouter(
    [
      route('POST', '/{type}', 'create'),
      route('PUT', '/{type}', 'update'),
      route('PATCH', '/{type}', 'patch'),
      route('DELETE', '/{type}', 'delete'),
      route('PUT', '/{type}/{id}', 'update'),
      route('PATCH', '/{type}/{id}', 'patch'),
      route('DELETE', '/{type}/{id}', 'delete'),
    ],
    definitions.resourceTypes,
  );
  return (method, segments) =>
    method === 'GET' || segments.some((segment) => segment.startsWith('$'))
      ? reading
      : writing(method, segments);
}

/** What planning asks of a transaction, without one: nothing is claimed, and nothing can be kept. */
function readOnly(reader: Reader): Transaction {
  const never = () => Promise.reject(new TypeError('A dry run writes nothing'));
  return {
    read: reader.read,
    readVersion: reader.readVersion,
    history: reader.history,
    search: reader.search,
    count: reader.count,
    exclusive: async () => {},
    share: async () => {},
    put: never,
    reindex: never,
    amend: never,
  };
}
