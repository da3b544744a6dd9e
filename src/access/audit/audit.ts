import { setTimeout as sleep } from 'node:timers/promises';
import { refusals, refuse } from '../../fhir/refusal.ts';
import type { Trail } from '../../interactions/audited.ts';
import type { AuditStore } from './audit-store.ts';
import { prune } from './prune.ts';
import { openOwnJournal, recoverJournals } from './recover.ts';
import { type RequestOrigin, trailOf } from './trail.ts';
import { witnessOf } from './witness.ts';
import { createWriter } from './writer.ts';

/** How often what is too old is looked for, in milliseconds. */
const pruneEvery = 86_400_000;
/** Between two attempts at a store that does not answer yet, in milliseconds. */
const retryPause = 500;

/** The audit of a server: every access is recorded by the trail of its request. */
export interface Audit {
  readonly store: AuditStore;
  /** Records the accesses of one request. */
  trail(origin: RequestOrigin): Trail;
  /** Resolves once all accesses until now can be found. */
  flushed(): Promise<void>;
  /** Throws `refusals.auditUnavailable` while accesses cannot be recorded. */
  ready(): Promise<void>;
  /** Brings what is left into the log, and closes it. */
  stop(): Promise<void>;
}

export interface AuditSettings {
  /** Folder of the journal. */
  folder: string;
  base: string;
  now(): number;
  readsWait: boolean;
  /** After how many days a record is deleted. */
  retention: number;
  /** The turn, among the processes of a server, to delete what is too old. */
  turn(): Promise<() => void>;
  log: { info(message: string): void; error(message: string): void };
}

/** Opens the audit over its store. What a process that is gone has left in its journal is brought into the log. */
export function openAudit(
  store: AuditStore,
  { folder, base, now, readsWait, retention, turn, log }: AuditSettings,
): Audit {
  const closing = new AbortController();
  const writer = createWriter(store, openOwnJournal(folder), { readsWait, log: log.error });
  const upkeep = keepUp();

  async function keepUp(): Promise<void> {
    await untilDone(() => recoverJournals(folder, store));
    while (!closing.signal.aborted) {
      const passOn = await turn();
      await untilDone(async () => {
        const pruned = await prune(store, { days: retention, now: now(), by: 'AUDIT_RETENTION' });
        if (pruned)
          log.info(`Audit records up to ${pruned.last} are older than AUDIT_RETENTION and were deleted`);
        // Outside of the log this is a witness of it: see SECURITY.md.
        const witness = await witnessOf(store);
        if (witness) log.info(`The audit log ends with record ${witness.record}, hash ${witness.hash}`);
      });
      passOn();
      await sleep(pruneEvery, undefined, { signal: closing.signal, ref: false }).catch(() => {});
    }
  }

  async function untilDone(work: () => Promise<void>): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        return await work();
      } catch {
        await sleep(retryPause, undefined, { signal: closing.signal, ref: false }).catch(() => {});
      }
    }
  }

  return {
    store,
    trail: (origin) => trailOf(writer, base, now, origin),
    flushed: () => writer.flushed(),
    ready: async () => {
      if (writer.problem) throw refuse(refusals.auditUnavailable);
      await store.ready();
    },
    stop: async () => {
      closing.abort();
      await upkeep;
      await writer.close();
    },
  };
}
