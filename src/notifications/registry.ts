import { readJson } from '../fhir/json/parse.ts';
import { Refusal } from '../fhir/refusal.ts';
import type { Resource } from '../fhir/resource.ts';
import { parseSearch } from '../fhir/search/parse.ts';
import type { Outbox } from '../store/outbox.ts';
import type { Reader, StoredVersion } from '../store/store.ts';
import { Line, type LineParts } from './line.ts';
import { Matching } from './matching.ts';
import { readSubscription, type Subscription } from './subscription.ts';
import { type Watch, type WatchParts, watchesOf } from './watch.ts';

/** What the registry works with. */
export interface RegistryParts {
  store: Reader;
  outbox: Outbox;
  watching: WatchParts;
  line: LineParts;
  report(error: unknown): void;
}

interface Entry {
  subscription: Subscription;
  watches: readonly Watch[];
  /** Undefined where somebody fetches what is told, as by a websocket. */
  line?: Line;
}

/** So many subscriptions are read at once. */
const pageSize = 200;

/** The subscriptions in force, as the process that delivers knows them: what they look for, and their ways out. */
export class Registry {
  readonly #parts: RegistryParts;
  readonly #entries = new Map<string, Entry>();
  /** What is looked for in writes, by type, and for events, by code and type. */
  readonly #writes = new Map<string, Matching>();
  readonly #events = new Map<string, Matching>();

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  /** What is looked for in writes of a type; undefined: nothing. */
  writesOf(type: string): Matching | undefined {
    return this.#writes.get(type);
  }

  /** What is looked for when an event comes about a type. */
  eventsOf(event: string, type: string): Matching | undefined {
    return this.#events.get(`${event} ${type}`);
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** A subscription, and by which writes a watcher is concerned. */
  find(id: string): Subscription | undefined {
    return this.#entries.get(id)?.subscription;
  }

  /** Whether a subscription looks at creations or updates of a type. */
  looksAt(id: string, type: string, interaction: 'create' | 'update'): boolean {
    const watches = this.#entries.get(id)?.watches ?? [];
    return watches.some((watch) => watch.type === type && watch.interactions.has(interaction));
  }

  lineOf(id: string): Line | undefined {
    return this.#entries.get(id)?.line;
  }

  lines(): Line[] {
    return [...this.#entries.values()].flatMap(({ line }) => line ?? []);
  }

  subscriptions(): Subscription[] {
    return [...this.#entries.values()].map(({ subscription }) => subscription);
  }

  /** Reads all subscriptions that are not off. */
  async load(): Promise<void> {
    const { searching } = this.#parts.watching;
    const { filter } = parseSearch(searching, 'Subscription', [['status', 'requested,active,error']]);
    const sort = [{ key: '_id', descending: false }];
    for (let after: Parameters<Reader['search']>[0]['after']; ; ) {
      const page = await this.#parts.store.search({
        type: 'Subscription',
        filter,
        sort,
        limit: pageSize,
        ...(after && { after }),
      });
      for (const { version } of page) await this.#put(version);
      if (page.length < pageSize) return;
      after = page.at(-1)!.position;
    }
  }

  /** Brings a subscription to what is stored of it now. */
  async apply(id: string): Promise<void> {
    const version = await this.#parts.store.read('Subscription', id);
    if (version?.text) await this.#put(version);
    else await this.#drop(id);
  }

  async stop(): Promise<void> {
    const lines = this.lines();
    for (const id of [...this.#entries.keys()]) this.#remove(id);
    await Promise.all(lines.map((line) => line.stop()));
  }

  async #put({ id, text }: StoredVersion): Promise<void> {
    const subscription = readSubscription(readJson(text!) as Resource);
    if (subscription.status === 'off') return this.#drop(id);
    let watches: readonly Watch[];
    try {
      watches = watchesOf(subscription, this.#parts.watching);
    } catch (error) {
      // A search parameter or topic that there was is no more.
      if (!(error instanceof Refusal)) throw error;
      this.#remove(id);
      await this.#parts.line.setStatus(subscription, 'error', error.issues[0]?.text.en ?? 'criteria');
      return;
    }
    const line = this.#remove(id) ?? this.#newLine(subscription);
    this.#entries.set(id, { subscription, watches, ...(line && { line }) });
    for (const watch of watches) this.#matchingsOf(watch, (matching) => matching.add(id, watch.query));
    line?.renew(subscription);
  }

  #newLine(subscription: Subscription): Line | undefined {
    if (subscription.channel === 'websocket') {
      // There is nobody to shake hands with before somebody comes.
      if (subscription.status === 'requested')
        void this.#parts.line.setStatus(subscription, 'active').catch(this.#parts.report);
      return undefined;
    }
    return new Line(subscription, this.#parts.line);
  }

  /** A subscription that is off is told nothing more, also not what waits. */
  async #drop(id: string): Promise<void> {
    const line = this.#remove(id);
    await line?.stop();
    await this.#parts.outbox.forget({ subscription: id });
  }

  #remove(id: string): Line | undefined {
    const entry = this.#entries.get(id);
    if (!entry) return undefined;
    this.#entries.delete(id);
    for (const watch of entry.watches)
      this.#matchingsOf(watch, (matching) => matching.remove(id, watch.query));
    return entry.line;
  }

  #matchingsOf({ type, interactions, event }: Watch, change: (matching: Matching) => void): void {
    const concerned: [Map<string, Matching>, string][] = [
      ...(interactions.size > 0 ? [[this.#writes, type] as [Map<string, Matching>, string]] : []),
      ...(event === undefined ? [] : [[this.#events, `${event} ${type}`] as [Map<string, Matching>, string]]),
    ];
    for (const [matchings, key] of concerned) {
      const matching = matchings.get(key) ?? new Matching();
      change(matching);
      if (matching.isEmpty) matchings.delete(key);
      else matchings.set(key, matching);
    }
  }
}
