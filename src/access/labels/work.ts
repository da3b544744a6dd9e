import type { Transaction } from '../../store/store.ts';
import { accessOf, type Decided } from '../access.ts';
import type { Alliances } from '../alliances.ts';
import { organizationOf } from '../decisions.ts';
import type { Drafts } from './labelled.ts';

/** What labelling works with. */
export interface Labelling {
  /** The server's base URL, without a slash at the end. */
  base: string;
  alliances: Alliances;
  /** The present instant, in milliseconds since the epoch. */
  now(): number;
}

/** The labelling within one transaction, and what it remembers as long as that lasts. */
export class LabelWork {
  readonly transaction: Transaction;
  readonly base: string;
  readonly now: () => number;
  /** The types that the transaction writes: the store learns of a new one only once it is kept. */
  readonly written = new Set<string>();
  readonly #stored: () => Promise<string[]>;
  /** For which organization the transaction is; undefined for the server itself. */
  writer: string | undefined;
  /** Whether what is stored is taken as it is: nobody is known to have written it. */
  isAdopting = false;
  /** What who writes has shown to know, `Type/[id]`. */
  readonly recognised = new Set<string>();
  /** Over which references whose leave has gone. */
  readonly gone = new Set<string>();
  /** Patients whose decisions are to be read anew. */
  readonly undecided = new Set<string>();
  readonly #alliances: Alliances;
  readonly #organizations = new Map<string, Promise<string | undefined>>();
  readonly #decisions = new Map<string, Decided | undefined>();

  constructor(transaction: Transaction, { base, alliances, now }: Labelling, types: () => Promise<string[]>) {
    this.transaction = transaction;
    this.base = base;
    this.now = now;
    this.#stored = types;
    this.#alliances = alliances;
  }

  /** The types that are stored, or are about to be. */
  async types(): Promise<Set<string>> {
    return new Set([...(await this.#stored()), ...this.written]);
  }

  /** The alliances of an organization, as they are on record now. */
  membership(): Promise<(organization: string) => readonly string[]> {
    return this.#alliances.current(this.transaction, this.now());
  }

  /** An affiliation is written: who is a member of what is read again. */
  forgetMembership(): void {
    this.#alliances.forget();
  }

  /** The organization that a reference leads to, by itself or by its services and people. */
  organizationAt(path: string): Promise<string | undefined> {
    let found = this.#organizations.get(path);
    if (!found) {
      found = organizationOf(this.transaction, path);
      this.#organizations.set(path, found);
    }
    return found;
  }

  /** The organizations to which links of these parameters lead. */
  async organizationsBy(names: readonly string[] = [], terms: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const name of names)
      for (const term of terms) {
        if (!term.startsWith(`${name}|>`)) continue;
        const organization = await this.organizationAt(term.slice(name.length + 2));
        if (organization !== undefined) found.push(organization);
      }
    return found;
  }

  /** What patients have decided, as the drafts have it, else as it is stored. */
  async decidedOf(patients: readonly string[], drafts: Readonly<Drafts>): Promise<Decided[]> {
    const decided: Decided[] = [];
    for (const path of patients) {
      const draft = drafts.get(path);
      const found = draft ? draft.access.decided : await this.#storedDecision(path);
      if (found) decided.push(found);
    }
    return decided;
  }

  /** What was read of patients' decisions is read again. */
  forgetDecisions(): void {
    this.#decisions.clear();
  }

  async #storedDecision(path: string): Promise<Decided | undefined> {
    if (!this.#decisions.has(path)) {
      const [type, id] = path.split('/') as [string, string];
      this.#decisions.set(path, accessOf(await this.transaction.read(type, id))?.decided);
    }
    return this.#decisions.get(path);
  }
}
