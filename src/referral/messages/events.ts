import type { StepParameterName } from '../workflow/parameters.ts';

/** Into what a resource of a message is put on the Task, by its type. */
export type Attached = Readonly<Record<string, StepParameterName>>;

/** One event that messages tell of, and what it does: data, as the policy has it. */
export interface MessageEvent {
  /** A code of CodeSystem/message-event. */
  code: string;
  /** Who tells it. */
  by: 'sender' | 'receiver' | 'either';
  /** `files`: a referral comes. `steps`: the Task of one that is on record takes a step, or gets records. */
  does: 'files' | 'steps';
  /** The statuses that the Task may have afterwards; empty: as before, or under review once what was asked for came. */
  to: readonly string[];
  /** The status that is meant where the message brings no Task. */
  meant?: string;
  /** What the message brings is named on the Task as this, unless its Task does so itself. */
  attached: Attached;
}

/** What records of a patient come as. */
const recordTypes = ['Bundle', 'Composition', 'DocumentReference', 'DiagnosticReport'] as const;

const recordsAs = (name: StepParameterName): Attached =>
  Object.fromEntries(recordTypes.map((type) => [type, name]));

/**
 * The events by the activities of a referral; the first four are those of 双向转诊 in CN-PH-Core (转诊预约申请, 预约应答,
 * 患者到诊应答, 上传完整病历).
 */
export const messageEvents: readonly MessageEvent[] = [
  { code: 'referral-request', by: 'sender', does: 'files', to: [], attached: {} },
  {
    code: 'referral-response',
    by: 'receiver',
    does: 'steps',
    to: ['received', 'accepted', 'rejected', 'on-hold'],
    attached: { Appointment: 'appointment' },
  },
  {
    code: 'patient-arrival',
    by: 'receiver',
    does: 'steps',
    to: ['in-progress'],
    meant: 'in-progress',
    attached: { Encounter: 'encounter' },
  },
  {
    code: 'records-submitted',
    by: 'either',
    does: 'steps',
    to: [],
    attached: { ...recordsAs('information'), Observation: 'information', ImagingStudy: 'information' },
  },
  {
    code: 'referral-feedback',
    by: 'receiver',
    does: 'steps',
    to: ['completed', 'failed'],
    meant: 'completed',
    attached: recordsAs('feedback'),
  },
  {
    code: 'referral-cancel',
    by: 'either',
    does: 'steps',
    to: ['cancelled', 'entered-in-error'],
    meant: 'cancelled',
    attached: {},
  },
  {
    code: 'additional-info',
    by: 'sender',
    does: 'steps',
    to: [],
    attached: { ...recordsAs('information'), Observation: 'information', ImagingStudy: 'information' },
  },
];
