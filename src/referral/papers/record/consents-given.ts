import { and, or } from '../../../fhir/search/query.ts';
import type { Reader } from '../../../store/store.ts';
import { hasCode, hasConcept, refersTo } from '../../queries.ts';
import type { References } from '../../reference.ts';
import { codeSystems } from '../../vocabulary.ts';
import type { ReferralRecord } from './referral-record.ts';
import { type Held, heldOf } from './shelf.ts';

/** What a patient signs for one referral (terminology/CodeSystem-consent-category.json). */
const categories = ['referral-consent', 'referral-notice', 'self-pay-pledge'];

/** Of the papers that a patient has signed, so many of the latest go along. */
const most = 10;

/**
 * What the patient of a referral has signed and not withdrawn, the latest first: without it, who is handed the document
 * could not take the patient over.
 */
export async function consentsGiven(
  { patient }: ReferralRecord,
  reader: Reader,
  references: References,
): Promise<Held[]> {
  const target = references.target({ patient: patient.reference ?? {} }, 'patient', 'Patient');
  if (!target) return [];
  const filter = and([
    refersTo('patient', target),
    hasCode('status', 'active'),
    or(categories.map((code) => hasConcept('category', codeSystems.consentCategory, code))),
  ]);
  const found = await reader.search({ type: 'Consent', filter, sort: [], limit: most });
  return found.flatMap(({ version }) => heldOf(version) ?? []);
}
