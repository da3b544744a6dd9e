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
} as const satisfies Record<string, RefusalKind>;
