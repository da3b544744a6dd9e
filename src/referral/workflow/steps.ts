import type { Text } from '../../fhir/outcome.ts';
import type { Clock } from './clocks.ts';
import type { RequirementName } from './requirements.ts';
import { type State, states } from './states.ts';

/**
 * Who takes a step: the sender (Task.requester), the receiver (Task.owner), the office of the community (医共体办公室),
 * or the server itself when a time is over.
 */
export type Party = 'sender' | 'receiver' | 'alliance-office' | 'system';

/** What the ServiceRequest's status becomes by a step (http://hl7.org/fhir/R4/valueset-request-status.html). */
export type ReferralStatus = 'active' | 'on-hold' | 'completed' | 'revoked' | 'entered-in-error';

/** One row of the policy's table of steps. */
export interface Step {
  /** How refusals and clients name the row. */
  name: string;
  /** The operation on the Task that takes the step, where there is one; several rows can share one. */
  operation?: string;
  /** Empty: the step makes the Task. */
  from: readonly State[];
  /** The first one is meant when a client states the status only. Empty: the Task stays in its state. */
  to: readonly State[];
  who: readonly Party[];
  /**
   * The row holds only for these referrals: of life and death; to a lower tier; of a patient to be treated, that is
   * neither to a lower tier nor a tele-consultation; or for a tele-consultation (远程会诊).
   */
  only?: 'stat' | 'down' | 'treatment' | 'consult';
  requires: readonly RequirementName[];
  /** What becomes of the referral itself. */
  referral?: ReferralStatus;
  /** The referral is accepted by it: it gets its certificate, unless it has one. */
  certifies?: true;
  /** Who owes the next step, and on which clock; not there when nothing is owed any more. */
  owes?: { by: 'sender' | 'receiver'; clock: Clock };
  /** Whether the sender follows its patient up afterwards: urgent ones, and by the plan of care. */
  followUp?: true;
  text: Text;
}

const { requested, received, accepted, onHold, inProgress, completed, rejected, cancelled, failed } = states;
const unanswered: readonly State[] = [...requested, ...received];
const underWay: readonly State[] = [...unanswered, ...accepted, ...onHold];

/**
 * The steps of a referral, from its submission to its end, each as the policy has it. Everything that the server
 * holds a Task to is read from here: what may follow what, who may do it, what it needs, what it does, and who owes
 * the next step until when. No state follows from a terminal one, so nothing that has ended opens again.
 */
export const steps: readonly Step[] = [
  {
    name: 'submit',
    from: [],
    to: ['requested:submitted'],
    who: ['sender'],
    requires: [],
    referral: 'active',
    owes: { by: 'receiver', clock: 'acknowledgement' },
    text: { zh: '提交转诊', en: 'Submit the referral' },
  },
  {
    name: 'send-on',
    from: [],
    to: ['requested:redirected'],
    who: ['sender', 'receiver', 'alliance-office'],
    requires: ['predecessor'],
    referral: 'active',
    owes: { by: 'receiver', clock: 'acknowledgement' },
    text: { zh: '改派后重新提交', en: 'Send the referral to another institution' },
  },
  {
    name: 'acknowledge',
    operation: '$acknowledge',
    from: requested,
    to: ['received:under-review'],
    who: ['receiver'],
    requires: [],
    owes: { by: 'receiver', clock: 'answer' },
    text: { zh: '签收', en: 'Acknowledge' },
  },
  {
    name: 'request-info',
    operation: '$request-info',
    from: ['received:under-review'],
    to: ['received:awaiting-information'],
    who: ['receiver'],
    requires: ['reason', 'records-request'],
    owes: { by: 'sender', clock: 'information' },
    text: { zh: '要求补充资料', en: 'Ask for information' },
  },
  {
    name: 'supply-info',
    operation: '$supply-info',
    from: ['received:awaiting-information'],
    to: ['received:under-review'],
    who: ['sender'],
    requires: ['information'],
    owes: { by: 'receiver', clock: 'answer' },
    text: { zh: '补充资料', en: 'Supply the information' },
  },
  {
    name: 'accept-scheduled',
    operation: '$accept',
    from: unanswered,
    to: ['accepted:scheduled'],
    who: ['receiver'],
    requires: ['department', 'liaison', 'arrival-period', 'appointment'],
    certifies: true,
    owes: { by: 'sender', clock: 'arrival' },
    text: { zh: '接收并预约', en: 'Accept with an appointment' },
  },
  {
    name: 'accept',
    operation: '$accept',
    from: unanswered,
    to: ['accepted:appointment-pending'],
    who: ['receiver'],
    requires: ['department', 'liaison', 'arrival-period'],
    certifies: true,
    owes: { by: 'receiver', clock: 'appointment' },
    text: { zh: '接收,待预约', en: 'Accept, the appointment follows' },
  },
  {
    name: 'accept-bed',
    operation: '$accept',
    from: unanswered,
    to: ['accepted:bed-reserved'],
    who: ['receiver'],
    requires: ['department', 'liaison', 'arrival-period'],
    certifies: true,
    owes: { by: 'sender', clock: 'arrival' },
    text: { zh: '接收并留床', en: 'Accept with a bed' },
  },
  {
    name: 'schedule',
    from: ['accepted:appointment-pending', 'accepted:bed-reserved'],
    to: ['accepted:scheduled'],
    who: ['receiver'],
    requires: ['appointment'],
    owes: { by: 'sender', clock: 'arrival' },
    text: { zh: '预约', en: 'Schedule' },
  },
  {
    name: 'unschedule',
    from: ['accepted:scheduled'],
    to: ['accepted:appointment-pending'],
    who: ['receiver'],
    requires: [],
    owes: { by: 'receiver', clock: 'appointment' },
    text: { zh: '预约取消,待重新预约', en: 'The appointment is off, another follows' },
  },
  {
    name: 'reserve-bed',
    from: ['accepted:appointment-pending', 'accepted:scheduled'],
    to: ['accepted:bed-reserved'],
    who: ['receiver'],
    requires: [],
    owes: { by: 'sender', clock: 'arrival' },
    text: { zh: '留床', en: 'Reserve a bed' },
  },
  {
    name: 'reject',
    operation: '$reject',
    from: unanswered,
    to: rejected,
    who: ['receiver'],
    requires: ['coded-reason'],
    referral: 'on-hold',
    owes: { by: 'sender', clock: 'decision' },
    text: { zh: '退回', en: 'Reject' },
  },
  {
    name: 'redirect',
    operation: '$redirect',
    from: [...unanswered, ...accepted],
    to: ['cancelled:superseded'],
    who: ['receiver', 'alliance-office'],
    requires: ['reason', 'successor'],
    text: { zh: '改派其他机构', en: 'Redirect to another institution' },
  },
  {
    name: 'depart',
    operation: '$depart',
    from: ['accepted:appointment-pending', 'accepted:scheduled', 'accepted:bed-reserved'],
    to: ['accepted:in-transit'],
    who: ['sender'],
    requires: ['departure', 'escort'],
    owes: { by: 'receiver', clock: 'arrival' },
    text: { zh: '患者出发', en: 'The patient departs' },
  },
  {
    name: 'arrive',
    operation: '$arrive',
    from: accepted,
    to: ['in-progress:arrived'],
    who: ['receiver'],
    requires: ['encounter'],
    owes: { by: 'receiver', clock: 'treatment' },
    text: { zh: '患者到诊', en: 'The patient arrives' },
  },
  {
    name: 'arrive-at-once',
    operation: '$arrive',
    from: unanswered,
    to: ['in-progress:arrived'],
    who: ['receiver'],
    only: 'stat',
    requires: ['encounter'],
    certifies: true,
    owes: { by: 'receiver', clock: 'treatment' },
    text: { zh: '急诊患者直接到诊', en: 'A stat patient arrives before any answer' },
  },
  {
    name: 'treat',
    from: inProgress,
    to: ['in-progress:outpatient-care', 'in-progress:admitted'],
    who: ['receiver'],
    requires: [],
    owes: { by: 'receiver', clock: 'treatment' },
    text: { zh: '门诊诊治或收治入院', en: 'Treat as an outpatient, or admit' },
  },
  {
    name: 'plan-discharge',
    from: inProgress,
    to: ['in-progress:discharge-planned'],
    who: ['receiver'],
    requires: [],
    owes: { by: 'receiver', clock: 'feedback' },
    text: { zh: '拟出院', en: 'Plan the discharge' },
  },
  {
    name: 'complete',
    operation: '$complete',
    from: inProgress,
    to: ['completed:treated'],
    who: ['receiver'],
    only: 'treatment',
    requires: ['feedback'],
    referral: 'completed',
    followUp: true,
    text: { zh: '办结并回传诊疗结果', en: 'Complete, with feedback to the sender' },
  },
  {
    name: 'return',
    operation: '$return',
    from: inProgress,
    to: ['completed:returned'],
    who: ['receiver'],
    only: 'treatment',
    requires: ['feedback', 'down-referral', 'plan', 'medicines'],
    referral: 'completed',
    followUp: true,
    text: { zh: '下转回基层', en: 'Return the patient to the lower tier' },
  },
  {
    name: 'resume-care',
    operation: '$complete',
    from: [...accepted, ...inProgress],
    to: ['completed:care-resumed'],
    who: ['receiver'],
    only: 'down',
    requires: ['follow-up'],
    referral: 'completed',
    text: { zh: '基层接续管理', en: 'Resume care at the lower tier' },
  },
  {
    name: 'advise',
    operation: '$complete',
    from: [...unanswered, ...accepted, ...inProgress],
    to: ['completed:advised'],
    who: ['receiver'],
    only: 'consult',
    requires: ['advice'],
    referral: 'completed',
    text: { zh: '远程会诊:给出会诊意见', en: 'Tele-consultation: give advice' },
  },
  {
    name: 'refer',
    operation: '$refer',
    from: [...unanswered, ...accepted, ...inProgress],
    to: ['completed:referred'],
    who: ['sender'],
    only: 'consult',
    requires: ['made-referral'],
    referral: 'completed',
    text: { zh: '远程会诊转为转诊', en: 'Tele-consultation: refer the patient' },
  },
  {
    name: 'replace',
    from: [...underWay, ...inProgress],
    to: [],
    who: ['sender'],
    requires: ['replacement', 'same-case'],
    referral: 'revoked',
    text: { zh: '更正:以新的转诊单取代原单', en: 'Correct: replace the referral by a new one' },
  },
  {
    name: 'give-up',
    from: rejected,
    to: [],
    who: ['sender'],
    requires: [],
    referral: 'revoked',
    text: { zh: '被退回后不再转诊', en: 'Give up after a rejection' },
  },
  {
    name: 'cancel',
    operation: '$cancel',
    from: underWay,
    to: ['cancelled:by-sender', 'cancelled:patient-declined'],
    who: ['sender'],
    requires: ['reason'],
    referral: 'revoked',
    text: { zh: '撤销', en: 'Cancel' },
  },
  {
    name: 'abort',
    from: inProgress,
    to: ['cancelled:by-sender', 'cancelled:patient-declined'],
    who: ['receiver'],
    requires: ['reason', 'cancellation-request'],
    referral: 'revoked',
    text: { zh: '同意到诊后的撤销申请', en: 'Grant a cancellation that was asked for after arrival' },
  },
  {
    name: 'hold',
    operation: '$hold',
    from: accepted,
    to: onHold,
    who: ['receiver'],
    requires: ['reason'],
    referral: 'on-hold',
    owes: { by: 'sender', clock: 'decision' },
    text: { zh: '暂停,等待患者', en: 'Hold, waiting for the patient' },
  },
  {
    name: 'resume',
    operation: '$resume',
    from: onHold,
    to: ['accepted:appointment-pending', 'accepted:scheduled', 'accepted:bed-reserved'],
    who: ['receiver'],
    requires: [],
    referral: 'active',
    owes: { by: 'receiver', clock: 'appointment' },
    text: { zh: '恢复', en: 'Resume' },
  },
  {
    name: 'no-show',
    operation: '$fail',
    from: [...accepted, ...onHold],
    to: ['failed:no-show'],
    who: ['receiver', 'system'],
    requires: ['reason', 'arrival-overdue'],
    referral: 'revoked',
    text: { zh: '逾期未到诊', en: 'The patient did not come' },
  },
  {
    name: 'fail',
    operation: '$fail',
    from: inProgress,
    to: ['failed:died', 'failed:left-ama'],
    who: ['receiver'],
    requires: ['reason'],
    referral: 'completed',
    text: { zh: '死亡或自动离院', en: 'The patient died or left against advice' },
  },
  {
    name: 'enter-in-error',
    from: underWay,
    to: ['entered-in-error'],
    who: ['sender'],
    requires: [],
    referral: 'entered-in-error',
    text: { zh: '登记有误', en: 'Entered in error' },
  },
];

/** The states in which a Task has ended: no step leads on from them. */
export const terminal: ReadonlySet<State> = new Set<State>([
  ...completed,
  ...rejected,
  ...cancelled,
  ...failed,
  'entered-in-error',
]);

/** Whether a Task in this state has ended. */
export function isTerminal(state: string): boolean {
  return terminal.has(state as State);
}
