import { elements, string } from '../../../fhir/elements.ts';
import type { Resource } from '../../../fhir/resource.ts';
import { ageWords, conceptWords, personName, phoneOf, sexWords } from '../../papers/record/words.ts';
import type { CodeWords } from '../codes.ts';
import { localInstant, localTime } from '../local-time.ts';
import type { Named } from '../page-shelf.ts';
import type { ReferralCase } from '../referral-case.ts';

/** What the columns of a row are read from. */
export interface LedgerRow {
  /** From 1 on. */
  row: number;
  case: ReferralCase;
  referral: Resource | undefined;
  named: Named;
  words: CodeWords;
  /** The present instant, by which a step that is owed counts as late. */
  now: number;
}

type Column = (row: LedgerRow) => string | number | undefined;

const time =
  (of: Exclude<keyof ReferralCase['times'], never>): Column =>
  ({ case: { times } }) =>
    times[of] === undefined ? undefined : localTime(times[of]);

const nameAt =
  (of: 'sender' | 'receiver' | 'department'): Column =>
  ({ case: referral, named }) =>
    string(named(referral[of]), 'name') ?? referral[of];

/** The columns that a ledger can have, by the codes of CodeSystem/ledger-column. */
export const columns: Readonly<Record<string, Column>> = {
  row: ({ row }) => row,
  number: ({ case: { number } }) => number,
  direction: ({ case: { direction }, words }) => words.direction(direction),
  priority: ({ case: { priority }, words }) => words.priority(priority),
  patient: ({ case: { patient }, named }) => personName(named(patient)),
  sex: ({ case: { patient }, named }) => sexWords(named(patient)),
  age: ({ case: { patient, times }, named }) =>
    ageWords(string(named(patient), 'birthDate'), localInstant(times.authored)),
  phone: ({ case: { patient }, named }) => phoneOf(named(patient)),
  diagnosis: (row) =>
    diagnoses(row)
      .flatMap((code) => conceptWords(code) ?? [])
      .join(';'),
  'diagnosis-code': (row) =>
    diagnoses(row)
      .flatMap((code) => string(elements(code, 'coding')[0], 'code') ?? [])
      .join(';'),
  indication: ({ case: { indications }, words }) => indications.map(words.indication).join(';'),
  reason: ({ referral }) =>
    elements(referral, 'reasonCode')
      .flatMap((reason) => string(reason, 'text') ?? [])
      .join(';'),
  sender: nameAt('sender'),
  'sending-department': ({ case: { doctor }, named }) =>
    pathsOf(named(doctor), 'healthcareService')
      .map((path) => string(named(path), 'name') ?? path)
      .join(';'),
  doctor: (row) =>
    personAt(row, row.case.doctor) ?? string(elements(row.referral, 'requester')[0], 'display'),
  receiver: nameAt('receiver'),
  'receiving-department': nameAt('department'),
  liaison: (row) => personAt(row, row.case.liaison),
  submitted: time('authored'),
  acknowledged: time('acknowledged'),
  answered: time('answered'),
  departed: time('departed'),
  arrived: time('arrived'),
  ended: time('ended'),
  outcome: ({ case: { state }, words }) =>
    state === 'entered-in-error' ? '登记有误' : words.businessStatus(state.split(':')[1]),
  late: (row) => (lateSteps(row).length > 0 ? '是' : '否'),
  'late-steps': (row) => lateSteps(row).join(';'),
};

/** What the rows of a page name beside their referrals, as paths; those of people come in a second round. */
export function pathsNamed({
  patient,
  sender,
  receiver,
  department,
  doctor,
  liaison,
  reasons,
}: ReferralCase) {
  return [patient, sender, receiver, department, doctor, liaison, ...reasons];
}

/** The people and departments behind the roles of a case, once those are known. */
export function pathsBehind({ doctor, liaison }: ReferralCase, named: Named): string[] {
  return [doctor, liaison].flatMap((role) => [
    ...pathsOf(named(role), 'practitioner'),
    ...pathsOf(named(role), 'healthcareService'),
  ]);
}

/** Who does not keep a time is told by the step that came late, or that is owed still. */
function lateSteps({ case: { late, owed }, words, now }: LedgerRow): string[] {
  const taken = late.map(({ step }) => words.step(step));
  const isOwed = owed !== undefined && owed.until < now;
  return isOwed ? [...taken, owed.by === 'sender' ? '待转出方办理' : '待接收方办理'] : taken;
}

function diagnoses({ case: { reasons }, named }: LedgerRow) {
  return reasons.flatMap((path) => elements(named(path), 'code'));
}

function personAt({ named }: LedgerRow, role: string | undefined): string | undefined {
  const stated = named(role);
  if (stated?.resourceType !== 'PractitionerRole') return personName(stated);
  const [person] = pathsOf(stated, 'practitioner');
  return personName(named(person)) ?? string(elements(stated, 'practitioner')[0], 'display');
}

function pathsOf(parent: Resource | undefined, member: string): string[] {
  return elements(parent, member).flatMap((reference) => {
    const path = string(reference, 'reference');
    return path !== undefined && /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.test(path) ? [path] : [];
  });
}
