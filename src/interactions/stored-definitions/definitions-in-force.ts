import { setTimeout as pause } from 'node:timers/promises';
import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { Refusal } from '../../fhir/refusal.ts';
import { all } from '../../fhir/search/query.ts';
import { createValidator, type Validator } from '../../fhir/validation/validator.ts';
import { takeSlices } from '../../store/slices.ts';
import type { IndexedVersion, Match, Reader, StoredVersion } from '../../store/store.ts';
import type { Kept } from '../kept.ts';
import { NotInForce } from '../not-in-force.ts';
import { type LayeredDefinitions, layerDefinitions, type StoredDefinition } from './layered-definitions.ts';

export interface DefinitionsInForceOptions {
  /** What is stored, whoever may see it: profiles hold for everybody. */
  stored: Reader;
  /** What came with the server. */
  shipped: Definitions;
  now(): number;
  /** Told of errors that no client learns of. */
  report(error: unknown): void;
  /**
   * How often to look for what other servers on the same database have stored, in milliseconds: never where this server
   * alone writes.
   */
  interval: number;
}

/** The types of definitions that resources are validated by. */
const types: readonly string[] = ['StructureDefinition', 'ValueSet', 'CodeSystem', 'Questionnaire'];

/** Whether a type is one of them. */
export function isDefinitionType(type: string): boolean {
  return types.includes(type);
}

/** Bounds on what is held in memory: characters of one definition, and of all. */
const longest = 4_000_000;
const longestOfAll = 200_000_000;

/** Read at once, and changes looked at, in resources. */
const page = 200;

/** Clocks of servers on one database may differ by so much, and a write may take so long, in milliseconds. */
const margin = 60_000;

/**
 * Owns the definitions that resources are validated by: those that came with the server, and in front of them the
 * StructureDefinitions, ValueSets, CodeSystems and Questionnaires that clients have stored
 * (http://hl7.org/fhir/R4/profiling.html). What is stored is the only state. This server's own writes tell of themselves,
 * so that the next request is held to them; where the store is shared it is asked now and then for those of others.
 */
export class DefinitionsInForce {
  readonly #options: DefinitionsInForceOptions;
  /** The last version of each definition that was told to be too large. */
  readonly #told = new Map<string, number>();
  readonly #stored = new Map<string, StoredDefinition>();
  readonly #stopping = new AbortController();
  #characters = 0;
  readonly #definitions: LayeredDefinitions;
  /** What validates by them. */
  readonly validator: Validator;
  #work: Promise<void> = Promise.resolve();
  #looked: number | undefined;

  constructor(options: DefinitionsInForceOptions) {
    this.#options = options;
    this.#definitions = layerDefinitions(options.shipped);
    this.validator = createValidator(this.#definitions, {}, options.shipped);
  }

  /** The definitions in force now. */
  get definitions(): Definitions {
    return this.#definitions;
  }

  /** Resolves when what is stored has been read at least once; rejects while the store cannot be reached. */
  async loaded(): Promise<void> {
    if (this.#looked === undefined) await this.look();
  }

  /** Reads all that is stored the first time, from then on what has changed, by whomever. One look at a time. */
  look(): Promise<void> {
    this.#work = this.#work.catch(() => {}).then(() => this.#look());
    return this.#work;
  }

  /** To be told of what was kept (see `announceKept`). */
  async kept(versions: readonly IndexedVersion[]): Promise<void> {
    this.#take(versions);
  }

  /** To be told of what another process of this server has kept; that one waits for it. */
  async keptElsewhere(versions: readonly Kept[]): Promise<void> {
    if (versions.some(({ type }) => isDefinitionType(type))) await this.look();
  }

  /** Reads now, until that has succeeded, and from then on at intervals, until `stop`. */
  begin(): void {
    const { signal } = this.#stopping;
    const { interval } = this.#options;
    const watch = async () => {
      while (!signal.aborted && (this.#looked === undefined || Number.isFinite(interval))) {
        await this.look().catch((error) => {
          if (!(error instanceof Refusal) && !signal.aborted) this.#options.report(error);
        });
        const wait = this.#looked === undefined ? 100 : interval;
        if (Number.isFinite(wait)) await pause(wait, undefined, { signal, ref: false }).catch(() => {});
      }
    };
    void watch();
  }

  /** Resolves when nothing is read any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#work.catch(() => {});
  }

  async #look(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { stored, now } = this.#options;
    const began = now();
    if (this.#looked !== undefined) {
      const since = this.#looked - margin;
      const changes = await stored.history({ types, since, limit: page });
      if (changes.length < page) {
        this.#take([...Map.groupBy(changes, keyOf).values()].map(([newest]) => newest!));
        this.#looked = began;
        return;
      }
    }
    for (const type of types) await this.#readAll(type);
    this.#looked = began;
  }

  async #readAll(type: string): Promise<void> {
    const gone = new Set([...this.#stored.values()].filter((each) => each.type === type).map(keyOf));
    const turn = takeSlices();
    const sort = [{ key: '_id', descending: false }];
    let found: Match[];
    let after: Match['position'] | undefined;
    do {
      found = await this.#options.stored.search({
        ...{ type, filter: all, sort, limit: page },
        ...(after && { after }),
      });
      for (const { version } of found) {
        gone.delete(keyOf(version));
        this.#take([version]);
        await turn();
      }
      after = found.at(-1)?.position;
    } while (found.length === page);
    for (const key of gone) this.#remove(key);
  }

  #take(versions: readonly StoredVersion[]): void {
    for (const version of versions) {
      if (!types.includes(version.type)) continue;
      const key = keyOf(version);
      const known = this.#stored.get(key);
      if (known && known.stored >= version.version) continue;
      this.#remove(key);
      const definition = version.text === null ? undefined : this.#definitionOf(version, version.text);
      if (definition) this.#add(key, definition);
    }
  }

  #definitionOf({ type, id, version: stored, updated }: StoredVersion, text: string) {
    if (text.length > longest || this.#characters + text.length > longestOfAll) {
      this.#tellOnce(`${type}/${id}`, stored);
      return undefined;
    }
    const { url, version, status } = JSON.parse(text) as Record<string, unknown>;
    if (typeof url !== 'string' || status === 'retired') return undefined;
    const own = typeof version === 'string' ? version : undefined;
    return { type, id, stored, updated, url, version: own, text } satisfies StoredDefinition;
  }

  /** A version that is too large is looked at again and again, and told of once. */
  #tellOnce(path: string, version: number): void {
    if (this.#told.get(path) === version) return;
    if (this.#told.size >= page) this.#told.clear();
    this.#told.set(path, version);
    this.#options.report(new NotInForce(path, 'it is too large to validate by'));
  }

  #add(key: string, definition: StoredDefinition): void {
    this.#stored.set(key, definition);
    this.#definitions.put(definition);
    this.#characters += definition.text.length;
    this.validator.forget();
  }

  #remove(key: string): void {
    const known = this.#stored.get(key);
    if (!known) return;
    this.#stored.delete(key);
    this.#definitions.remove(known);
    this.#characters -= known.text.length;
    this.validator.forget();
  }
}

function keyOf({ type, id }: { type: string; id: string }): string {
  return `${type}/${id}`;
}
