import type { Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import { codeSystems } from '../vocabulary.ts';
import type { Requirement } from './requirements.ts';
import { stateOf } from './states.ts';
import type { Party, Step } from './steps.ts';

/** Who a party is, in the words of the policy. */
export const partyNames: Readonly<Record<Party, { zh: string; en: string }>> = {
  sender: { zh: '转出机构', en: 'the sender' },
  receiver: { zh: '接收机构', en: 'the receiver' },
  'alliance-office': { zh: '医共体办公室', en: 'the alliance office' },
  system: { zh: '系统', en: 'the server' },
};

/** The row of the table, as a code that programs can rely on. */
function coding({ name, text }: Step): Issue['coding'] {
  return { system: codeSystems.step, code: name, display: text.zh };
}

/** 409: the table has no such step; says what may follow instead. */
export function illegalStep(before: Resource | null, target: string, legal: readonly Step[]): Issue {
  const from = before ? stateOf(before) : undefined;
  const choices = {
    zh: legal.map((step) => `${step.text.zh}(${step.name})`).join('、') || '无',
    en: legal.map((step) => `${step.name} (${step.text.en})`).join(', ') || 'none',
  };
  return {
    severity: 'error',
    code: 'business-rule',
    text: {
      zh: from
        ? `任务不能从 ${from} 变为 ${target};可行的步骤:${choices.zh}`
        : `任务不能以 ${target} 开始;可行的步骤:${choices.zh}`,
      en: from
        ? `A Task cannot go from ${from} to ${target}; what may follow: ${choices.en}`
        : `A Task cannot start as ${target}; how it may start: ${choices.en}`,
    },
    expression: ['Task.status'],
    diagnostics: legal.flatMap((step) => step.to.map((state) => `${step.name} -> ${state}`)).join('; '),
    coding: { system: codeSystems.step, code: 'illegal' },
  };
}

/** 422: a Task starts as requested, and in a state that there is. */
export function noSuchState(target: string, rule: 'task-start' | 'task-business-status'): Issue {
  return {
    severity: 'error',
    code: 'business-rule',
    text:
      rule === 'task-start'
        ? { zh: `转诊任务不能以 ${target} 开始`, en: `The Task of a referral does not start as ${target}` }
        : { zh: `任务没有 ${target} 这一状态`, en: `A Task has no state ${target}` },
    expression: [rule === 'task-start' ? 'Task.status' : 'Task.businessStatus'],
    diagnostics: target,
    coding: { system: codeSystems.rule, code: rule },
  };
}

/** 403: the step is another party's. */
export function wrongActor(step: Step): Issue {
  const names = step.who.map((party) => partyNames[party]);
  return {
    severity: 'error',
    code: 'forbidden',
    text: {
      zh: `「${step.text.zh}」只能由${names.map(({ zh }) => zh).join('或')}办理`,
      en: `"${step.text.en}" is for ${names.map(({ en }) => en).join(' or ')} to do`,
    },
    expression: ['Task.status'],
    coding: coding(step)!,
  };
}

/** 422: something that the step needs is not there. */
export function missingRequirement(step: Step, { text, place, rule }: Requirement): Issue {
  return {
    severity: 'error',
    code: 'business-rule',
    text: {
      zh: `「${step.text.zh}」须${text.zh}`,
      en: `"${step.text.en}" needs ${text.en}`,
    },
    expression: [place],
    diagnostics: `step: ${step.name}`,
    coding: rule === undefined ? coding(step)! : { system: codeSystems.rule, code: rule },
  };
}

/** 422: members that stand from the submission on, or that this step does not touch. */
export function protectedFields(fields: readonly string[], step?: Step): Issue {
  const names = fields.join(', ');
  return {
    severity: 'error',
    code: 'business-rule',
    text: {
      zh: step ? `「${step.text.zh}」不得修改 ${names}` : `任务提交后不得修改 ${names}`,
      en: step ? `"${step.text.en}" does not change ${names}` : `After its submission a Task keeps ${names}`,
    },
    expression: fields.map((field) => `Task.${field}`),
    ...(step && { coding: coding(step)! }),
  };
}

/** 403: members that are the other side's to change. */
export function otherSidesFields(fields: readonly string[]): Issue {
  const names = fields.join(', ');
  return {
    severity: 'error',
    code: 'forbidden',
    text: { zh: `${names} 由对方机构填写`, en: `${names}: the other side writes these` },
    expression: fields.map((field) => `Task.${field}`),
  };
}

/** 409: what is under way does not disappear. */
export const taskStays: Issue = {
  severity: 'error',
  code: 'business-rule',
  text: {
    zh: '未办结的转诊任务不得删除;请撤销(cancelled)或标为登记有误(entered-in-error)',
    en: 'The Task of a referral that is under way is not deleted; cancel it, or mark it as entered in error',
  },
};

/** 409: the referral was answered, so it is no longer the sender's to rewrite. */
export function answeredReferral(state: string): Issue {
  return {
    severity: 'error',
    code: 'business-rule',
    text: {
      zh: `转诊单已被答复(${state}),不能再修改;请新开转诊单并以 replaces 指明原单`,
      en: `The referral was answered (${state}) and can no longer be changed; send a new one that replaces it`,
    },
    expression: ['ServiceRequest'],
  };
}

/** 403: a referral is its sender's. */
export const sendersReferral: Issue = {
  severity: 'error',
  code: 'forbidden',
  text: {
    zh: '转诊单只能由转出机构修改',
    en: 'A referral is for its sender to change',
  },
  expression: ['ServiceRequest'],
};

/** 409: what has ended, or was replaced before, is not replaced. */
export function nothingToReplace(status: string): Issue {
  return {
    severity: 'error',
    code: 'business-rule',
    text: {
      zh: `原转诊单已结束或已被取代(${status}),不能再取代;请新开转诊单`,
      en: `The referral has ended or was replaced before (${status}): send a new one that replaces nothing`,
    },
    expression: ['ServiceRequest.replaces'],
    coding: { system: codeSystems.step, code: 'replace' },
  };
}

/** 409: the status of a referral follows its Task. */
export const statusFollowsTask: Issue = {
  severity: 'error',
  code: 'business-rule',
  text: {
    zh: '转诊单的状态随任务变化,不能单独修改;请办理任务的步骤',
    en: 'The status of a referral follows its Task and is not changed by itself; take a step of the Task',
  },
  expression: ['ServiceRequest.status'],
};
