import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { overlay } from '../../fhir/definitions/overlay.ts';
import { Refusal } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import { or, type Query } from '../../fhir/search/query.ts';
import type { Kept } from '../../interactions/kept.ts';
import { NotInForce } from '../../interactions/not-in-force.ts';
import type { Reader } from '../../store/store.ts';
import { indicationsUrl, rulesUrl } from '../vocabulary.ts';
import { judgedByExtension } from './judged-by.ts';
import { derivesFromRules, plansInForce } from './local-rules.ts';
import { compileRuleSet, listsRead, type RuleSet, readRuleSet, typesOfRules } from './rule-set.ts';

export interface RulesInForceOptions {
  /** What is stored alone, without what came with the server. */
  stored: Reader;
  /** What is read by id, be it stored or come with the server. */
  shown: Pick<Reader, 'read'>;
  definitions: Definitions;
  /**
   * How long what was read may be taken for what is stored, in milliseconds: for ever where this server alone writes,
   * and tells of it by `kept`.
   */
  interval: number;
  /** In milliseconds since the epoch. */
  now(): number;
  /** Told of stored rules that cannot be applied. */
  report(error: unknown): void;
}

/** What is stored of rules and lists, and what it makes of them. */
interface Loaded {
  resources: readonly Resource[];
  signature: string;
  rules: RuleSet;
}

/** The interval where other servers write to the same store: what they store is known after it, in milliseconds. */
export const betweenServers = 500;

/** Clocks of servers on one database may differ by so much, and a write may take so long, in milliseconds. */
const margin = 60_000;

/** Bounds on what is read: plans that change the rules, value sets that they read, ranges, and changes at a look. */
const most = { plans: 100, lists: 200, ranges: 500, changes: 100 };

/**
 * Owns the rules in force: those that came with the server, and in their place or beside them what a county has stored of plans, lists and ranges
 * (see `plansInForce`). What is stored is the only state. It is compiled when it has changed, never for a referral: this
 * server's own writes tell of themselves, and where the store is shared it is asked for others', at most twice a second
 * and by one small question. A stored plan that cannot be applied, which the guard would have refused, is left out.
 */
export class RulesInForce {
  readonly #options: RulesInForceOptions;
  readonly #shipped: RuleSet;
  #loaded: Loaded | undefined;
  #loading: Promise<Loaded> | undefined;
  #looking: Promise<void> | undefined;
  #looked = Number.NEGATIVE_INFINITY;
  #seen: ReadonlySet<string> = new Set();

  /** Throws an Error for a rule that came with the server and cannot be applied. */
  constructor(options: RulesInForceOptions) {
    this.#options = options;
    this.#shipped = readRuleSet(options.definitions);
  }

  /** The rules in force now. Rejects while the store has never answered. */
  async current(): Promise<RuleSet> {
    const loaded = this.#loaded ?? (await this.#load());
    const { interval } = this.#options;
    if (interval === Number.POSITIVE_INFINITY || performance.now() - this.#looked < interval)
      return loaded.rules;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
    return this.#loaded!.rules;
  }

  /** What is stored of rules and lists now. */
  async stored(): Promise<readonly Resource[]> {
    await this.current();
    return this.#loaded!.resources;
  }

  /** To be told of what was kept (see `announceKept`): a change of the rules holds before its client is answered. */
  async kept(versions: readonly Kept[]): Promise<void> {
    if (!versions.some(({ type }) => typesOfRules.includes(type))) return;
    try {
      await this.#load();
    } catch (error) {
      // It is stored; what is asked for next will find it.
      this.#loaded = undefined;
      if (!(error instanceof Refusal)) this.#options.report(error);
    }
  }

  /** Asks whether anything was changed since the last look, by whomever. */
  async #look(): Promise<void> {
    const { stored, now } = this.#options;
    const began = performance.now();
    const since = Number.isFinite(this.#looked) ? now() - (began - this.#looked) - margin : now() - margin;
    const changes = await stored.history({ types: typesOfRules, since, limit: most.changes });
    const seen = new Set(changes.map(({ type, id, version }) => `${type}/${id}/${version}`));
    const isNew = [...seen].some((each) => !this.#seen.has(each)) || changes.length === most.changes;
    if (isNew) await this.#load();
    this.#seen = seen;
    this.#looked = began;
  }

  /** Reads what is stored, and compiles it unless it is what it was. One read at a time, in the order of the changes. */
  #load(): Promise<Loaded> {
    const before = this.#loading ?? Promise.resolve();
    const loading = before
      .catch(() => {})
      .then(async () => {
        const loaded = await this.#read();
        this.#loaded = loaded;
        return loaded;
      });
    this.#loading = loading;
    return loading;
  }

  async #read(): Promise<Loaded> {
    const { definitions } = this.#options;
    const plans = await this.#find(
      'PlanDefinition',
      [rulesUrl, indicationsUrl],
      [{ kind: 'term', term: `derived-from|>${rulesUrl}` }],
      most.plans,
    );
    const lists = await this.#find('ValueSet', listsRead(overlay(definitions, plans)), [], most.lists);
    const ranges = await this.#findRanges();
    const read = [...lists, ...ranges];
    const resources = [...plans, ...read];
    const signature = resources.map(({ id, meta }) => `${id} ${meta?.versionId}`).join();
    if (this.#loaded?.signature === signature) return this.#loaded;
    const rules = signature === '' ? this.#shipped : this.#compile(plans, read);
    return { resources, signature, rules: { ...rules, judgedBy: await this.#judgedBy(plans, read) } };
  }

  /** Without what cannot be applied: what came with the server then holds in its place. */
  #compile(plans: readonly Resource[], read: readonly Resource[]): RuleSet {
    const { definitions, report } = this.#options;
    const { rules, problems } = compileRuleSet(overlay(definitions, [...plans, ...read]));
    const broken = new Set(problems.map(({ definition }) => definition));
    const isSound = (resource: Resource) => !broken.has(resource);
    if ([...plans, ...read].every(isSound)) return rules;
    for (const { definition, place, text } of problems)
      report(new NotInForce(`${definition.resourceType}/${definition.id}`, `${place}: ${text.en}`));
    return this.#compile(plans.filter(isSound), read.filter(isSound));
  }

  /** The stored resources of a type with one of these URLs, or with the id of the shipped one; not the retired ones. */
  async #find(
    type: string,
    urls: readonly string[],
    others: readonly Query[],
    limit: number,
  ): Promise<Resource[]> {
    const { stored } = this.#options;
    const ids = urls.map((url) => url.split('/').at(-1)!);
    const filter = or([
      { kind: 'id', ids },
      ...urls.map((url): Query => ({ kind: 'term', term: `url|#${url}` })),
      ...others,
    ]);
    const found = await stored.search({ type, filter, sort: [], limit });
    const resources = found
      .map(({ version }) => JSON.parse(version.text) as Resource)
      .filter(({ status }) => status !== 'retired');
    // Of several with one URL that counts which has the id of the shipped one, else the newest.
    const first = resources.sort((a, b) => Number(ids.includes(b.id!)) - Number(ids.includes(a.id!)));
    const byUrl = new Map(first.toReversed().map((each) => [each.url ?? each.id, each]));
    return [...byUrl.values()]
      .toReversed()
      .filter((each) => urls.some((url) => url === each.url) || derivesFromRules(each));
  }

  /** The stored ObservationDefinitions, which have no URL: one with the id of a shipped one takes its place. */
  async #findRanges(): Promise<Resource[]> {
    const found = await this.#options.stored.search({
      type: 'ObservationDefinition',
      filter: { kind: 'all' },
      sort: [],
      limit: most.ranges,
    });
    return found.map(({ version }) => JSON.parse(version.text) as Resource);
  }

  /** By the rules as they are shown under their id, and by all that is stored and takes part. */
  async #judgedBy(plans: readonly Resource[], read: readonly Resource[]) {
    const { shown, definitions } = this.#options;
    const inForce = plansInForce(overlay(definitions, plans)).filter(
      (plan) => plan.url === rulesUrl || plans.includes(plan),
    );
    return Promise.all(
      [...inForce, ...read].map(async (definition) => {
        if (definition.meta?.versionId !== undefined) return judgedByExtension(definition);
        const version = await shown.read(definition.resourceType, definition.id!);
        const meta = { versionId: String(version?.version) };
        return judgedByExtension(version ? { ...definition, meta } : definition);
      }),
    );
  }
}
