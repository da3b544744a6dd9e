import { areAllied, type Directory } from '../directory.ts';
import type { Fact } from '../facts.ts';
import { icdChapter } from '../icd-chapter.ts';
import type { Party } from '../referral-case.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** Within so long after the discharge was planned feedback is owed (every published scheme has seven days). */
const feedbackTime = 7 * day;

type Criterion = (fact: Fact, directory: Directory) => boolean;

const isOf =
  (...states: readonly string[]): Criterion =>
  ({ state }) =>
    states.some((each) => state === each || (each.endsWith(':') && state.startsWith(each)));

/** Referrals of patients; a tele-consultation is none, nor is what was entered in error. */
const counts: Criterion = ({ isConsultation, state }) => !isConsultation && state !== 'entered-in-error';
/** Not taken back before anybody answered, nor passed on to another institution, where it counts itself. */
const stands: Criterion = (fact, directory) =>
  counts(fact, directory) && !isOf('cancelled:')(fact, directory);
const isUp: Criterion = (fact, directory) => stands(fact, directory) && fact.direction === 'up';
const isReturned = isOf('completed:treated', 'completed:returned');
const isAccepted: Criterion = (fact, directory) =>
  counts(fact, directory) &&
  (fact.times.arrived !== undefined ||
    isOf('accepted:', 'on-hold:', 'in-progress:', 'completed:', 'failed:')(fact, directory));

/**
 * What Measures count by, as their criteria name it (`Measure.group.population.criteria.expression`). A referral counts
 * by what has become of it until now.
 */
export const criteria = {
  'referral-submitted': counts,
  'referral-standing': stands,
  'referral-up': isUp,
  'referral-down': (fact, directory) => stands(fact, directory) && fact.direction === 'down',
  'referral-out': (fact, directory) => stands(fact, directory) && fact.direction !== 'down',
  'referral-up-outside': (fact, directory) =>
    isUp(fact, directory) && !areAllied(directory, fact.sender, fact.receiver),
  'referral-first-pass': (fact, directory) => counts(fact, directory) && fact.refusedBefore === 0,
  'referral-any': ({ isConsultation }) => !isConsultation,
  'referral-accurate': (fact, directory) => counts(fact, directory) && fact.corrections === 0,
  'referral-answered': (fact, directory) => counts(fact, directory) && fact.times.answered !== undefined,
  'referral-accepted': isAccepted,
  'referral-arrived': (fact, directory) => counts(fact, directory) && fact.times.arrived !== undefined,
  'referral-returned': (fact, directory) =>
    counts(fact, directory) && isReturned(fact, directory) && fact.times.arrived !== undefined,
  'referral-no-show': (fact, directory) => isAccepted(fact, directory) && fact.state === 'failed:no-show',
  /** Of whom it is known whether the patient came. */
  'referral-expected': (fact, directory) =>
    isAccepted(fact, directory) && (fact.times.arrived !== undefined || fact.state === 'failed:no-show'),
  'feedback-owed': (fact, directory) => counts(fact, directory) && isReturned(fact, directory),
  'feedback-in-time': (fact, directory) =>
    counts(fact, directory) && isReturned(fact, directory) && isInTime(fact),
  'sender-in-time': (fact, directory) => counts(fact, directory) && isPunctual(fact, 'sender'),
  'receiver-in-time': (fact, directory) => counts(fact, directory) && isPunctual(fact, 'receiver'),
} as const satisfies Record<string, Criterion>;

export type CriterionName = keyof typeof criteria;

function isInTime({ times: { discharged, ended } }: Fact): boolean {
  return ended !== undefined && (discharged === undefined || ended - discharged <= feedbackTime);
}

/** Whether a side took each of its steps before it was due, and owes none that is overdue. */
function isPunctual({ late, overdue }: Fact, side: Party): boolean {
  return overdue !== side && !late.some(({ by }) => by === side);
}

/** What Measures observe of a referral, in hours; undefined where it has not come about. */
export const observations = {
  'hours-to-answer': ({ times: { submitted, answered } }) => hoursBetween(submitted, answered),
  'hours-to-arrive': ({ times: { answered, arrived } }) => hoursBetween(answered, arrived),
  'hours-to-return': ({ times: { arrived, ended } }) => hoursBetween(arrived, ended),
} as const satisfies Record<string, (fact: Fact) => number | undefined>;

export type ObservationName = keyof typeof observations;

function hoursBetween(from: number | undefined, until: number | undefined): number | undefined {
  return from === undefined || until === undefined ? undefined : Math.max(0, until - from) / hour;
}

/** By what Measures divide referrals; one can be in several strata, and in none. */
export const strata = {
  sender: ({ sender }) => sender,
  receiver: ({ receiver }) => receiver,
  'sender-tier': ({ sender }, directory) => directory.get(sender ?? '')?.tier,
  'receiver-tier': ({ receiver }, directory) => directory.get(receiver ?? '')?.tier,
  month: ({ month }) => month,
  doctor: ({ doctor }) => doctor,
  liaison: ({ liaison }) => liaison,
  'icd-chapter': ({ diagnosis }) => diagnosis && icdChapter(diagnosis.code)?.code,
  disease: ({ diagnosis }) => diagnosis?.code.slice(0, 3),
  indication: ({ indications }) => indications,
} as const satisfies Record<
  string,
  (fact: Fact, directory: Directory) => string | readonly string[] | undefined
>;

export type StratumName = keyof typeof strata;
