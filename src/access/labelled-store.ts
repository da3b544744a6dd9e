import { linksOf, withTerms } from '../store/packed-entries.ts';
import type { IndexedVersion, Match, Reader, Store, StoredVersion, Transaction } from '../store/store.ts';
import { type Access, accessOf, accessText, type Decided, readerTerms } from './access.ts';
import type { Alliances } from './alliances.ts';
import { decisionsOn, isDecision, organizationOf, patientsDecidedOn } from './decisions.ts';
import { goesOn, reach, referencesOf } from './graph.ts';
import { readersOf } from './readers.ts';
import { follows, hasReaders, isShared, makers, parties } from './types.ts';

export interface Labelling {
  /** The server's base URL, without a slash at the end. */
  base: string;
  alliances: Alliances;
  /** The present instant, in milliseconds since the epoch. */
  now(): number;
}

/** A resource of which it is to be said who may read it: one that is being written, or one that is stored. */
interface Labelled {
  path: string;
  type: string;
  id: string;
  text: string | null;
  grants: Record<string, number>;
  access: Omit<Access, 'readers' | 'grants'>;
  /** As it was before. */
  before: Access | undefined;
  /** Its terms, where what it says itself is read: it is written, or was never labelled. */
  terms?: readonly string[];
  /** What is to be written of it; absent for one that is stored and whose readers alone change. */
  put?: { next: IndexedVersion; replaced: StoredVersion | undefined };
  version: number;
}

/** So many resources at most are reached from those of one transaction. */
const mostReached = 2_000;
/** So many resources of a patient are labelled anew in one question. */
const atOnce = 500;

/** The parameters by which a resource is about a patient. */
const aboutPatient = /^(?:patient|subject|beneficiary|individual|actor)\|>(Patient\/[A-Za-z0-9\-.]{1,64})$/;
const confidential = /^_security\|http:\/\/terminology\.hl7\.org\/CodeSystem\/v3-Confidentiality\|[rv]$/i;

/**
 * The same store, which keeps beside each resource who may read it (`access.ts`), in the transaction that writes it: its
 * author, to whom it is addressed, who has the Task of the referral that it belongs to, and what the patient has decided.
 * Writes are held back until the transaction reads or ends, so that what is written together is labelled together.
 *
 * Costs a transaction one read for each patient that it does not bring, and, where a Task has a new owner, one for each
 * resource of the referral that was there before.
 */
export function labelStore(store: Store, labelling: Labelling): Store {
  return {
    ...store,
    write: (work) =>
      store.write(async (transaction) => {
        const { labelled, finish } = label(transaction, labelling, () => store.types());
        const result = await work(labelled);
        await finish();
        return result;
      }),
  };
}

/** Labels anew all that is about the patients, as what they have decided now says. */
export function relabelPatients(
  store: Store,
  labelling: Labelling,
  patients: readonly string[],
): Promise<void> {
  return store.write(async (transaction) => {
    await label(transaction, labelling, () => store.types()).decide(patients);
  });
}

/** Labels stored versions anew: those whose alliances have changed. */
export function renewLabels(
  store: Store,
  labelling: Labelling,
  find: (transaction: Transaction) => Promise<readonly StoredVersion[]>,
): Promise<void> {
  return store.write(async (transaction) => {
    const { renew } = label(transaction, labelling, () => store.types());
    for (const version of await find(transaction)) await renew(version);
  });
}

/** Labels what was stored before anything was kept of who may read it, by what it says itself. */
export function adoptUnlabelled(
  store: Store,
  labelling: Labelling,
  find: (transaction: Transaction) => Promise<readonly Match[]>,
): Promise<void> {
  return store.write(async (transaction) => {
    await label(transaction, labelling, () => store.types()).adopt(await find(transaction));
  });
}

function label(
  transaction: Transaction,
  { base, alliances, now }: Labelling,
  types: () => Promise<string[]>,
): {
  labelled: Transaction;
  finish(): Promise<void>;
  decide(patients: readonly string[]): Promise<void>;
  renew(version: StoredVersion): Promise<void>;
  adopt(matches: readonly Match[]): Promise<void>;
} {
  let waiting: { next: IndexedVersion; replaced: StoredVersion | undefined }[] = [];
  const undecided = new Set<string>();
  /** For which organization this transaction is; undefined for the server itself. */
  let writer: string | undefined;
  /** Whether what is stored is taken as it is: nobody is known to have written it. */
  let isAdopting = false;
  const organizations = new Map<string, Promise<string | undefined>>();
  /** Over which references whose leave has gone in this transaction. */
  const gone = new Set<string>();
  /** What who writes has shown to know. */
  const recognised = new Set<string>();
  /** What stored patients have decided. */
  const decisions = new Map<string, Decided | undefined>();

  /** The organization that a reference leads to, by itself or by its services and people. */
  function organizationAt(path: string, reader: Reader = transaction): Promise<string | undefined> {
    let found = organizations.get(path);
    if (!found) {
      found = organizationOf(reader, path);
      organizations.set(path, found);
    }
    return found;
  }

  /** What is known of a version that is to be written, by itself. */
  async function draftOf(put: Labelled['put'] & {}): Promise<Labelled> {
    const { next, replaced } = put;
    const terms = linksOf(next.entries);
    const before = accessOf(replaced);
    return { ...(await readDraft(next, terms, before, before?.author ?? next.author)), put };
  }

  async function readDraft(
    { type, id, text, version }: StoredVersion,
    terms: readonly string[],
    before: Access | undefined,
    author: string | undefined,
  ): Promise<Labelled> {
    const grants: Record<string, number> = { ...before?.grants };
    for (const party of await organizationsBy(parties[type], terms))
      give(grants, party, type === 'Task' ? reach : 0);
    const patients = terms.flatMap((term) => aboutPatient.exec(term)?.[1] ?? []);
    const isRestricted = text === null ? before?.restricted : terms.some((term) => confidential.test(term));
    const about = text === null ? before?.patients : [...new Set(patients)];
    return {
      path: `${type}/${id}`,
      type,
      id,
      text,
      grants,
      terms,
      access: {
        ...(author !== undefined && { author }),
        ...(isRestricted && { restricted: true as const }),
        ...(about && about.length > 0 && { patients: about }),
        ...(before?.decided && { decided: before.decided }),
      },
      before,
      version,
    };
  }

  /** The organizations to which links of these parameters lead. */
  async function organizationsBy(names: readonly string[] = [], terms: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const name of names)
      for (const term of terms) {
        if (!term.startsWith(`${name}|>`)) continue;
        const organization = await organizationAt(term.slice(name.length + 2));
        if (organization !== undefined) found.push(organization);
      }
    return found;
  }

  /** Writes what waits, labelled together. */
  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    const puts = waiting;
    waiting = [];
    writer ??= puts.find(({ next }) => next.author !== undefined)?.next.author;
    const drafts = new Map<string, Labelled>();
    for (const put of puts) {
      if (!hasReaders(put.next.type)) continue;
      const draft = await draftOf(put);
      drafts.set(draft.path, draft);
      noteDecision(put);
    }
    for (const draft of [...drafts.values()]) await spread(draft, drafts);
    for (const draft of [...drafts.values()]) await follow(draft, drafts);
    await settlePatients(drafts);
    const membership = await alliances.current(transaction, now());
    for (const { next, replaced } of puts) {
      if (next.type === 'OrganizationAffiliation') alliances.forget();
      const draft = drafts.get(`${next.type}/${next.id}`);
      if (!draft) {
        // What an affiliation has been labelled by is told by the next version, too.
        const access = next.type === 'OrganizationAffiliation' ? replaced?.access : undefined;
        await transaction.put(access === undefined ? next : { ...next, access }, replaced);
        continue;
      }
      const access = await accessFor(draft, drafts, membership);
      const terms = next.text === null ? [] : readerTerms(access.readers);
      await transaction.put(
        {
          ...next,
          access: accessText(access),
          entries: withTerms(next.entries, terms),
        },
        replaced,
      );
    }
    for (const draft of drafts.values()) if (!draft.put) await share(draft, drafts, membership);
  }

  /** The leave of each party of a draft goes on to what is new for it among the references. */
  async function spread(draft: Labelled, drafts: Map<string, Labelled>): Promise<void> {
    const { text, before, put } = draft;
    const going = Object.entries(draft.grants).filter(([, left]) => left > 0);
    if (text === null || going.length === 0) return;
    const known = put?.replaced?.text ? referencesOf(put.replaced.text, base) : new Set();
    for (const path of referencesOf(text, base)) {
      const fresh = known.has(path)
        ? going.filter(([organization, left]) => (before?.grants[organization] ?? -1) < left)
        : going;
      if (fresh.length > 0) await reachOut(draft, path, fresh, drafts);
    }
  }

  async function reachOut(
    from: Labelled,
    path: string,
    grants: readonly (readonly [string, number])[],
    drafts: Map<string, Labelled>,
  ): Promise<void> {
    const [type] = path.split('/') as [string];
    if (!goesOn(from.type, type, hasReaders)) return;
    const target = drafts.get(path) ?? (await stored(path, drafts));
    if (!target || !mayPassOn(from, target)) return;
    const given = grants.map(([organization, left]) => [organization, left - 1] as const);
    for (const [organization, left] of given) give(target.grants, organization, left);
    // Also to what lies behind it where it was theirs to read before: not all of that may have been.
    const going = given.filter(([organization, left]) => {
      const way = `${path} ${organization} ${left}`;
      const isNew = left > 0 && !gone.has(way);
      gone.add(way);
      return isNew;
    });
    if (going.length === 0 || target.text === null) return;
    for (const next of referencesOf(target.text, base)) await reachOut(target, next, going, drafts);
  }

  /**
   * Whether the leave to read goes on over a reference: nobody gives what is not theirs to see. A reference that was
   * stored before is its author's word, but for what others may have changed as well.
   */
  function mayPassOn(from: Labelled, { path, before, put }: Labelled): boolean {
    if (recognised.has(path) || (put && !before) || isAdopting) return true;
    if (!before) return false;
    const isAuthors = !from.put && !(isShared(from.type) && writer !== undefined);
    const givers = [writer, ...(isAuthors ? [from.access.author] : [])];
    const known = givers.filter((each) => each !== undefined);
    // What nobody is known to have written, the server has.
    return known.length === 0 || known.some((giver) => mayGive(giver, before));
  }

  async function stored(path: string, drafts: Map<string, Labelled>): Promise<Labelled | undefined> {
    if (drafts.size >= mostReached) return undefined;
    const [type, id] = path.split('/') as [string, string];
    const version = await transaction.read(type, id);
    const before = accessOf(version);
    if (!version || !before) return undefined;
    const { readers: _, grants, ...access } = before;
    const found: Labelled = {
      path,
      type,
      id,
      text: version.text,
      grants: { ...grants },
      access,
      before,
      version: version.version,
    };
    drafts.set(path, found);
    return found;
  }

  /** What is about a resource is read by whoever reads that: also when it was there before, and its resource is passed on. */
  async function follow(draft: Labelled, drafts: Map<string, Labelled>): Promise<void> {
    const about = follows[draft.type];
    if (about && draft.terms) {
      for (const term of draft.terms) {
        if (!term.startsWith(`${about.by}|>`)) continue;
        const path = term.slice(about.by.length + 2);
        const target = drafts.get(path) ?? (await leading(path));
        for (const organization of [target?.access.author, ...Object.keys(target?.grants ?? {})])
          if (organization !== undefined) give(draft.grants, organization, 0);
      }
    }
    if (draft.terms) return;
    for (const [type, { by, along }] of Object.entries(follows)) {
      if (along !== draft.type) continue;
      const filter = { kind: 'term', term: `${by}|>${draft.path}` } as const;
      for (const { version } of await transaction.search({ type, filter, sort: [], limit: atOnce })) {
        const follower =
          drafts.get(`${type}/${version.id}`) ?? (await stored(`${type}/${version.id}`, drafts));
        if (follower)
          for (const organization of Object.keys(draft.grants)) give(follower.grants, organization, 0);
      }
    }
  }

  async function leading(path: string): Promise<Pick<Labelled, 'access' | 'grants'> | undefined> {
    const [type, id] = path.split('/') as [string, string];
    const access = hasReaders(type) ? accessOf(await transaction.read(type, id)) : undefined;
    return access && { access, grants: { ...access.grants } };
  }

  /** Patients that are written bring along whose residents they are. */
  async function settlePatients(drafts: Map<string, Labelled>): Promise<void> {
    for (const draft of drafts.values()) {
      if (draft.type !== 'Patient' || !draft.terms || draft.text === null) continue;
      const residentOf = new Set<string>();
      for (const organization of await organizationsBy(['general-practitioner'], draft.terms))
        residentOf.add(organization);
      const before = draft.before?.decided;
      const isSame = [...residentOf].sort().join() === [...(before?.signed ?? [])].sort().join();
      if (isSame) continue;
      if (draft.before) undecided.add(draft.path);
      draft.access.decided = {
        signed: [...residentOf],
        residentOf: [...residentOf],
        provisions: before?.provisions ?? [],
      };
    }
  }

  async function decidedOf(
    patients: readonly string[],
    drafts: ReadonlyMap<string, Labelled>,
  ): Promise<Decided[]> {
    const decided: Decided[] = [];
    for (const path of patients) {
      const draft = drafts.get(path);
      const found = draft ? draft.access.decided : await storedDecision(path);
      if (found) decided.push(found);
    }
    return decided;
  }

  async function storedDecision(path: string): Promise<Decided | undefined> {
    if (!decisions.has(path)) {
      const [type, id] = path.split('/') as [string, string];
      decisions.set(path, accessOf(await transaction.read(type, id))?.decided);
    }
    return decisions.get(path);
  }

  async function accessFor(
    { path, type, access, grants }: Pick<Labelled, 'path' | 'type' | 'access' | 'grants'>,
    drafts: ReadonlyMap<string, Labelled>,
    alliancesOf: (organization: string) => readonly string[],
  ): Promise<Access> {
    const decided =
      type === 'Patient'
        ? access.decided
          ? [access.decided]
          : []
        : await decidedOf(access.patients ?? [], drafts);
    return { ...access, grants, readers: readersOf(path, { ...access, grants }, { decided, alliancesOf }) };
  }

  /** Writes who may read a stored resource, where that has changed. */
  async function share(
    draft: Labelled,
    drafts: ReadonlyMap<string, Labelled>,
    alliancesOf: (organization: string) => readonly string[],
  ): Promise<void> {
    const { type, id, version, before, text } = draft;
    const access = await accessFor(draft, drafts, alliancesOf);
    const kept = accessText(access);
    if (before && kept === accessText(before)) return;
    const [was, is] = [new Set(before && readerTerms(before.readers)), new Set(readerTerms(access.readers))];
    const terms = (those: ReadonlySet<string>, without: ReadonlySet<string>) =>
      text === null ? [] : [...those].filter((each) => !without.has(each));
    await transaction.share({
      type,
      id,
      version,
      access: kept,
      removed: terms(was, is),
      added: terms(is, was),
    });
  }

  function noteDecision({ next, replaced }: Labelled['put'] & {}): void {
    if (!isDecision(next.type)) return;
    for (const text of [next.text, replaced?.text])
      for (const patient of patientsDecidedOn(text)) undecided.add(patient);
  }

  /** Reads anew what the patients have decided and labels all that is about them. */
  async function decide(patients: Iterable<string>): Promise<void> {
    const membership = await alliances.current(transaction, now());
    decisions.clear();
    for (const patient of patients) {
      const version = await transaction.read('Patient', patient.slice('Patient/'.length));
      const before = accessOf(version);
      if (!version || !before) continue;
      const decided = await decisionsOn(transaction, patient, before, { now: now(), organizationAt });
      const { readers: _, grants, ...access } = before;
      const draft: Labelled = {
        path: patient,
        type: 'Patient',
        id: version.id,
        text: version.text,
        grants: { ...grants },
        access: { ...access, decided },
        before,
        version: version.version,
      };
      const drafts = new Map([[patient, draft]]);
      await share(draft, drafts, membership);
      for (const type of await types()) {
        if (type === 'Patient' || !hasReaders(type)) continue;
        await relabel(type, patient, drafts, membership);
      }
    }
  }

  async function renew(
    version: StoredVersion,
    drafts: ReadonlyMap<string, Labelled>,
    membership: (organization: string) => readonly string[],
  ): Promise<void> {
    const before = accessOf(version);
    if (!before) return;
    const { readers: _, grants, ...access } = before;
    const { type, id, text } = version;
    const draft = { path: `${type}/${id}`, type, id, text, grants: { ...grants }, access, before };
    await share({ ...draft, version: version.version }, drafts, membership);
  }

  async function adopt(matches: readonly Match[]): Promise<void> {
    isAdopting = true;
    const drafts = new Map<string, Labelled>();
    for (const { version, terms } of matches) {
      if (version.access !== undefined) continue;
      const [author] = await organizationsBy(makers[version.type], terms);
      const draft = await readDraft(version, terms, undefined, author);
      drafts.set(draft.path, draft);
    }
    await settlePatients(drafts);
    for (const draft of [...drafts.values()]) {
      await spread(draft, drafts);
      await follow(draft, drafts);
    }
    const membership = await alliances.current(transaction, now());
    for (const draft of drafts.values()) {
      if (draft.type === 'Patient' && draft.terms) {
        const before: Access = { ...draft.access, grants: draft.grants, readers: [] };
        const decided = await decisionsOn(transaction, draft.path, before, { now: now(), organizationAt });
        draft.access.decided = decided;
      }
      await share(draft, drafts, membership);
    }
  }

  async function relabel(
    type: string,
    patient: string,
    drafts: ReadonlyMap<string, Labelled>,
    membership: (organization: string) => readonly string[],
  ): Promise<void> {
    const of = ['patient', 'subject', 'beneficiary', 'individual', 'actor'].map(
      (name) => ({ kind: 'term', term: `${name}|>${patient}` }) as const,
    );
    const sort = [{ key: '_id', descending: false }];
    for (let after: { values: string[]; id: string } | undefined; ; ) {
      const found = await transaction.search({
        type,
        filter: { kind: 'or', of },
        sort,
        limit: atOnce,
        ...(after && { after }),
      });
      for (const { version } of found) await renew(version, drafts, membership);
      const last = found.at(-1);
      if (found.length < atOnce || !last) return;
      after = { values: [last.version.id], id: last.version.id };
    }
  }

  /** First writes what waits: what is read must be what was written. */
  const after =
    <A extends unknown[], R>(run: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      await flush();
      return run(...given);
    };

  const labelled: Transaction = {
    ...transaction,
    read: after(transaction.read),
    readVersion: after(transaction.readVersion),
    history: after(transaction.history),
    search: after(transaction.search),
    count: after(transaction.count),
    recognise: (path) => void recognised.add(path),
    put: async (next, replaced) => {
      waiting.push({ next, replaced });
    },
    reindex: after(async (type, id, version, entries) => {
      const terms = readerTermsOf(await transaction.read(type, id));
      await transaction.reindex(type, id, version, withTerms(entries, terms));
    }),
    amend: after(async (amended) => {
      const current = await transaction.read(amended.type, amended.id);
      const terms = readerTermsOf(current);
      await transaction.amend({
        ...amended,
        entries: withTerms(amended.entries, terms),
      });
      const before = accessOf(current);
      if (current?.version !== amended.version || !before || amended.text === null) return;
      // Labels of a resource say whether it is of a sensitive category.
      const { readers: _, grants, restricted: __, ...access } = before;
      const isRestricted = linksOf(amended.entries).some((term) => confidential.test(term));
      const draft = {
        ...{ path: `${amended.type}/${amended.id}`, type: amended.type, id: amended.id, text: amended.text },
        ...{ grants: { ...grants }, before, version: amended.version },
        access: { ...access, ...(isRestricted && { restricted: true as const }) },
      };
      await share(draft, new Map(), await alliances.current(transaction, now()));
    }),
  };

  return {
    labelled,
    decide,
    adopt,
    renew: async (version) => renew(version, new Map(), await alliances.current(transaction, now())),
    finish: async () => {
      await flush();
      await decide(undecided);
    },
  };
}

function readerTermsOf(version: StoredVersion | undefined): string[] {
  const access = version?.text ? accessOf(version) : undefined;
  return access ? readerTerms(access.readers) : [];
}

/** Gives an organization leave over so many references more; whether that is more than it had. */
function give(grants: Record<string, number>, organization: string, left: number): boolean {
  const had = grants[organization];
  if (left < 0 || (had !== undefined && had >= left)) return false;
  grants[organization] = left;
  return true;
}

/**
 * Whether an organization may pass on what it reads: by a standing of its own, for a Consent or an emergency that lets
 * it read for a time would else be made to last.
 */
function mayGive(giver: string, { author, grants, readers }: Access): boolean {
  if (giver === author) return true;
  const kinds = grants[giver] === undefined ? ['alliance ', 'family '] : ['', 'alliance ', 'family '];
  return kinds.some((kind) => ['', '#restricted'].some((mark) => readers.includes(`${kind}${giver}${mark}`)));
}
