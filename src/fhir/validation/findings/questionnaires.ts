import type { FindingKind } from './kind.ts';

/** What can be wrong with a questionnaire, or with a response to one. */
export const questionnaireFindings = {
  // What enables items (http://hl7.org/fhir/R4/questionnaire.html)
  enabledByNothing: {
    severity: 'error',
    code: 'not-found',
    zh: '问卷中没有 enableWhen 所指的条目「{0}」',
    en: 'The questionnaire has no item "{0}", which enables this one',
  },
  enabledByItself: {
    severity: 'error',
    code: 'business-rule',
    zh: '条目「{0}」不能以自身为启用条件',
    en: 'The item "{0}" cannot be enabled by itself',
  },
  enabledByInner: {
    severity: 'error',
    code: 'business-rule',
    zh: '启用条件所指的「{0}」就在本条目之内',
    en: 'The item "{0}", which enables this one, stands inside of it',
  },
  enabledByLater: {
    severity: 'warning',
    code: 'business-rule',
    zh: '启用条件所指的「{0}」排在本条目之后',
    en: 'The item "{0}", which enables this one, comes after it',
  },

  // Responses (http://hl7.org/fhir/R4/questionnaireresponse.html)
  unknownQuestionnaire: {
    severity: 'information',
    code: 'informational',
    zh: '没有问卷 {0},未按其校验',
    en: 'There is no questionnaire {0}, so the response was not checked against it',
  },
  notQuestionnaire: {
    severity: 'error',
    code: 'structure',
    zh: '此处须为 Questionnaire,而 {0} 是 {1}',
    en: 'This must be a Questionnaire, but {0} is a {1}',
  },
  unknownLink: {
    severity: 'error',
    code: 'structure',
    zh: '问卷中没有 linkId「{0}」',
    en: 'The questionnaire has no linkId "{0}"',
  },
  misplacedLink: {
    severity: 'error',
    code: 'structure',
    zh: '问卷中的「{0}」不在这一层',
    en: 'The item "{0}" of the questionnaire does not stand here',
  },
  itemOrder: {
    severity: 'error',
    code: 'structure',
    zh: '条目「{0}」的先后与问卷不符',
    en: 'The item "{0}" is not in the order of the questionnaire',
  },
  itemText: {
    severity: 'error',
    code: 'structure',
    zh: '条目「{0}」的文字与问卷不符',
    en: 'The text of the item "{0}" is not that of the questionnaire',
  },
  answerRequired: {
    severity: 'error',
    code: 'required',
    zh: '必答条目「{0}」没有回答',
    en: 'The item "{0}" must be answered',
  },
  answerStillRequired: {
    severity: 'warning',
    code: 'required',
    zh: '必答条目「{0}」尚未回答',
    en: 'The item "{0}" has still to be answered',
  },
  itemNotEnabled: {
    severity: 'error',
    code: 'business-rule',
    zh: '条目「{0}」的启用条件(enableWhen)不成立,不能回答',
    en: 'The item "{0}" is not enabled (enableWhen), so it cannot be answered',
  },
  itemRepeats: {
    severity: 'error',
    code: 'structure',
    zh: '条目「{0}」只能出现一次,实有 {1} 次',
    en: 'The item "{0}" does not repeat, but occurs {1} times',
  },
  answerRepeats: {
    severity: 'error',
    code: 'structure',
    zh: '条目「{0}」只能有一个回答,实有 {1} 个',
    en: 'The item "{0}" takes one answer, but has {1}',
  },
  answerNotTaken: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」的类型是 {1},不能有回答',
    en: 'The item "{0}" is of type {1}, which takes no answer',
  },
  itemsInDisplay: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」的类型是 {1},其下不能直接有条目;回答之下的条目写在 answer.item',
    en: 'The item "{0}" is of type {1} and has no items itself; those below an answer stand in answer.item',
  },
  answerType: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」的回答须为 {1},不是 {2}',
    en: 'The answer to "{0}" is of type {1}, not {2}',
  },
  answerOption: {
    severity: 'error',
    code: 'code-invalid',
    zh: '「{0}」不是可选的回答;可选:{1}',
    en: '"{0}" is not one of the answers; these are: {1}',
  },
  answerOutsideValueSet: {
    severity: 'error',
    code: 'code-invalid',
    zh: '回答「{0}」不在值集 {1} 中',
    en: 'The answer "{0}" is not in the value set {1}',
  },
  answerUnit: {
    severity: 'error',
    code: 'value',
    zh: '单位「{0}」不可用;可用:{1}',
    en: 'The unit "{0}" is not one of those for the answer: {1}',
  },
  answerTooLong: {
    severity: 'error',
    code: 'too-long',
    zh: '回答超过 {0} 个字符',
    en: 'The answer is longer than {0} characters',
  },
  answerTooShort: {
    severity: 'error',
    code: 'value',
    zh: '回答少于 {0} 个字符',
    en: 'The answer is shorter than {0} characters',
  },
  answerPattern: {
    severity: 'error',
    code: 'value',
    zh: '回答的写法不符:{0}',
    en: 'The answer is not written as {0}',
  },
  answerMimeType: {
    severity: 'error',
    code: 'value',
    zh: '附件类型「{0}」不可用;可用:{1}',
    en: 'An attachment of the type "{0}" is not taken; these are: {1}',
  },
  answerSize: {
    severity: 'error',
    code: 'too-long',
    zh: '附件有 {0} 字节,最多 {1}',
    en: 'The attachment has {0} bytes, more than {1}',
  },
  answerPlaces: {
    severity: 'error',
    code: 'value',
    zh: '小数最多 {0} 位',
    en: 'The answer has more than {0} decimal places',
  },
} as const satisfies Record<string, FindingKind>;
