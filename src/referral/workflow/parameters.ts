import { elements } from '../../fhir/elements.ts';
import type { Text } from '../../fhir/outcome.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { codeSystems, extensions } from '../vocabulary.ts';
import type { RequirementName } from './requirements.ts';

/** A parameter of the operations that take a step: what it is, and what it does to the Task. */
export interface StepParameter {
  /** FHIR's name of its type; the first of several is the plainest. */
  type: 'CodeableConcept' | 'Reference' | 'Period' | 'dateTime' | 'string' | 'code';
  text: Text;
  /** The Task with it. `value` is the member `value[x]` of the parameter, `member` its name. */
  apply(task: Resource, value: unknown, member: string): Resource;
}

function adds(list: 'input' | 'output', type: string): StepParameter['apply'] {
  const system = list === 'input' ? codeSystems.inputType : codeSystems.outputType;
  return (task, value, member) => ({
    ...task,
    [list]: [...elements(task, list), { type: { coding: [{ system, code: type }] }, [member]: value }],
  });
}

const sets =
  (url: string): StepParameter['apply'] =>
  (task, value, member) => ({
    ...task,
    extension: [...elements(task, 'extension').filter((each) => each.url !== url), { url, [member]: value }],
  });

/** The parameters by name. Those that a requirement asks for have its name, `reason` both of its kinds. */
export const stepParameters = {
  reason: {
    type: 'CodeableConcept',
    text: { zh: '原因:编码与文字', en: 'The reason, coded and in words' },
    apply: (task, value) => ({ ...task, statusReason: value }),
  },
  'business-status': {
    type: 'code',
    text: {
      zh: '步骤之后的业务状态;不给时由其他参数得出',
      en: 'The business status after the step; follows from the other parameters when not given',
    },
    apply: (task, value) => ({
      ...task,
      businessStatus: { coding: [{ system: codeSystems.businessStatus, code: value }] },
    }),
  },
  department: {
    type: 'Reference',
    text: {
      zh: '接诊科室;不给时由转诊单的科目得出',
      en: 'The receiving department; follows from the specialty that the referral asks for when not given',
    },
    apply: sets(extensions.receivingDepartment),
  },
  liaison: {
    type: 'Reference',
    text: {
      zh: '转诊联络员;不给时为接诊科室在任的联络员',
      en: 'The liaison; the one in office at the receiving department when not given',
    },
    apply: sets(extensions.liaison),
  },
  'arrival-period': {
    type: 'Period',
    text: { zh: '到诊期限', en: 'When the patient is to arrive' },
    apply: (task, value) => ({
      ...task,
      restriction: { ...(task.restriction as Element | undefined), period: value },
    }),
  },
  appointment: {
    type: 'Reference',
    text: { zh: '预约', en: 'The appointment' },
    apply: adds('output', 'appointment'),
  },
  'records-request': {
    type: 'string',
    text: { zh: '需要哪些资料', en: 'What is asked for' },
    apply: adds('input', 'records-request'),
  },
  information: {
    type: 'Reference',
    text: { zh: '补充的资料(引用或文字)', en: 'The information, as a reference or in words' },
    apply: adds('input', 'extra-info'),
  },
  departure: {
    type: 'dateTime',
    text: { zh: '出发时间', en: 'When the patient departs' },
    apply: adds('input', 'departure'),
  },
  escort: {
    type: 'string',
    text: { zh: '护送人员', en: 'Who escorts the patient' },
    apply: adds('input', 'escort'),
  },
  encounter: {
    type: 'Reference',
    text: { zh: '到诊的就诊记录', en: 'The encounter at the receiver' },
    apply: adds('output', 'encounter'),
  },
  feedback: {
    type: 'Reference',
    text: { zh: '诊疗结果:回转单或出院小结', en: 'The feedback: form or discharge summary' },
    apply: adds('output', 'referral-feedback'),
  },
  advice: {
    type: 'Reference',
    text: { zh: '会诊意见(引用或文字)', en: 'The advice, as a reference or in words' },
    apply: adds('output', 'consult-note'),
  },
  'down-referral': {
    type: 'Reference',
    text: { zh: '下转单', en: 'The down-referral' },
    apply: adds('output', 'down-referral'),
  },
  'follow-up': {
    type: 'Reference',
    text: { zh: '建档或随访', en: 'The follow-up that was taken up' },
    apply: adds('output', 'follow-up'),
  },
} as const satisfies Record<string, StepParameter>;

export type StepParameterName = keyof typeof stepParameters;

/** A parameter by its name. */
export function parameterNamed(name: StepParameterName): StepParameter {
  return stepParameters[name];
}

/** The parameter that meets a requirement, where one does. */
export function parameterFor(requirement: RequirementName): StepParameterName | undefined {
  if (requirement === 'coded-reason') return 'reason';
  return requirement in stepParameters ? (requirement as StepParameterName) : undefined;
}
