import { setTimeout as pause } from 'node:timers/promises';
import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { Refusal } from '../../fhir/refusal.ts';
import { createSearchParameters, type SearchParameters } from '../../fhir/search/parameters.ts';
import type { Store } from '../../store/store.ts';
import type { Kept } from '../kept.ts';
import { NotInForce } from '../not-in-force.ts';
import { basesOf, fingerprint, type SearchParameterDefinition } from './definition.ts';
import { indexAgain, isMarkedIndexed, isMarkedOtherwise, markIndexed } from './indexing.ts';
import { type Outlook, outlookOn, type ParameterChanges, type StoredParameters } from './outlook.ts';
import { assignStandings, pathOf, type Standings } from './standing.ts';
import { type ReadParameter, readStoredParameters } from './stored-parameters.ts';
import { usableParameters } from './usable.ts';

/** A stored SearchParameter that is in force. */
interface Added {
  id: string;
  version: number;
  /** With the bases on which it is in force. */
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
  /** The other processes of this server, which index when this one does not. */
  others?: {
    /** Resolves when it is this process's turn to index; gives the function that passes it on. */
    turn(): Promise<() => void>;
    /** Has them read what is stored; resolves when they have. */
    tell(): Promise<void>;
  };
}

const nobodyElse: NonNullable<AddedParametersOptions['others']> = {
  turn: async () => () => {},
  tell: async () => {},
};

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
  /** When each id was first stored. */
  readonly #firsts = new Map<string, number>();
  #standings: Standings;
  /** The ids and versions that these are made from. */
  #key: string | undefined;
  #added: readonly Added[] = [];
  #state: StoredParameters = { stored: [], indexing: [], firsts: new Map() };
  /** What has been reported of those that cannot be put into force. */
  #reported: ReadonlySet<string> = new Set();
  #loading: Promise<void> | undefined;
  #isLoaded = false;
  #indexing: Promise<void> | undefined;
  readonly #late = new Set<Promise<void>>();

  constructor(options: AddedParametersOptions) {
    this.#options = options;
    this.definitions = options.definitions;
    this.#defined = createSearchParameters(options.definitions);
    this.#current = this.#defined;
    this.#standings = { parameters: this.#defined, all: [] };
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
  async kept(versions: readonly Kept[]): Promise<void> {
    if (!changesParameters(versions)) return;
    try {
      await this.refresh();
      await Promise.race([this.indexed(), pause(patience, undefined, { ref: false })]);
    } catch (error) {
      // It is stored: it will be found when the store answers again.
      this.#options.report(error);
    }
  }

  /** To be told of what another process of this server has kept, or has indexed by; that one waits for it. */
  async keptElsewhere(versions: readonly Kept[]): Promise<void> {
    if (changesParameters(versions)) await this.refresh();
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

  /** What became of the stored SearchParameters when they were last read, and what would if these changes were made. */
  outlook(changes: ParameterChanges): Outlook {
    return outlookOn(this.#defined, this.#standings.all, this.#firsts, changes);
  }

  /** What is known now, for another thread: another object whenever `current` changes. */
  get state(): StoredParameters {
    return this.#state;
  }

  async #read(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { store, definitions, now } = this.#options;
    const server = { definitions, parameters: this.#defined, now };
    const read = await readStoredParameters(store, server, this.#firsts);
    this.#isLoaded = true;
    const key = read.map(({ id, version }) => `${id} ${version}`).join();
    const before = this.#standings;
    if (key !== this.#key) this.#standings = assignStandings(this.#defined, read);
    this.#key = key;
    const isSame = saying(before) === saying(this.#standings);
    const indexedBefore = indexedOf(this.#added);
    this.#added = this.#inForce(read);
    await this.#unmark(read);
    if (!isSame || indexedOf(this.#added) !== indexedBefore) this.#apply();
    this.#indexing ??= this.#index().finally(() => {
      this.#indexing = undefined;
    });
  }

  /** Those that are in force, and whether all is indexed by them. */
  #inForce(read: readonly ReadParameter[]): Added[] {
    const matches = new Map(read.map(({ id, version, match }) => [id, { version, match }]));
    const known = new Map(this.#added.map((each) => [each.mark, each]));
    return this.#standings.all.flatMap(({ stored: { id }, inForce: definition }) => {
      if (!definition) return [];
      const { version, match } = matches.get(id)!;
      const mark = fingerprint(definition);
      const marked = isMarkedIndexed(match, mark);
      return [
        { id, version, definition, mark, marked, indexed: marked || known.get(mark)?.indexed === true },
      ];
    });
  }

  /** What is not in force any more, or on other bases, is not indexed by: should it be once more, all must be indexed. */
  async #unmark(read: readonly ReadParameter[]): Promise<void> {
    const marks = new Map(this.#added.map(({ id, mark }) => [id, mark]));
    const stale = read.filter(({ id, match }) => isMarkedOtherwise(match, marks.get(id)));
    for (const { id, version } of stale) await markIndexed(this.#server(), id, version, undefined);
  }

  /** Puts into force what is known now. */
  #apply(): void {
    this.#report();
    const indexing = this.#added.filter(({ indexed }) => !indexed).map(({ definition }) => definition);
    this.#current = usableParameters(this.#standings, indexing);
    const stored = this.#standings.all.map(({ stored: { id, since, updated, definition } }) => ({
      ...{ id, since, updated, definition },
    }));
    this.#state = { stored, indexing, firsts: new Map(this.#firsts) };
  }

  /** Tells of what another server, or an earlier version of this one, has let through; once of each. */
  #report(): void {
    const problems = this.#standings.all.flatMap(({ stored, unusable }) =>
      unusable ? [new NotInForce(pathOf(stored), unusable.en)] : [],
    );
    for (const problem of problems) if (!this.#reported.has(problem.message)) this.#options.report(problem);
    this.#reported = new Set(problems.map(({ message }) => message));
  }

  /** Indexes by the parameters that are new, until there is none. */
  async #index(): Promise<void> {
    const { signal } = this.#stopping;
    const { others = nobodyElse } = this.#options;
    while (!signal.aborted && this.#added.some(({ indexed, marked }) => !indexed || !marked)) {
      const passOn = await others.turn();
      try {
        await this.#indexAll();
      } catch (error) {
        // The next refresh begins again.
        if (!(error instanceof Refusal)) this.#options.report(error);
        return;
      } finally {
        passOn();
      }
    }
  }

  async #indexAll(): Promise<void> {
    const { others, now } = this.#options;
    // Another process may have done it while this one waited for its turn.
    if (others) await this.refresh();
    const waiting = this.#added.filter(({ indexed }) => !indexed);
    const began = now();
    if (waiting.length > 0) {
      // What the others write from here on is found by the new parameters.
      await others?.tell();
      await this.#indexBy(waiting);
      if (this.#stopping.signal.aborted) return;
    }
    this.#markAs('indexed', waiting);
    await this.#markIndexed();
    if (waiting.length === 0) return;
    this.#later(() => this.#indexBy(waiting, began - longestWrite));
    await others?.tell();
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

function changesParameters(versions: readonly Kept[]): boolean {
  return versions.some(({ type }) => type === 'SearchParameter');
}

/** What standings say to those who search. */
function saying({ all }: Standings): string {
  return JSON.stringify(
    all.map(({ stored, inForce, remarks }) => [
      stored.definition.code,
      inForce && fingerprint(inForce),
      remarks,
    ]),
  );
}

function indexedOf(added: readonly Added[]): string {
  return added.map(({ mark, indexed }) => `${mark} ${indexed}`).join();
}
