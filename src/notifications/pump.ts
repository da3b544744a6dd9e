import { setTimeout as pause } from 'node:timers/promises';
import { readJson } from '../fhir/json/parse.ts';
import { Refusal, refusals } from '../fhir/refusal.ts';
import type { Resource } from '../fhir/resource.ts';
import { extractEntries } from '../fhir/search/extract.ts';
import type { Searchable } from '../fhir/search/matcher.ts';
import { and } from '../fhir/search/query.ts';
import type { Server } from '../interactions/server.ts';
import {
  currentVersion,
  type KeptChange,
  LogLost,
  type NewEvent,
  type Outbox,
  type Progress,
  type QueuedEvent,
} from '../store/outbox.ts';
import type { HistoryPosition, Reader } from '../store/store.ts';
import type { Matching } from './matching.ts';
import { dueIn, eventOfDue, overdueTasks } from './overdue.ts';
import type { RecentEntries } from './recent-entries.ts';
import type { Registry } from './registry.ts';

/** What the pump works with. */
export interface PumpParts {
  outbox: Outbox;
  registry: Registry;
  recent: RecentEntries;
  /** All that is stored. */
  store: Reader;
  server: Pick<Server, 'parameters' | 'base' | 'now'>;
  /** The part of the store that the maker of a subscription sees; undefined: they are no longer let in. */
  seenBy(subscription: string): Promise<Reader | undefined>;
  report(error: unknown): void;
  /** Told of events that were queued. */
  queued(events: readonly QueuedEvent[]): void;
}

/** So many changes are followed at once. */
const mostChanges = 500;
/** The log is looked at again after so many milliseconds, also when nothing is told of it. */
const patience = 500;
/** Between two looks, in milliseconds: what came meanwhile is queued by one write. */
const shortestPause = 10;
/** The pump leaves so many times the time that it has used to others. */
const share = 4;
const longestPause = 200;
/** Where nothing is queued, how far the log was followed is kept after so many changes or milliseconds. */
const keptAfterChanges = 2_000;
const keptAfter = 2_000;
/** How often it is looked what has become overdue, in milliseconds. */
const overdueEvery = 500;
/** A transaction may last so long before its changes are in the log, and clocks differ, in milliseconds. */
const recoveredBefore = 120_000;

/**
 * Follows the log of changes, and queues what subscriptions are to be told of: once, however often it is stopped, since
 * how far it has come is kept with what it has queued.
 */
export async function pump(parts: PumpParts, beginning: Beginning, signal: AbortSignal): Promise<void> {
  const { outbox } = parts;
  let progress = await begin(parts, beginning);
  let kept = { changes: 0, at: performance.now() };

  async function queue(events: readonly NewEvent[], changes: number): Promise<void> {
    kept.changes += changes;
    const isDue = kept.changes >= keptAfterChanges || performance.now() - kept.at >= keptAfter;
    if (events.length === 0 && !(isDue && kept.changes > 0)) return;
    parts.queued(await outbox.append(events, progress));
    kept = { changes: 0, at: performance.now() };
  }

  while (!signal.aborted) {
    let changes: readonly KeptChange[];
    try {
      const read = await outbox.follow(progress.place, { limit: mostChanges, patience, signal });
      changes = read.changes;
      progress = { ...progress, place: read.place };
    } catch (error) {
      if (!(error instanceof LogLost)) throw error;
      progress = await recover(parts, progress.clock);
      continue;
    }
    if (signal.aborted) return;
    const began = performance.now();
    const events: NewEvent[] = [];
    for (const change of changes) events.push(...(await eventsOrNone(parts, change, progress.clock)));
    const due = await overdueEvents(parts, progress.clock);
    events.push(...due.events);
    if (due.clock !== undefined) {
      // Kept with the next change: what is looked at again after a crash is queued once all the same.
      progress = { ...progress, clock: due.clock };
    }
    await queue(events, changes.length);
    const used = performance.now() - began;
    await pause(Math.min(longestPause, shortestPause + share * used), undefined, {
      ref: false,
      signal,
    }).catch(() => {});
  }
}

/** Where the log is followed from. To be asked before subscriptions are read: none that is made meanwhile is missed. */
export interface Beginning {
  progress: Progress;
  /** Whether nobody has ever followed it. */
  isFirst: boolean;
}

export async function beginningOf({
  outbox,
  server,
}: Pick<PumpParts, 'outbox' | 'server'>): Promise<Beginning> {
  const known = await outbox.progress();
  return known
    ? { progress: known, isFirst: false }
    : { progress: { place: await outbox.end(), clock: server.now() }, isFirst: true };
}

/** The first time what was written a moment before is told as well: a subscription may have been there. */
async function begin(parts: PumpParts, { progress, isFirst }: Beginning): Promise<Progress> {
  if (!isFirst) return progress;
  if (!parts.registry.isEmpty) return recover(parts, progress.clock);
  await parts.outbox.append([], progress);
  return progress;
}

/**
 * Where the log does not reach back, the history of what is stored tells what was written since: what is queued already
 * is not queued again.
 */
async function recover(parts: PumpParts, since: number): Promise<Progress> {
  const { outbox, store, server } = parts;
  const progress = { place: await outbox.end(), clock: since };
  const changes: KeptChange[] = [];
  for (let after: HistoryPosition | undefined; ; ) {
    const page = await store.history({
      since: since - recoveredBefore,
      limit: mostChanges,
      ...(after && { after }),
    });
    changes.push(...page.map(({ type, id, version }) => ({ type, id, version })));
    const last = page.at(-1);
    if (!last || page.length < mostChanges) break;
    after = { updated: last.updated, type: last.type, id: last.id, version: last.version };
  }
  const events: NewEvent[] = [];
  for (const change of changes.reverse()) events.push(...(await eventsOrNone(parts, change, since)));
  parts.queued(await outbox.append(events, { ...progress, clock: Math.min(since, server.now()) }));
  return progress;
}

/** What is to be told of one change. Where that fails by itself, it is reported and does not hold up all that come. */
async function eventsOrNone(parts: PumpParts, change: KeptChange, clock: number): Promise<NewEvent[]> {
  try {
    return await eventsOf(parts, change, clock);
  } catch (error) {
    if (error instanceof Refusal && error.status === refusals.storeUnavailable.status) throw error;
    parts.report(error);
    return [];
  }
}

/** What is to be told of one change. */
async function eventsOf(parts: PumpParts, change: KeptChange, clock: number): Promise<NewEvent[]> {
  const { registry } = parts;
  const { type, id, version } = change;
  if (type === 'Subscription') await registry.apply(id);
  const writes = registry.writesOf(type);
  const terms = registry.eventsOf(eventOfDue, type);
  if (!writes && !terms) return [];
  const resource = await searchableOf(parts, change);
  if (!resource) return [];
  const interaction = version === 1 ? 'create' : 'update';
  const watchers = writes ? await watchersOf(parts, writes, resource) : [];
  const told = { type, id, version, at: resource.updated };
  return [
    ...watchers
      .filter((watcher) => registry.looksAt(watcher, type, interaction))
      .map((subscription) => ({ ...told, subscription, cause: 'change' })),
    // A term that has passed already when it is written: no clock will come to it.
    ...(terms ? await overdueWhenWritten(parts, terms, change, resource, clock) : []),
  ];
}

async function overdueWhenWritten(
  parts: PumpParts,
  matching: Matching,
  { type, id, version }: KeptChange,
  resource: Searchable,
  clock: number,
): Promise<NewEvent[]> {
  const due = dueIn(resource.entries);
  if (due === undefined || due > clock) return [];
  const before = version > 1 && (await searchableOf(parts, { type, id, version: version - 1 }));
  if (before && dueIn(before.entries) === due) return [];
  const watchers = await watchersOf(parts, matching, resource);
  return watchers.map((subscription) => ({
    ...{ type, id, version: currentVersion, subscription },
    cause: `${eventOfDue} ${due}`,
    at: resource.updated,
  }));
}

/** What has become overdue since the clock was looked at, and up to when that was now; no clock: nobody looked. */
async function overdueEvents(
  parts: PumpParts,
  clock: number,
): Promise<{ events: NewEvent[]; clock?: number }> {
  const now = parts.server.now();
  if (now - clock < overdueEvery) return { events: [] };
  const matching = parts.registry.eventsOf(eventOfDue, 'Task');
  if (!matching) return { events: [], clock: now };
  const events: NewEvent[] = [];
  for (const { version, due } of await overdueTasks(parts.store, { after: clock, until: now })) {
    const { type, id } = version;
    const resource = searchableFrom(parts, version);
    for (const subscription of await watchersOf(parts, matching, resource))
      events.push({
        type,
        id,
        version: currentVersion,
        subscription,
        cause: `${eventOfDue} ${due}`,
        at: due,
      });
  }
  return { events, clock: now };
}

/** The watchers whose query a resource matches; where it looks into other resources, as far as they may see these. */
async function watchersOf(parts: PumpParts, matching: Matching, resource: Searchable): Promise<string[]> {
  const { matching: found, open } = matching.find(resource);
  const watchers = [...found];
  for (const { query, watchers: asking } of open)
    for (const watcher of asking) {
      const seen = await parts.seenBy(watcher);
      const filter = and([{ kind: 'id', ids: [resource.id] }, query]);
      if (seen && (await seen.count(resource.type, filter)) > 0) watchers.push(watcher);
    }
  return watchers;
}

/** A version as searches see it; undefined for a deletion. */
async function searchableOf(
  parts: PumpParts,
  { type, id, version }: KeptChange,
): Promise<Searchable | undefined> {
  const recent = parts.recent.find(type, id, version);
  if (recent) return recent;
  const stored = await parts.store.readVersion(type, id, version);
  return stored?.text ? searchableFrom(parts, { ...stored, text: stored.text }) : undefined;
}

function searchableFrom(
  { server }: PumpParts,
  { type, id, updated, text }: { type: string; id: string; updated: number; text: string },
): Searchable {
  const resource = readJson(text) as Resource;
  return { type, id, updated, entries: extractEntries(server.parameters, resource, server.base) };
}
