import type { Plan } from './plan.ts';
import type { Random } from './random.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export type Outcome =
  | 'completed'
  | 'rejected'
  | 'redirected'
  | 'cancelled'
  | 'no-show'
  | 'died'
  | 'left-ama'
  | 'entered-in-error';

/** A step that was taken, as `step-taken` has it. */
export interface Taken {
  step: string;
  time: number;
  due?: number;
}

/** What has become of a referral until the end of what is made. */
export interface Life {
  /** `status:businessStatus` */
  state: string;
  taken: Taken[];
  /** For when the receiver has made an appointment that stands. */
  appointment?: number;
  /** When the patient came to the receiver, and when the episode there ended. */
  arrived?: number;
  left?: number;
}

export interface LifeRequest {
  outcome: Outcome;
  direction: 'up' | 'down';
  priority: string;
  submitted: number;
  /** What comes later has not happened yet. */
  until: number;
  inpatient: boolean;
  /** Goes back to the sender for what follows, by a referral down. */
  returns?: boolean;
}

/** How long each side has for a step, in milliseconds; the real clocks count opening hours besides. */
const clocks: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  acknowledgement: { routine: 8 * hour, urgent: hour, stat: 15 * minute },
  answer: { routine: day, urgent: 2 * hour, stat: 30 * minute },
  information: { routine: day, urgent: 2 * hour, stat: 30 * minute },
  arrival: { routine: 7 * day, urgent: 2 * day, stat: 4 * hour },
  treatment: { routine: 30 * day, urgent: 30 * day, stat: 30 * day },
  feedback: { routine: 7 * day, urgent: 7 * day, stat: 7 * day },
};

/** Lives a referral through the steps of the table, some of them late, as far as the time goes. */
export function lifeOf(request: LifeRequest, plan: Plan, random: Random): Life {
  const { outcome, direction, priority, submitted, until, inpatient, returns = false } = request;
  const clock = (name: string) => clocks[name]![priority] ?? clocks[name]!.routine!;
  const life: Life = { state: 'requested:submitted', taken: [{ step: 'submit', time: submitted }] };
  let now = submitted;
  let due = submitted + clock('acknowledgement');

  /** Takes a step after a share of the time that there is for it; false where that is beyond the end. */
  const take = (
    step: string,
    state: string,
    share: number,
    next?: string,
    lateShare = plan.lateShare,
  ): boolean => {
    const late = random.chance(lateShare);
    const time = Math.round(
      now + (late ? (due - now) * (1.1 + random.next()) : (due - now) * share * (0.2 + random.next())),
    );
    if (time > until) return false;
    now = time;
    life.taken.push({ step, time, due });
    life.state = state;
    due = now + (next ? clock(next) : day);
    return true;
  };

  if (outcome === 'entered-in-error') {
    take('enter-in-error', 'entered-in-error', 0.3);
    return life;
  }
  if (outcome === 'cancelled' && random.chance(0.5)) {
    take('cancel', 'cancelled:patient-declined', 0.6);
    return life;
  }
  if (!take('acknowledge', 'received:under-review', 0.5, 'answer')) return life;
  if (random.chance(plan.detours.information)) {
    if (!take('request-info', 'received:awaiting-information', 0.4, 'information')) return life;
    if (!take('supply-info', 'received:under-review', 0.6, 'answer')) return life;
  }
  if (outcome === 'rejected') {
    take(
      'reject',
      random.one([
        'rejected:no-capacity',
        'rejected:not-indicated',
        'rejected:incomplete',
        'rejected:out-of-scope',
      ]),
      0.5,
    );
    return life;
  }
  if (outcome === 'redirected') {
    take('redirect', 'cancelled:superseded', 0.5);
    return life;
  }
  const [accept, accepted] = inpatient
    ? ['accept-bed', 'accepted:bed-reserved']
    : ['accept', 'accepted:appointment-pending'];
  if (!take(accept!, accepted!, 0.5, 'arrival')) return life;
  if (!inpatient && random.chance(plan.detours.appointment)) {
    if (!take('schedule', 'accepted:scheduled', 0.1, 'arrival', 0)) return life;
    life.appointment = now + clock('arrival') * (0.2 + 0.5 * random.next());
  }
  if (random.chance(plan.detours.hold)) {
    if (!take('hold', 'on-hold:awaiting-patient', 0.3, 'answer')) return life;
    if (!take('resume', inpatient ? 'accepted:bed-reserved' : 'accepted:appointment-pending', 0.8, 'arrival'))
      return life;
    delete life.appointment;
  }
  if (outcome === 'cancelled') {
    take('cancel', 'cancelled:by-sender', 0.5);
    return life;
  }
  if (outcome === 'no-show') {
    due += 3 * day;
    take('no-show', 'failed:no-show', 0.9);
    return life;
  }
  const departs = direction === 'up' && random.chance(plan.detours.departure[priority] ?? 0);
  if (departs && !take('depart', 'accepted:in-transit', 0.3, 'arrival')) return life;
  if (!take('arrive', 'in-progress:arrived', departs ? 0.05 : 0.4, 'treatment', 0)) return life;
  life.arrived = now;
  if (direction === 'down') {
    due = now + 2 * day;
    if (take('resume-care', 'completed:care-resumed', 0.5)) life.left = now;
    return life;
  }
  due = now + (inpatient ? 14 * day : day);
  if (
    !take('treat', inpatient ? 'in-progress:admitted' : 'in-progress:outpatient-care', 0.05, 'treatment', 0)
  )
    return life;
  if (outcome === 'died' || outcome === 'left-ama') {
    due = now + 5 * day;
    if (take('fail', `failed:${outcome}`, 0.5, undefined, 0)) life.left = now;
    return life;
  }
  due = now + (inpatient ? 12 * day : 4 * hour);
  if (inpatient) {
    if (!take('plan-discharge', 'in-progress:discharge-planned', 0.7, 'feedback', 0)) return life;
    life.left = now;
  }
  if (
    take(
      returns ? 'return' : 'complete',
      returns ? 'completed:returned' : 'completed:treated',
      inpatient ? 0.4 : 0.5,
      undefined,
      inpatient ? plan.lateFeedbackShare : 0,
    )
  )
    life.left ??= now;
  return life;
}
