import type { Definitions } from '../../fhir/definitions/definitions.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Records } from '../context/records.ts';
import { codesOf, elements } from '../elements.ts';
import { refersTo } from '../queries.ts';
import { createReferences } from '../reference.ts';
import { clocksUrl, codeSystems, defaultReception } from '../vocabulary.ts';
import { type Clocks, dueAfter, readClocks, remainingUntil } from './clocks.ts';
import { type OpeningHours, openingHours } from './opening-hours.ts';
import { type Owed, owedOf } from './owed.ts';
import { arrivalEnd, type StepContext } from './requirements.ts';
import type { Step } from './steps.ts';

/** An institution has one reception; more are looked at so that a closed-down one does not hide it. */
const mostServices = 50;

/** Until when the next step is owed, by the clocks and the hours that are on record. */
export interface Deadlines {
  owedAfter(step: Step, context: StepContext, previous: Resource | null): Promise<Owed | undefined>;
  /** How long after the time to arrive a patient can still come, in milliseconds. */
  grace(referral: Resource | undefined): number;
}

/**
 * Makes the deadlines of one submission. A county's own PlanDefinition/referral-clocks, or its own
 * HealthcareService/default-reception, holds as soon as it is stored; else those that come with the server.
 */
export function createDeadlines(definitions: Definitions): (records: Records) => Promise<Deadlines> {
  const shipped = definitions.find('PlanDefinition', clocksUrl)!;
  const shippedClocks = readClocks(shipped);
  const shippedHours = openingHours(definitions.find('HealthcareService', defaultReception)!);
  const references = createReferences();

  async function hoursOf(records: Records, organization: { type: string; id: string } | undefined) {
    const services = organization
      ? await records.stored('HealthcareService', refersTo('organization', organization), mostServices)
      : [];
    const reception = services.find(
      (service) =>
        service.active !== false &&
        codesOf(service, 'characteristic', codeSystems.characteristic).includes('referral-reception'),
    );
    const stated = reception ?? (await records.find({ type: 'HealthcareService', id: defaultReception }));
    return stated ? openingHours(stated) : shippedHours;
  }

  return async (records) => {
    const stored = await records.find({ type: 'PlanDefinition', id: 'referral-clocks' });
    const clocks: Clocks = stored ? readClocks(stored) : shippedClocks;
    const always: OpeningHours = { of: () => [[0, 86_400_000]] };
    return {
      grace: (referral) => clocks('grace', String(referral?.priority ?? 'routine')).milliseconds,
      owedAfter: async (step, context, previous) => {
        if (!step.owes) return undefined;
        const { after, referral, now } = context;
        const { by, clock } = step.owes;
        const party = by === 'sender' ? 'requester' : 'owner';
        const [reference] = elements(after, party);
        if (!reference) return undefined;
        const allowance = clocks(clock, String(referral?.priority ?? after.priority ?? 'routine'));
        const hours = async (side: string) =>
          allowance.openTimeOnly ? hoursOf(records, references.target(after, side, 'Organization')) : always;
        const before = owedOf(previous);
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
