import type { RefusalKind } from '../../fhir/refusal.ts';

/** What the papers are refused with. */
export const paperRefusals = {
  malformedNumber: {
    status: 400,
    code: 'value',
    zh: '{0} 格式有误:{1}',
    en: '{0} is not of its form: {1}',
  },
  tooManyGuesses: {
    status: 429,
    code: 'throttled',
    zh: '查验未果的次数过多,请 {0} 秒后再试',
    en: 'Too many verifications have found nothing; try again in {0} seconds',
  },
  printerBusy: {
    status: 503,
    code: 'throttled',
    zh: '正在制作的 PDF 过多,请稍后再试',
    en: 'Too many PDFs are being made; try again later',
  },
  unknownForm: {
    status: 400,
    code: 'value',
    zh: '没有「{0}」这种文书;可用:{1}',
    en: 'There is no paper "{0}"; there are: {1}',
  },
  notAPaper: {
    status: 422,
    code: 'business-rule',
    zh: '{0} 不是转诊的任务,没有转诊单',
    en: '{0} is not the Task of a referral, so it has no form',
  },
} as const satisfies Record<string, RefusalKind>;
