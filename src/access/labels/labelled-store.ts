import { linksOf, withTerms } from '../../store/packed-entries.ts';
import type { Match, Store, StoredVersion, Transaction } from '../../store/store.ts';
import { accessOf, accessText, readerTerms } from '../access.ts';
import { hasReaders } from '../types.ts';
import { adopt } from './adopt.ts';
import { decide, noteDecision, settlePatients } from './decide.ts';
import { type Drafts, draftOfPut, draftOfStored, isRestricted, type Put } from './labelled.ts';
import { accessFor, share } from './share.ts';
import { follow, spread } from './spread.ts';
import { type Labelling, LabelWork } from './work.ts';

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
    write: (run) =>
      store.write(async (transaction) => {
        const work = new LabelWork(transaction, labelling, () => store.types());
        const { labelled, flush } = holdingBack(work);
        const result = await run(labelled);
        await flush();
        await decide(work, work.undecided);
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
  return within(store, labelling, (work) => decide(work, patients));
}

/** Labels stored versions anew: those whose alliances have changed. */
export function renewLabels(
  store: Store,
  labelling: Labelling,
  find: (transaction: Transaction) => Promise<readonly StoredVersion[]>,
): Promise<void> {
  return within(store, labelling, async (work) => {
    for (const version of await find(work.transaction)) {
      const draft = draftOfStored(version);
      if (draft) await share(work, draft, new Map());
    }
  });
}

/** Labels what was stored before anything was kept of who may read it, by what it says itself. */
export function adoptUnlabelled(
  store: Store,
  labelling: Labelling,
  find: (transaction: Transaction) => Promise<readonly Match[]>,
): Promise<void> {
  return within(store, labelling, async (work) => adopt(work, await find(work.transaction)));
}

function within(store: Store, labelling: Labelling, run: (work: LabelWork) => Promise<void>): Promise<void> {
  return store.write((transaction) => run(new LabelWork(transaction, labelling, () => store.types())));
}

/** The transaction that a work is given, and what writes all that it holds back. */
function holdingBack(work: LabelWork): { labelled: Transaction; flush(): Promise<void> } {
  const { transaction } = work;
  let waiting: Put[] = [];

  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    const puts = waiting;
    waiting = [];
    await putLabelled(work, puts);
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
    recognise: (path) => void work.recognised.add(path),
    put: async (next, replaced) => {
      waiting.push({ next, replaced });
    },
    reindex: after(async (type, id, version, entries) => {
      const terms = readerTermsOf(await transaction.read(type, id));
      await transaction.reindex(type, id, version, withTerms(entries, terms));
    }),
    amend: after(async (amended) => {
      const current = await transaction.read(amended.type, amended.id);
      await transaction.amend({ ...amended, entries: withTerms(amended.entries, readerTermsOf(current)) });
      const draft = draftOfStored(current);
      if (current?.version !== amended.version || !draft || amended.text === null) return;
      // Labels of a resource say whether it is of a sensitive category.
      const { restricted: _, ...access } = draft.access;
      const restricted = isRestricted(linksOf(amended.entries)) && { restricted: true as const };
      await share(work, { ...draft, access: { ...access, ...restricted } }, new Map());
    }),
  };
  return { labelled, flush };
}

/** Writes versions, labelled together, and what is stored and gains readers by them. */
async function putLabelled(work: LabelWork, puts: readonly Put[]): Promise<void> {
  work.writer ??= puts.find(({ next }) => next.author !== undefined)?.next.author;
  const drafts: Drafts = new Map();
  for (const put of puts) {
    work.written.add(put.next.type);
    if (!hasReaders(put.next.type)) continue;
    const draft = await draftOfPut(work, put);
    drafts.set(draft.path, draft);
    noteDecision(work, put);
  }
  for (const draft of [...drafts.values()]) await spread(work, draft, drafts);
  for (const draft of [...drafts.values()]) await follow(work, draft, drafts);
  await settlePatients(work, drafts);
  for (const { next, replaced } of puts) {
    if (next.type === 'OrganizationAffiliation') work.forgetMembership();
    const draft = drafts.get(`${next.type}/${next.id}`);
    if (draft) {
      const access = await accessFor(work, draft, drafts);
      const terms = next.text === null ? [] : readerTerms(access.readers);
      const entries = withTerms(next.entries, terms);
      await work.transaction.put({ ...next, access: accessText(access), entries }, replaced);
    } else {
      // What an affiliation has been labelled by is told by the next version, too.
      const access = next.type === 'OrganizationAffiliation' ? replaced?.access : undefined;
      await work.transaction.put(access === undefined ? next : { ...next, access }, replaced);
    }
  }
  for (const draft of drafts.values()) if (!draft.put) await share(work, draft, drafts);
}

function readerTermsOf(version: StoredVersion | undefined): string[] {
  const access = version?.text ? accessOf(version) : undefined;
  return access ? readerTerms(access.readers) : [];
}
