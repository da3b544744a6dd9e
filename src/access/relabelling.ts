import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { IndexedVersion, Match, Store, StoredVersion } from '../store/store.ts';
import { accessOf, accessText, unlabelled } from './access.ts';
import { membershipIn } from './alliances.ts';
import { adoptUnlabelled, renewLabels } from './labels/labelled-store.ts';
import type { Labelling } from './labels/work.ts';
import { hasReaders } from './types.ts';

/** So many resources are labelled in one transaction. */
const slice = 200;
/** So many affiliations, and versions of them, are looked at. */
const most = 10_000;
/** So long, in milliseconds, who changes an affiliation waits for the labels to follow; later ones follow behind it. */
const patience = 2_000;
/** So long, in milliseconds, another server process may have written by the memberships of before. */
const doubt = 3_000;

/** What is read by what leads there, and what a Task leads to, is labelled before them. */
const last = ['Consent', 'DetectedIssue', 'Provenance', 'Task'];

/** Keeps the labels of what is stored in line with what they are derived from. */
export interface Relabelling {
  /** Told of what was kept. */
  kept(versions: readonly IndexedVersion[]): Promise<void>;
  /** Labels what is not labelled as it should be; resolves when all is. */
  round(): Promise<void>;
  /** Does no more, and resolves when what was begun has ended. */
  stop(): Promise<void>;
}

/**
 * Labels in the background, in slices, what was stored before: all, when the alliance of an institution has changed, so
 * that the office sees what is due to it, and no more; and what was written before anything was kept of who may read it.
 *
 * What an OrganizationAffiliation has been settled by is kept beside it, and what is labelled has a term that says so:
 * what is to be done is asked of the store, so a restart loses nothing, and of two processes the second finds it done.
 */
export function createRelabelling(
  store: Store,
  labelling: Labelling,
  { interval, report }: { interval: number; report(error: unknown): void },
): Relabelling {
  const stopping = new AbortController();
  let isAdopted = false;
  let running: Promise<void> | undefined;
  /** Whether something has changed since the present round began. */
  let isAgain = false;

  async function work(): Promise<void> {
    do {
      isAgain = false;
      if (!isAdopted) await adoptAll();
      const began = labelling.now();
      const unsettled = await findUnsettled(store, began);
      if (unsettled.length === 0) continue;
      labelling.alliances.forget();
      await renewAll();
      if (!stopping.signal.aborted) await settle(unsettled, began);
    } while (isAgain && !stopping.signal.aborted);
  }

  function round(): Promise<void> {
    isAgain = true;
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  }

  /** Labels all types in order, slice by slice, and lets others have their turn between; false when it was stopped. */
  async function eachSlice<T>(
    label: (type: string, after: T | undefined) => Promise<readonly T[]>,
  ): Promise<boolean> {
    for (const type of inOrder(await store.types())) {
      let found: readonly T[] = [];
      do {
        found = await label(type, found.at(-1));
        await nextTurn();
        if (stopping.signal.aborted) return false;
      } while (found.length === slice);
    }
    return true;
  }

  async function adoptAll(): Promise<void> {
    isAdopted = await eachSlice<Match>(async (type, after) => {
      let found: readonly Match[] = [];
      await adoptUnlabelled(store, labelling, async (transaction) => {
        found = await transaction.search({
          type,
          filter: unlabelled,
          sort: [{ key: '_id', descending: false }],
          limit: slice,
          ...(after && { after: after.position }),
        });
        return found;
      });
      return found;
    });
  }

  async function renewAll(): Promise<void> {
    await eachSlice<StoredVersion>(async (type, after) => {
      let found: readonly StoredVersion[] = [];
      await renewLabels(store, labelling, async (transaction) => {
        // Also of what was deleted, whose history is read as it was.
        found = await transaction.history({ types: [type], limit: slice, ...(after && { after }) });
        return found;
      });
      return found;
    });
  }

  /** Keeps beside affiliations what all is labelled by now, where nobody can have written by what was before. */
  async function settle(unsettled: readonly Unsettled[], began: number): Promise<void> {
    const sure = unsettled.filter(({ version }) => version.updated + doubt < began);
    if (sure.length === 0) return;
    await store.write(async (transaction) => {
      for (const { version, now } of sure) {
        const access = accessText({ grants: {}, readers: [], settled: now });
        const { type, id } = version;
        await transaction.share({ type, id, version: version.version, access, removed: [], added: [] });
      }
    });
  }

  async function keepRunning(): Promise<void> {
    while (!stopping.signal.aborted) {
      await store.ready().then(round).catch(report);
      await pause(interval, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    }
  }
  const keeping = keepRunning();

  return {
    round,
    async kept(versions) {
      if (!versions.some(({ type }) => type === 'OrganizationAffiliation')) return;
      const enough = new AbortController();
      await Promise.race([
        round().catch(report),
        pause(patience, undefined, { signal: enough.signal, ref: false }).catch(() => {}),
      ]);
      enough.abort();
    },
    async stop() {
      stopping.abort();
      await Promise.all([running?.catch(() => {}), keeping]);
    },
  };
}

function inOrder(types: readonly string[]): string[] {
  const first = types.filter((type) => hasReaders(type) && type !== 'Patient' && !last.includes(type));
  return [
    ...types.filter((type) => type === 'Patient'),
    ...first,
    ...last.filter((type) => types.includes(type)),
  ];
}

/** An affiliation by whose membership not all is labelled yet; `now` is what that is. */
interface Unsettled {
  version: StoredVersion;
  now: string;
}

async function findUnsettled(store: Store, now: number): Promise<Unsettled[]> {
  const type = 'OrganizationAffiliation';
  const current = await store.search({ type, filter: { kind: 'all' }, sort: [], limit: most });
  const history = await store.history({ types: [type], limit: most });
  const deleted = history.filter(({ text }) => text === null);
  return [...current.map(({ version }) => version), ...deleted].flatMap((version) => {
    const membership = membershipIn(version.text, now);
    const present = membership ? `${membership.member} ${membership.alliance}` : '';
    return (accessOf(version)?.settled ?? '') === present ? [] : { version, now: present };
  });
}
