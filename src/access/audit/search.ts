import { setImmediate as nextTurn } from 'node:timers/promises';
import { refusals, refuse } from '../../fhir/refusal.ts';
import { extractEntries } from '../../fhir/search/extract.ts';
import { matches } from '../../fhir/search/matcher.ts';
import type { Position } from '../../fhir/search/order.ts';
import type { SearchParameters } from '../../fhir/search/parameters.ts';
import { and, type Query, type Sort } from '../../fhir/search/query.ts';
import type { Allowance, Match, SearchRequest, StoredVersion } from '../../store/store.ts';
import { auditEventOf, countOf, placeOf } from './audit-event.ts';
import type { AuditStore, BatchQuestion } from './audit-store.ts';
import { type Batch, linesOf } from './batch.ts';
import { narrowed } from './narrow.ts';
import { type AuditRecord, recordOf, referencesOf } from './record.ts';

/** What AuditEvents are made and found with. */
export interface AuditContext {
  store: AuditStore;
  readonly parameters: SearchParameters;
  base: string;
}

/** So many batches are fetched at a time. */
const batchesAtOnce = 8;
/** So long at most the walk goes on without giving way to others, in milliseconds. */
const slice = 8;

/**
 * The AuditEvents that match, newest first or oldest first. Those that a patient, an agent or an entity is named in are
 * looked up; within these, and within the time that the query demands, each is made and matched.
 */
export async function searchAudit(
  context: AuditContext,
  { filter: asked, sort, after, limit }: SearchRequest,
  allowance: Allowance = {},
): Promise<Match[]> {
  const descending = isDescending(sort);
  const start = after && placeOf(after.id);
  const filter = after && !start ? and([asked, beyond(after, descending)]) : asked;
  const found: Match[] = [];
  if (limit === 0) return found;
  for await (const event of walk(context, filter, descending, start?.number, allowance)) {
    if (start && event.number === start.number && event.n <= start.n) continue;
    const match = matchOf(context, event, filter, sort);
    if (match) found.push(match);
    if (found.length >= limit) break;
  }
  return found;
}

/** What comes after a position that is of another type: it ends at an instant, before or after all that is of it. */
function beyond({ values, id }: Position, descending: boolean): Query {
  const instant = values[0] as number;
  const bound = `${descending ? 'l' : 'g'}t${id === '' ? 'e' : ''}`;
  return { kind: 'updated', is: { [bound]: instant } };
}

/** How many AuditEvents match. */
export async function countAudit(
  context: AuditContext,
  filter: Query,
  allowance: Allowance = {},
): Promise<number> {
  let count = 0;
  for await (const event of walk(context, filter, true, undefined, allowance))
    if (matchOf(context, event, filter, [])) count++;
  return count;
}

/** The AuditEvent of an id, or undefined. */
export async function readAudit(
  { store, base }: Pick<AuditContext, 'store' | 'base'>,
  id: string,
): Promise<(StoredVersion & { text: string }) | undefined> {
  const place = placeOf(id);
  if (!place) return undefined;
  const batch = await batchOf(store, place.number);
  const line = batch && linesOf(batch)[place.number - batch.first];
  if (line === undefined) return undefined;
  const version = versionOf(base, { ...place, record: recordOf(line) });
  return version.id === id ? version : undefined;
}

/** One AuditEvent of a record, not yet made. */
interface Event {
  number: number;
  n: number;
  record: AuditRecord;
}

async function* walk(
  { store }: AuditContext,
  filter: Query,
  descending: boolean,
  from: number | undefined,
  { timeout, signal }: Allowance,
): AsyncGenerator<Event> {
  const { references, since, until, numbers } = narrowed(filter);
  if (numbers) {
    yield* ofNumbers(store, numbers, descending, from);
    return;
  }
  const ends = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout;
  let sliceBegan = performance.now();
  /** Lets others have their turn when this walk has had its own, and ends it when its time is over. */
  async function giveWay(): Promise<void> {
    if (performance.now() - sliceBegan < slice) return;
    signal?.throwIfAborted();
    if (performance.now() > ends) throw refuse(refusals.tooCostly, [`> ${timeout} ms; patient, date`]);
    await nextTurn();
    sliceBegan = performance.now();
  }
  const batch = from === undefined ? undefined : await batchOf(store, from);
  let next = batch?.number;
  for (;;) {
    const question: BatchQuestion = {
      descending,
      limit: batchesAtOnce,
      ...(next !== undefined && (descending ? { to: next } : { from: next })),
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
      ...(references && { references }),
    };
    const batches = await store.batches(question);
    for (const each of batches) {
      for (const event of eventsOf(each, descending, from, references)) {
        yield event;
        await giveWay();
      }
      await giveWay();
    }
    const last = batches.at(-1);
    if (!last || batches.length < batchesAtOnce) return;
    next = descending ? last.number - 1 : last.number + 1;
  }
}

/** The events of a batch, from a record on, of those records that name one of the references. */
function* eventsOf(
  batch: Batch,
  descending: boolean,
  from: number | undefined,
  references: readonly string[] | undefined,
): Generator<Event> {
  const lines = linesOf(batch);
  // What is looked for is in few lines of a batch: a look at the text spares reading the others. A patient's id stands alone.
  const ids = references?.map((reference) => reference.slice(reference.indexOf('/') + 1));
  for (let at = 0; at < lines.length; at++) {
    const index = descending ? lines.length - 1 - at : at;
    const number = batch.first + index;
    const line = lines[index]!;
    if (from !== undefined && (descending ? number > from : number < from)) continue;
    if (ids && !ids.some((id) => line.includes(id))) continue;
    const record = recordOf(line);
    if (references && !referencesOf(record).some((each) => references.includes(each))) continue;
    for (let n = 0; n < countOf(record); n++) yield { number, n, record };
  }
}

async function* ofNumbers(
  store: AuditStore,
  numbers: readonly number[],
  descending: boolean,
  from: number | undefined,
): AsyncGenerator<Event> {
  const ordered = [...new Set(numbers)].sort((a, b) => (descending ? b - a : a - b));
  for (const number of ordered) {
    if (from !== undefined && (descending ? number > from : number < from)) continue;
    const batch = await batchOf(store, number);
    const line = batch && linesOf(batch)[number - batch.first];
    if (line === undefined) continue;
    const record = recordOf(line);
    for (let n = 0; n < countOf(record); n++) yield { number, n, record };
  }
}

/** The batch that holds a record, found by halving: batches know their first record only. */
async function batchOf(store: AuditStore, number: number): Promise<Batch | undefined> {
  const edge = async (descending: boolean) => (await store.batches({ descending, limit: 1 }))[0];
  let low = await edge(false);
  const high = await edge(true);
  if (!low || !high || number < low.first) return undefined;
  let [from, to] = [low.number, high.number];
  while (from < to) {
    const middle = Math.ceil((from + to) / 2);
    const [batch] = await store.batches({ descending: false, from: middle, to: middle, limit: 1 });
    if (!batch) return undefined;
    if (batch.first <= number) {
      from = middle;
      low = batch;
    } else to = middle - 1;
  }
  return low;
}

function matchOf(
  { parameters, base }: AuditContext,
  event: Event,
  filter: Query,
  sort: readonly Sort[],
): Match | undefined {
  const resource = auditEventOf(base, event.number, event.record, event.n);
  const entries = extractEntries(parameters, resource, base);
  const { at } = event.record;
  if (!matches(filter, { type: 'AuditEvent', id: resource.id!, updated: at, entries })) return undefined;
  return {
    version: versionOf(base, event),
    terms: entries.terms,
    position: { values: (sort.length > 0 ? sort : [undefined]).map(() => at), id: resource.id! },
  };
}

function versionOf(base: string, { number, n, record }: Event): StoredVersion & { text: string } {
  const resource = auditEventOf(base, number, record, n);
  return {
    type: 'AuditEvent',
    id: resource.id!,
    version: 1,
    updated: record.at,
    method: 'POST',
    text: JSON.stringify(resource),
  };
}

/** The log has one order, which can be gone through either way. */
function isDescending(sort: readonly Sort[]): boolean {
  const other = sort.find(({ key }) => key !== 'date' && key !== '_lastUpdated');
  if (other) throw refuse(refusals.auditOrder, [other.key.slice(0, 64)]);
  return sort[0]?.descending ?? true;
}
