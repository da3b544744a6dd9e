import { string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import { and, or, type Query } from '../../fhir/search/query.ts';
import { hasCode, refersTo } from '../queries.ts';
import type { References, Target } from '../reference.ts';

/** In these statuses an appointment is still expected to take place, or has taken place. */
const standing: ReadonlySet<string> = new Set(['pending', 'booked', 'arrived', 'checked-in', 'fulfilled']);

/**
 * In these statuses an appointment holds its slots: nobody else gets them. Of a patient who did not come the time is
 * over, so it holds them still; a proposal and a place on the waiting list hold none
 * (http://hl7.org/fhir/R4/valueset-appointmentstatus.html).
 */
const holding: ReadonlySet<string> = new Set([...standing, 'noshow']);

/** An appointment that is in one of these statuses can be moved or cancelled. */
const open: ReadonlySet<string> = new Set(['proposed', 'pending', 'booked', 'waitlist']);

/** Whether an appointment is still expected, or has taken place. */
export function stands(appointment: Resource | null): boolean {
  return standing.has(string(appointment, 'status') ?? '');
}

/** Whether an appointment lies ahead: it can be moved or cancelled. */
export function isOpen(appointment: Resource): boolean {
  return open.has(string(appointment, 'status') ?? '');
}

/** The slots that an appointment holds. */
export function heldSlots(appointment: Resource | null, references: References): Target[] {
  if (!holding.has(string(appointment, 'status') ?? '')) return [];
  return references.targets(appointment, 'slot').filter(({ type }) => type === 'Slot');
}

/** The appointments that hold a slot. */
export function holdersOf(slot: Target): Query {
  return and([refersTo('slot', slot), hasStatus(holding)]);
}

/** A referral has few appointments at a time. */
export const mostAppointments = 50;

/** The appointments of a referral that lie ahead. */
export function openAppointmentsOf(referral: Target): Query {
  return and([refersTo('based-on', referral), hasStatus(open)]);
}

function hasStatus(statuses: ReadonlySet<string>): Query {
  return or([...statuses].map((status) => hasCode('status', status)));
}
