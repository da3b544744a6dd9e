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
  sealedLedger: {
    status: 409,
    code: 'business-rule',
    zh: '每周台账已封存,不得更改或删除;更正的转诊列入下一周',
    en: 'A weekly ledger is closed: it is neither changed nor deleted; what is corrected stands in the next one',
  },
  ownLedgersOnly: {
    status: 403,
    code: 'forbidden',
    zh: '每周台账由服务器封存,不由客户端写入',
    en: 'Weekly ledgers are made by the server, not by clients',
  },
  unknownCriterion: {
    status: 422,
    code: 'value',
    zh: '指标引用了未知的条件「{0}」;可用:{1}',
    en: 'The measure names an unknown criterion "{0}"; there are: {1}',
  },
  tooManySubjects: {
    status: 422,
    code: 'too-costly',
    zh: '名单超过 {0} 项,请缩短时段或指定机构',
    en: 'The list has more than {0} entries; ask for a shorter period or one organization',
  },
} as const satisfies Record<string, RefusalKind>;
