import { elements, string } from '../../../fhir/elements.ts';
import { codeSystems } from '../../vocabulary.ts';
import { certificateOf, isInForce } from '../certificate/certificate.ts';
import { printedNumber } from '../certificate/number.ts';
import type { Named, ReferralRecord } from './referral-record.ts';
import type { Section } from './sections.ts';
import {
  addressOf,
  ageWords,
  conceptWords,
  dateWords,
  identifierOf,
  personName,
  phoneOf,
  sexWords,
  trimmed,
} from './words.ts';

/** What the blanks of a paper are filled with, by their names; a blank without a value stays blank. */
export type Blanks = ReadonlyMap<string, string>;

/** Numbers of a person, by the identifiers that WS/T 482 has for them. */
const numbers = {
  resident: 'urn:oid:2.16.156.10011.1.3',
  healthRecord: 'urn:oid:2.16.156.10011.1.2',
  inpatient: 'urn:oid:2.16.156.10011.1.12',
  medicalRecord: 'urn:oid:2.16.156.10011.1.13',
} as const;

/** The blanks that a referral fills; those of the sections by their codes. */
export function blanksOf(record: ReferralRecord, sections: readonly Section[]): Blanks {
  const { task, referral, patient, encounter, sender, receiver, department, doctor, liaison, liaisonPerson } =
    record;
  const person = patient.held?.resource;
  const written = string(referral?.resource, 'authoredOn') ?? string(task?.resource, 'authoredOn');
  const departure = inputTime(record, 'departure');
  const textOf = (code: string) => sections.find((section) => section.code === code)?.text;
  const named = liaisonPerson.held ? nameOf(liaisonPerson) : nameOf(liaison);
  return filled({
    'patient-name': personName(person) ?? trimmed(string(patient.reference, 'display')),
    sex: sexWords(person),
    age: ageWords(string(person, 'birthDate'), written),
    'id-number': identifierOf(person, numbers.resident),
    'record-number': identifierOf(person, numbers.healthRecord),
    'inpatient-number':
      identifierOf(encounter?.resource, numbers.medicalRecord) ??
      identifierOf(encounter?.resource, numbers.inpatient) ??
      identifierOf(person, numbers.medicalRecord),
    address: addressOf(person),
    phone: phoneOf(person),
    'referral-number': referralNumber(record),
    certificate: certificateWords(record),
    sender: nameOf(sender),
    receiver: nameOf(receiver),
    department: nameOf(department) ?? conceptWords(elements(referral?.resource, 'performerType')[0]),
    'receiving-doctor': named === undefined ? receivingDoctor(record) : `${named}\uff08联络员\uff09`,
    doctor: nameOf(doctor.person) ?? nameOf(doctor.role),
    'doctor-phone': phoneOf(doctor.role.held?.resource, doctor.person.held?.resource, sender.held?.resource),
    'transfer-date': dateWords(departure ?? written),
    date: dateWords(written),
    ...Object.fromEntries(sections.map(({ code, text }) => [code, text])),
    'treatment-and-plan': trimmed(
      [textOf('treatment-course'), textOf('next-plan')].filter((text) => text !== undefined).join('\n'),
    ),
  });
}

/** So much stands in a blank at most: two sections, which are cut themselves and say so. */
const mostCharacters = 8_100;

/** The blanks without those that nothing is known for. */
export function filled(values: Readonly<Record<string, string | undefined>>): Blanks {
  return new Map(
    Object.entries(values).flatMap(([name, value]) => {
      const text = trimmed(value);
      return text === undefined ? [] : [[name, text.slice(0, mostCharacters)] as const];
    }),
  );
}

/** The number that the sender gave the referral (identifier of type PLAC), else its first one. */
export function referralNumber({ referral, task }: ReferralRecord): string | undefined {
  const identifiers = [
    ...elements(referral?.resource, 'identifier'),
    ...elements(task?.resource, 'identifier'),
  ];
  const placer = identifiers.find((identifier) =>
    elements(elements(identifier, 'type')[0], 'coding').some(
      ({ system, code }) => system === codeSystems.identifierType && code === 'PLAC',
    ),
  );
  return string(placer ?? identifiers[0], 'value');
}

function certificateWords({ task }: ReferralRecord): string | undefined {
  const certificate = task && isInForce(task.resource) ? certificateOf(task.resource) : undefined;
  return certificate && printedNumber(certificate.number);
}

function nameOf({ reference, held }: Named): string | undefined {
  const resource = held?.resource;
  const isPerson = resource?.resourceType === 'Practitioner' || resource?.resourceType === 'Patient';
  const own = isPerson ? personName(resource) : trimmed(string(resource, 'name'));
  return own ?? trimmed(string(reference, 'display'));
}

/** Whom the referral itself asks for, where that is a person. */
function receivingDoctor({ referral }: ReferralRecord): string | undefined {
  const person = elements(referral?.resource, 'performer').find((reference) =>
    /(?:^|\/)Practitioner(?:Role)?\//.test(string(reference, 'reference') ?? ''),
  );
  return trimmed(string(person, 'display'));
}

function inputTime({ task }: ReferralRecord, type: string): string | undefined {
  const input = elements(task?.resource, 'input').find((each) =>
    elements(elements(each, 'type')[0], 'coding').some(
      ({ system, code }) => system === codeSystems.inputType && code === type,
    ),
  );
  return string(input, 'valueDateTime');
}
