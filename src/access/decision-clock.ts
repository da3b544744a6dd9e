import type { Query } from '../fhir/search/query.ts';
import type { Kept } from '../interactions/kept.ts';
import type { Store } from '../store/store.ts';
import { boundsOf, isDecision, patientsDecidedOn } from './decisions.ts';
import { relabelPatients } from './labels/labelled-store.ts';
import type { Labelling } from './labels/work.ts';

/** So many Consents with a time are looked at in one question. */
const most = 2_000;
/** So long, in milliseconds, a decision with a time that another server process has taken in may go unnoticed. */
const age = 1_000;

/** The parameters by which Consent and CareTeam are found by their periods. */
const periods = [
  ['Consent', 'period'],
  ['CareTeam', 'date'],
] as const;

/** Sees to it that what patients have decided for a time holds for just that time. */
export interface DecisionClock {
  /** To be waited for before anything is read: resolves at once, unless a decision has just begun or ended to hold. */
  onTime(): Promise<void> | undefined;
  /** Told of what was kept. */
  kept(versions: readonly Kept[]): Promise<void>;
}

/**
 * A Consent or a signature for a time begins and ends to hold at its instants, without anything that must run for it: the
 * next instant is known, and the first request after it labels anew what it is about. Costs the others a comparison.
 */
export function createDecisionClock(store: Store, labelling: Labelling): DecisionClock {
  let next = Number.NEGATIVE_INFINITY;
  /** Up to here all is as the decisions say; on the first request whatever ended while no server ran is settled. */
  let settled = Number.NEGATIVE_INFINITY;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let settling: Promise<void> | undefined;

  async function settle(): Promise<void> {
    const now = labelling.now();
    const crossed = await decisionsWithin({ gt: settled, lte: now });
    const patients = new Set(crossed.flatMap((text) => patientsDecidedOn(text)));
    if (patients.size > 0) await relabelPatients(store, labelling, [...patients]);
    const coming = await decisionsWithin({ gt: now });
    next = Math.min(
      Number.POSITIVE_INFINITY,
      ...coming.flatMap((text) => boundsOf(text).filter((instant) => instant > now)),
    );
    settled = now;
    lookedAt = now;
  }

  /** The texts of the decisions one of whose instants lies within bounds. */
  async function decisionsWithin(bounds: { gt: number; lte?: number }): Promise<string[]> {
    const texts: string[] = [];
    for (const [type, name] of periods) {
      // An end is the last instant that is still within: the next one is when it no longer holds.
      const high = { gt: bounds.gt - 1, ...(bounds.lte !== undefined && { lt: bounds.lte }) };
      const filter: Query = {
        kind: 'or',
        of: [
          { kind: 'interval', name, low: bounds },
          { kind: 'interval', name, high },
        ],
      };
      const found = await store.search({ type, filter, sort: [], limit: most });
      texts.push(...found.map(({ version }) => version.text));
    }
    return texts;
  }

  return {
    onTime() {
      const now = labelling.now();
      if (now < next && now - lookedAt < age) return undefined;
      settling ??= settle().finally(() => {
        settling = undefined;
      });
      return settling;
    },
    async kept(versions) {
      if (versions.some(({ type }) => isDecision(type))) lookedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
