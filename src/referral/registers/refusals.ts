import type { RefusalKind } from '../../fhir/refusal.ts';

/** What registers and reports are refused with. */
export const registerRefusals = {
  figuresOnly: {
    status: 403,
    code: 'forbidden',
    zh: '平台只取得数字,不取得个案;请用 $indicators',
    en: 'A platform gets figures, not cases; ask for $indicators',
  },
  noReports: {
    status: 403,
    code: 'forbidden',
    zh: '您的角色不取用台账和报表',
    en: 'Registers and reports are not for your role',
  },
  unknownColumn: {
    status: 422,
    code: 'value',
    zh: '台账没有「{0}」这一栏;可用:{1}',
    en: 'The ledger has no column "{0}"; there are: {1}',
  },
} as const satisfies Record<string, RefusalKind>;
