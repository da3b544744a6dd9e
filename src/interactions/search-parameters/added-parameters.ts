import { setTimeout as pause } from 'node:timers/promises';
import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { parseJson } from '../../fhir/json/parse.ts';
import { Refusal } from '../../fhir/refusal.ts';
import { createSearchParameters, type SearchParameters } from '../../fhir/search/parameters.ts';
import { parseSearch } from '../../fhir/search/parse.ts';
import type { IndexedVersion, Store } from '../../store/store.ts';
import { basesOf, fingerprint, type SearchParameterDefinition } from './definition.ts';
import { indexAgain, isMarkedIndexed, markIndexed } from './indexing.ts';
import { whileIndexing } from './while-indexing.ts';

/** A stored SearchParameter that is in force. */
interface Added {
  id: string;
  version: number;
  definition: SearchParameterDefinition;
  mark: string;
  /** Whether all resources are indexed by it, and whether that is kept with it. */
  indexed: boolean;
  marked: boolean;
}

export interface AddedParametersOptions {
  store: Store;
  definitions: Definitions;
  base: string;
  now(): number;
  /** Told of errors that no client learns of. */
  report(error: unknown): void;
  /** How often to look for what other servers on the same database have added, in milliseconds. */
  interval?: number;
}

/** The most SearchParameters that can be added: each is evaluated on every write of its types. */
const most = 200;

/** How long whoever adds a parameter waits for it to be indexed, in milliseconds. Longer work goes on in the background. */
const patience = 500;

/** Writes that began before a parameter was known are over after this time, in milliseconds. */
const longestWrite = 60_000;

/**
 * Owns the search parameters in force: those of the definitions, and the active SearchParameters that clients have
 * stored (http://hl7.org/fhir/R4/searchparameter.html). What is stored is the only state: it is read at start, after
 * each change, and now and then, for other servers may have changed it. Resources that were kept before a parameter
 * are indexed by it in the background; until that is done it cannot be asked for.
 */
export class AddedParameters {
  #current: SearchParameters;
  readonly definitions: Definitions;
  readonly #defined: SearchParameters;
  readonly #options: AddedParametersOptions;
  readonly #stopping = new AbortController();
  #added: readonly Added[] = [];
  /** Those of them that cannot be put into force, which has been reported. */
  #unusable: ReadonlySet<string> = new Set();
  #loading: Promise<void> | undefined;
  #isLoaded = false;
  #indexing: Promise<void> | undefined;
  readonly #late = new Set<Promise<void>>();

  constructor(options: AddedParametersOptions) {
    this.#options = options;
    this.definitions = options.definitions;
    this.#defined = createSearchParameters(options.definitions);
    this.#current = this.#defined;
  }

  /** The search parameters in force. Another object whenever they change. */
  get current(): SearchParameters {
    return this.#current;
  }

  /** Resolves when what is stored has been read at least once; rejects while the store cannot be reached. */
  async loaded(): Promise<void> {
    if (!this.#isLoaded) await this.refresh();
  }

  /** Reads the stored SearchParameters, and begins to index by those that are new. */
  refresh(): Promise<void> {
    // Who asks while one is under way may have written after it read.
    this.#loading = (this.#loading ?? Promise.resolve()).catch(() => {}).then(() => this.#read());
    return this.#loading;
  }

  /** Resolves when what is known now has been indexed, or could not be. */
  async indexed(): Promise<void> {
    await this.#indexing;
  }

  /** To be told of what was kept (see `announceKept`): a SearchParameter takes effect before its client is answered. */
  async kept(versions: readonly IndexedVersion[]): Promise<void> {
    if (!versions.some(({ type }) => type === 'SearchParameter')) return;
    try {
      await this.refresh();
      await Promise.race([this.indexed(), pause(patience, undefined, { ref: false })]);
    } catch (error) {
      // It is stored: it will be found when the store answers again.
      this.#options.report(error);
    }
  }

  /** Reads now, and from time to time, until `stop`. */
  begin(): void {
    const { interval = 10_000 } = this.#options;
    const { signal } = this.#stopping;
    const watch = async () => {
      while (!signal.aborted) {
        await this.refresh().catch((error) => {
          if (!(error instanceof Refusal)) this.#options.report(error);
        });
        await pause(this.#isLoaded ? interval : 100, undefined, { signal, ref: false }).catch(() => {});
      }
    };
    void watch();
  }

  /** Resolves when nothing is read or indexed any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loading?.catch(() => {});
    await this.#indexing;
    await Promise.all(this.#late);
  }

  async #read(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const stored = await this.#readStored();
    this.#isLoaded = true;
    const before = new Map(this.#added.map((each) => [each.mark, each]));
    const isSame = stored.length === before.size && stored.every(({ mark }) => before.has(mark));
    this.#added = stored.map((each) => ({
      ...each,
      indexed: each.indexed || before.get(each.mark)?.indexed === true,
    }));
    if (!isSame) this.#apply();
    this.#indexing ??= this.#index().finally(() => {
      this.#indexing = undefined;
    });
  }

  /** The active SearchParameters of the store, without those that the definitions have. */
  async #readStored(): Promise<Added[]> {
    const { store, definitions, now } = this.#options;
    const { filter } = parseSearch({ definitions, parameters: this.#defined, now }, 'SearchParameter', [
      ['status', 'active'],
    ]);
    const found = await store.search({
      type: 'SearchParameter',
      filter,
      sort: [{ key: '_id', descending: false }],
      limit: most,
    });
    return found.flatMap((match) => {
      const definition = parseJson(match.version.text, Number.POSITIVE_INFINITY) as SearchParameterDefinition;
      if (definitions.find('SearchParameter', definition.url)) return [];
      const mark = fingerprint(definition);
      const marked = isMarkedIndexed(match, mark);
      const { id, version } = match.version;
      return [{ id, version, definition, mark, marked, indexed: marked }];
    });
  }

  /** Puts into force what is known now. */
  #apply(): void {
    let parameters = this.#defined;
    const indexing = new Map<string, Set<string>>();
    const unusable = new Set<string>();
    for (const { definition, indexed, mark } of this.#added) {
      try {
        parameters = parameters.with(definition);
      } catch (error) {
        // Another version of this server has let it through, or a part of the composite has gone. It is told once.
        if (!this.#unusable.has(mark)) this.#options.report(error);
        unusable.add(mark);
        continue;
      }
      if (indexed) continue;
      for (const type of basesOf(definition, parameters.resourceTypes))
        indexing.set(type, (indexing.get(type) ?? new Set()).add(definition.code));
    }
    this.#unusable = unusable;
    this.#current = whileIndexing(parameters, indexing);
  }

  /** Indexes by the parameters that are new, until there is none. */
  async #index(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const waiting = this.#added.filter(({ indexed }) => !indexed);
      const began = this.#options.now();
      try {
        await this.#indexBy(waiting);
        if (signal.aborted) return;
        this.#markAs('indexed', waiting);
        await this.#markIndexed();
      } catch (error) {
        // The next refresh begins again.
        if (!(error instanceof Refusal)) this.#options.report(error);
        return;
      }
      if (waiting.length === 0) return;
      this.#later(() => this.#indexBy(waiting, began - longestWrite));
    }
  }

  async #indexBy(added: readonly Added[], since?: number): Promise<void> {
    const { signal } = this.#stopping;
    const server = this.#server();
    const types = new Set(
      added.flatMap(({ definition }) => basesOf(definition, this.#current.resourceTypes)),
    );
    for (const type of types)
      await indexAgain(server, type, { signal, ...(since !== undefined && { since }) });
  }

  async #markIndexed(): Promise<void> {
    const unmarked = this.#added.filter(({ indexed, marked }) => indexed && !marked);
    for (const { id, version, mark } of unmarked) await markIndexed(this.#server(), id, version, mark);
    this.#markAs('marked', unmarked);
  }

  #markAs(state: 'indexed' | 'marked', added: readonly Added[]): void {
    if (added.length === 0) return;
    const marks = new Set(added.map(({ mark }) => mark));
    this.#added = this.#added.map((each) => (marks.has(each.mark) ? { ...each, [state]: true } : each));
    if (state === 'indexed') this.#apply();
  }

  /** Does what is written by those who did not know of a parameter yet: other servers, and long transactions. */
  #later(work: () => Promise<void>): void {
    const { signal } = this.#stopping;
    const run = async () => {
      try {
        await pause(longestWrite, undefined, { signal, ref: false });
        await work();
      } catch (error) {
        if (!signal.aborted && !(error instanceof Refusal)) this.#options.report(error);
      }
    };
    const promise = run().finally(() => this.#late.delete(promise));
    this.#late.add(promise);
  }

  #server() {
    const { store, base } = this.#options;
    const parameters = () => this.#current;
    return {
      store,
      base,
      get parameters() {
        return parameters();
      },
    };
  }
}
