import { elements, string } from '../../../fhir/elements.ts';
import type { Resource } from '../../../fhir/resource.ts';
import { type Blanks, blanksOf, filled } from '../record/blanks.ts';
import type { ReferralRecord } from '../record/referral-record.ts';
import { sectionsOf } from '../record/sections.ts';
import { ageWords, dateWords, personName, trimmed } from '../record/words.ts';

/** The blanks of a paper of consent before it is signed: what the referral says. */
export function unsignedBlanks(record: ReferralRecord): Blanks {
  const sections = sectionsOf('transfer-out-form', record).filter(({ code }) => code === 'impression');
  const blanks = new Map(blanksOf(record, sections));
  // Of when the paper is signed nothing is known yet; it is written in by hand.
  blanks.delete('date');
  return blanks;
}

/** The blanks of a consent that is on record: also who gave it, when, and whether it was given. */
export function signedBlanks(consent: Resource, record: ReferralRecord): Blanks {
  const time = string(consent, 'dateTime');
  const signed = dateWords(time);
  const age = ageWords(string(record.patient.held?.resource, 'birthDate'), time);
  const isRefused =
    consent.status === 'rejected' || elements(consent, 'provision').some(({ type }) => type === 'deny');
  const isGiven = consent.status === 'active' && !isRefused;
  return new Map([
    ...filled({ age }),
    ...unsignedBlanks(record),
    ...filled({
      ...signers(consent, record),
      'signed-date': signed,
      date: signed,
      agrees: isGiven ? tick : undefined,
      refuses: isRefused ? tick : undefined,
    }),
  ]);
}

const tick = '\u221a';

/** Who signed: the patient, or another person for the patient. */
function signers(consent: Resource, { patient }: ReferralRecord): Record<string, string | undefined> {
  const others = elements(consent, 'performer').filter(
    ({ reference }) => !/(?:^|\/)Patient\//.test(String(reference)),
  );
  const isPatients = elements(consent, 'performer').length > others.length;
  return {
    'patient-signature': isPatients ? personName(patient.held?.resource) : undefined,
    'relative-signature': trimmed(string(others[0], 'display')),
  };
}
