import type { Issue } from '../../fhir/outcome.ts';

/** 409: a slot that is not free: another appointment holds it, or the department has taken it out. */
export function slotTaken(slot: string, status: string): Issue {
  return {
    severity: 'error',
    code: 'conflict',
    text: {
      zh: `号源 ${slot} 已被占用(${status}),请用 Appointment/$find 另选`,
      en: `${slot} is not free (${status}); find another by Appointment/$find`,
    },
    expression: ['Appointment.slot'],
    diagnostics: slot,
  };
}

/** 409: a slot whose time has come. */
export function slotOver(slot: string): Issue {
  return {
    severity: 'error',
    code: 'business-rule',
    text: { zh: `号源 ${slot} 的时间已过`, en: `The time of ${slot} is over` },
    expression: ['Appointment.slot'],
    diagnostics: slot,
  };
}

/** 403: a slot that is kept for people of another function. */
export function slotReserved(slot: string, functions: readonly string[]): Issue {
  return {
    severity: 'error',
    code: 'forbidden',
    text: {
      zh: `号源 ${slot} 预留给:${functions.join('、')}`,
      en: `${slot} is reserved for: ${functions.join(', ')}`,
    },
    expression: ['Appointment.slot'],
    diagnostics: slot,
  };
}

/** 409: a slot is freed by its appointment, not by itself. */
export const slotHeld: Issue = {
  severity: 'error',
  code: 'conflict',
  text: {
    zh: '号源已有预约,不能释放、改期或删除;请取消或改约该预约',
    en: 'An appointment holds the slot: it is not freed, moved or deleted; cancel or reschedule the appointment',
  },
  expression: ['Slot'],
};

/** 422: a referral that there is not, or that is not for who asks to know of. */
export function unknownReferral(referral: string): Issue {
  return {
    severity: 'error',
    code: 'not-found',
    text: {
      zh: `预约所依据的 ${referral} 不存在`,
      en: `${referral}, which the appointment is based on, was not found`,
    },
    expression: ['Appointment.basedOn'],
    diagnostics: referral,
  };
}

/** 403: an appointment of a referral is made and changed by its two sides. */
export const othersReferral: Issue = {
  severity: 'error',
  code: 'forbidden',
  text: {
    zh: '转诊的预约由转出机构、接收机构或医共体办公室办理',
    en: 'The appointment of a referral is for its sender, its receiver or the alliance office to make and change',
  },
  expression: ['Appointment.basedOn'],
};

/** 409: what is over or cancelled is not moved, nor cancelled again. */
export function notOpen(status: string): Issue {
  return {
    severity: 'error',
    code: 'business-rule',
    text: {
      zh: `预约已为 ${status},不能再改约或取消`,
      en: `The appointment is ${status}: it can no longer be rescheduled or cancelled`,
    },
    expression: ['Appointment.status'],
  };
}

/** 409: no appointment is made for a referral that has ended. */
export function referralEnded(state: string): Issue {
  return {
    severity: 'error',
    code: 'business-rule',
    text: { zh: `转诊任务已结束(${state}),不能再预约`, en: `The Task of the referral has ended (${state})` },
    expression: ['Task.status'],
  };
}
