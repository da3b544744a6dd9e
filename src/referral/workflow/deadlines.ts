import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { elements } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Records } from '../context/records.ts';
import { directionOf } from '../recognise.ts';
import { createReferences } from '../reference.ts';
import { clocksPlan, clocksUrl } from '../vocabulary.ts';
import { type Clock, type Clocks, dueAfter, readClocks, remainingUntil } from './clocks.ts';
import type { OpeningHours } from './opening-hours.ts';
import { type Owed, owedOf } from './owed.ts';
import { createReceptions, type Receptions } from './reception.ts';
import { arrivalEnd, type StepContext } from './requirements.ts';
import { stateOf } from './states.ts';
import { type Step, steps } from './steps.ts';

/** Until when the next step is owed, by the clocks and the hours that are on record. */
export interface Deadlines {
  /** The hours that count, and who keeps them. */
  receptions: Receptions;
  owedAfter(step: Step, context: StepContext, previous: Resource | null): Promise<Owed | undefined>;
  /** How long after the time to arrive a patient can still come, in milliseconds. */
  grace(referral: Resource | undefined): number;
  /** When a clock of calendar time that starts now has run down, in milliseconds since the epoch. */
  within(clock: Clock, priority: string, now: number): number;
}

/** The states in which the patient is waited for: what their steps owe next is the arrival. */
const awaitsArrival: ReadonlySet<string> = new Set(
  steps.flatMap(({ to, owes }) => (owes?.clock === 'arrival' ? to : [])),
);

/** What is owed after a change that is no step: where the time to arrive was moved, it is owed until then. */
export function owedStill({ before, after }: StepContext, previous: Resource | null): Owed | undefined {
  const owed = owedOf(previous);
  const end = arrivalEnd(after);
  const isMoved = before !== null && end !== undefined && end !== arrivalEnd(before);
  return owed && isMoved && awaitsArrival.has(stateOf(after)) ? { ...owed, until: end } : owed;
}

/**
 * Makes the deadlines of one submission. A county's own PlanDefinition/referral-clocks, or its own
 * HealthcareService/default-reception, holds as soon as it is stored; else those that come with the server.
 */
export function createDeadlines(definitions: Definitions): (records: Records) => Promise<Deadlines> {
  const shipped = definitions.find('PlanDefinition', clocksUrl)!;
  const shippedClocks = readClocks(shipped);
  const receptionsOf = createReceptions(definitions);
  const references = createReferences();

  return async (records) => {
    const stored = await records.find({ type: 'PlanDefinition', id: clocksPlan });
    const clocks: Clocks =
      stored && stored.status !== 'retired' ? readClocks(stored, shippedClocks) : shippedClocks;
    const always: OpeningHours = { of: () => [[0, 86_400_000]] };
    const receptions = receptionsOf(records);
    return {
      receptions,
      grace: (referral) => clocks('grace', String(referral?.priority ?? 'routine')).milliseconds,
      within: (clock, priority, now) => now + clocks(clock, priority).milliseconds,
      owedAfter: async (step, context, previous) => {
        if (!step.owes) return undefined;
        const { after, referral, now } = context;
        const { by } = step.owes;
        const isDown = referral !== undefined && directionOf(referral) === 'down';
        const clock = isDown && step.owes.clock === 'acknowledgement' ? 'take-back' : step.owes.clock;
        const party = by === 'sender' ? 'requester' : 'owner';
        const [reference] = elements(after, party);
        if (!reference) return undefined;
        const allowance = clocks(clock, String(referral?.priority ?? after.priority ?? 'routine'));
        const hours = async (side: string) =>
          allowance.openTimeOnly
            ? receptions.hoursOf(references.target(after, side, 'Organization'))
            : always;
        const before = owedOf(previous);
        // The township takes a patient back within one time, from the submission to its answer.
        if (isDown && clock === 'answer' && before && before.remaining === undefined)
          return { by: reference, until: before.until };
        if (clock === 'arrival') {
          const end = arrivalEnd(after);
          if (end !== undefined && end > now) return { by: reference, until: end };
        }
        if (clock === 'answer' && before?.remaining !== undefined) {
          const left = { ...allowance, milliseconds: before.remaining };
          return { by: reference, until: dueAfter(left, now, await hours('owner')) };
        }
        const until = dueAfter(allowance, now, await hours(party));
        if (clock !== 'information' || !before) return { by: reference, until };
        const remaining = remainingUntil(before.until, now, await hours('owner'), allowance.openTimeOnly);
        return { by: reference, until, remaining };
      },
    };
  };
}
