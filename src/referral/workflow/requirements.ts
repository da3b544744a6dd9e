import { codesOf, elements, extension, string } from '../../fhir/elements.ts';
import type { Text } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import { codeSystems, extensions } from '../vocabulary.ts';

/** What a step is judged by. */
export interface StepContext {
  /** The Task as it is; null when the step makes it. */
  before: Resource | null;
  /** The Task as it would be. */
  after: Resource;
  /** The referral that the Task coordinates, where it is on record. */
  referral: Resource | undefined;
  /** What the submission brings beside the Task, as far as a step asks for it. */
  beside: Beside;
  /** The end of the grace after the time to arrive, in milliseconds; undefined where no such time was set. */
  noShowFrom: number | undefined;
  now: number;
}

/** Whether a referral is one of life and death, by its own priority or by that of its Task. */
export function isStat({ referral, after }: Pick<StepContext, 'referral' | 'after'>): boolean {
  return referral?.priority === 'stat' || after.priority === 'stat';
}

/** What goes together with a step, in one transaction, or was there before. */
export interface Beside {
  /** The Task that takes the referral over, part of this one and of the same chain. */
  successor?: Resource | undefined;
  /** The Task that this one takes over from. */
  predecessor?: Resource | undefined;
  /** The down-referral that is based on this Task's referral, when a Task comes with it. */
  downReferral?: Resource | undefined;
  /** The referral that is made from this consultation. */
  madeReferral?: Resource | undefined;
  /** A new referral that replaces this Task's. */
  replacement?: Replacement | undefined;
  /** A request of the sender to cancel (Task of code abort) that the receiver has granted. */
  cancellation?: Resource | undefined;
}

/** A referral that replaces another, beside the Task that it takes over. */
export interface Replacement {
  /** It is of the same patient, from the same sender to the same receiver. */
  isSameCase: boolean;
  /** It brings no Task of its own. */
  isAlone: boolean;
}

/** Something that a step needs. */
export interface Requirement {
  text: Text;
  /** Where it is looked for, from the Task. */
  place: string;
  /** The rule of PlanDefinition/referral-rules that says the same of every Task; what breaks it is told in its words. */
  rule?: string;
  isMet(context: StepContext): boolean;
}

/** A type code of an input or output. */
function brings(list: 'input' | 'output', type: string): (context: StepContext) => boolean {
  return ({ after }) => ofType(after, list, type).some(hasValue);
}

/** As `brings`, but the step itself must bring it: one from an earlier round does not count. */
function bringsNew(list: 'input' | 'output', type: string): (context: StepContext) => boolean {
  return ({ before, after }) =>
    ofType(after, list, type).filter(hasValue).length >
    (before ? ofType(before, list, type).filter(hasValue).length : 0);
}

function ofType(task: Resource, list: string, type: string) {
  return elements(task, list).filter((each) =>
    elements(elements(each, 'type')[0], 'coding').some(({ code }) => code === type),
  );
}

const hasValue = (each: object) => Object.keys(each).some((member) => member.startsWith('value'));

const hasExtension =
  (url: string) =>
  ({ after }: StepContext) =>
    extension(after, url) !== undefined;

function reasonText(task: Resource): string | undefined {
  return string(elements(task, 'statusReason')[0], 'text')?.trim() || undefined;
}

function supports(referral: Resource | undefined, ...types: readonly string[]): boolean {
  return elements(referral, 'supportingInfo').some((reference) => {
    const [type] = (string(reference, 'reference') ?? '').split('/').slice(-2);
    return types.includes(type!);
  });
}

/** What steps need, by the name that the table of steps calls it. */
export const requirements = {
  reason: {
    text: { zh: '填写原因', en: 'a reason in words' },
    place: 'Task.statusReason',
    rule: 'task-reason',
    isMet: ({ after }) => reasonText(after) !== undefined,
  },
  'coded-reason': {
    text: { zh: '填写退回原因的编码和文字', en: 'a coded reason, and one in words' },
    place: 'Task.statusReason',
    rule: 'task-reason',
    isMet: ({ after }) =>
      reasonText(after) !== undefined && codesOf(after, 'statusReason', codeSystems.rejectReason).length > 0,
  },
  'records-request': {
    text: {
      zh: '写明需要哪些资料(input: records-request)',
      en: 'what is asked for (input: records-request)',
    },
    place: 'Task.input',
    isMet: bringsNew('input', 'records-request'),
  },
  information: {
    text: { zh: '附上补充的资料(input: extra-info)', en: 'the information asked for (input: extra-info)' },
    place: 'Task.input',
    isMet: bringsNew('input', 'extra-info'),
  },
  department: {
    text: { zh: '指定接诊科室', en: 'the receiving department' },
    place: 'Task.extension',
    rule: 'task-liaison',
    isMet: hasExtension(extensions.receivingDepartment),
  },
  liaison: {
    text: { zh: '指定转诊联络员', en: 'the liaison' },
    place: 'Task.extension',
    rule: 'task-liaison',
    isMet: hasExtension(extensions.liaison),
  },
  'arrival-period': {
    text: { zh: '给出到诊期限', en: 'by when the patient is to arrive' },
    place: 'Task.restriction.period.end',
    isMet: ({ after }) => arrivalEnd(after) !== undefined,
  },
  appointment: {
    text: { zh: '附上预约(output: appointment)', en: 'the appointment (output: appointment)' },
    place: 'Task.output',
    isMet: brings('output', 'appointment'),
  },
  departure: {
    text: { zh: '填写出发时间(input: departure)', en: 'the time of departure (input: departure)' },
    place: 'Task.input',
    isMet: brings('input', 'departure'),
  },
  escort: {
    text: { zh: '急诊转诊填写护送人员(input: escort)', en: 'who escorts a stat patient (input: escort)' },
    place: 'Task.input',
    isMet: (context) => !isStat(context) || brings('input', 'escort')(context),
  },
  encounter: {
    text: {
      zh: '附上到诊的就诊记录(output: encounter)',
      en: 'the encounter at the receiver (output: encounter)',
    },
    place: 'Task.output',
    isMet: brings('output', 'encounter'),
  },
  feedback: {
    text: {
      zh: '回传诊疗结果:回转单或出院小结(output: referral-feedback)',
      en: 'feedback: the form or the discharge summary (output: referral-feedback)',
    },
    place: 'Task.output',
    rule: 'task-feedback',
    isMet: brings('output', 'referral-feedback'),
  },
  'follow-up': {
    text: {
      zh: '附上建档或随访(output: follow-up)',
      en: 'the follow-up that was taken up (output: follow-up)',
    },
    place: 'Task.output',
    rule: 'task-feedback',
    isMet: brings('output', 'follow-up'),
  },
  advice: {
    text: { zh: '附上会诊意见(output: consult-note)', en: 'the advice (output: consult-note)' },
    place: 'Task.output',
    rule: 'task-feedback',
    isMet: brings('output', 'consult-note'),
  },
  'made-referral': {
    text: {
      zh: '同时提交以本次会诊为依据的转诊单',
      en: 'a referral based on this consultation, in the same transaction',
    },
    place: 'Task.focus',
    isMet: ({ beside }) => beside.madeReferral !== undefined,
  },
  'down-referral': {
    text: {
      zh: '同时提交以本单为依据的下转单及其任务',
      en: 'a down-referral based on this referral, with its Task, in the same transaction',
    },
    place: 'Task.focus',
    isMet: ({ beside }) => beside.downReferral !== undefined,
  },
  plan: {
    text: { zh: '下转单附后续治疗方案', en: 'a plan of care with the down-referral' },
    place: 'Task.focus',
    isMet: ({ beside }) => supports(beside.downReferral, 'CarePlan', 'Composition', 'DocumentReference'),
  },
  medicines: {
    text: {
      zh: '下转单附用药(无用药时附空清单)',
      en: 'the medicines with the down-referral (an empty List for none)',
    },
    place: 'Task.focus',
    isMet: ({ beside }) => supports(beside.downReferral, 'MedicationRequest', 'MedicationStatement', 'List'),
  },
  successor: {
    text: {
      zh: '同时提交接续的任务(partOf 本任务,同一转诊链)',
      en: 'the Task that takes over (partOf this one, same chain), in the same transaction',
    },
    place: 'Task',
    isMet: ({ beside }) => beside.successor !== undefined,
  },
  predecessor: {
    text: {
      zh: '指明被改派或被退回的任务(partOf)',
      en: 'the Task that was redirected or rejected (partOf)',
    },
    place: 'Task.partOf',
    isMet: ({ beside }) => beside.predecessor !== undefined,
  },
  replacement: {
    text: {
      zh: '提交新的转诊单,以 replaces 指明原单;任务随之转移,不另附任务',
      en: 'a new referral that replaces this one, without a Task of its own: this Task goes on with it',
    },
    place: 'ServiceRequest.replaces',
    isMet: ({ beside }) => beside.replacement?.isAlone === true,
  },
  'same-case': {
    text: {
      zh: '新的转诊单须为同一患者、同一转出机构和接收机构(换机构请改派)',
      en: 'that the new referral is of the same patient, sender and receiver (redirect to another receiver)',
    },
    place: 'ServiceRequest',
    isMet: ({ beside }) => beside.replacement?.isSameCase === true,
  },
  'cancellation-request': {
    text: {
      zh: '转出机构已申请撤销(abort 任务)',
      en: 'a request of the sender to cancel (a Task of code abort)',
    },
    place: 'Task',
    isMet: ({ beside }) => beside.cancellation !== undefined,
  },
  'arrival-overdue': {
    text: { zh: '到诊期限和宽限期已过', en: 'the time to arrive and the grace after it are over' },
    place: 'Task.restriction.period.end',
    isMet: ({ noShowFrom, now }) => noShowFrom !== undefined && now >= noShowFrom,
  },
} as const satisfies Record<string, Requirement>;

export type RequirementName = keyof typeof requirements;

/** Until when the patient is to arrive, in milliseconds, as the Task says. */
export function arrivalEnd(task: Resource): number | undefined {
  const end = string(elements(elements(task, 'restriction')[0], 'period')[0], 'end');
  const instant =
    end === undefined ? Number.NaN : Date.parse(end.length === 10 ? `${end}T23:59:59+08:00` : end);
  return Number.isNaN(instant) ? undefined : instant;
}
