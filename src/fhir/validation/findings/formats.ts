import type { FindingKind } from './kind.ts';

/** What can be wrong with the text of a value: primitive types and narratives. */
export const formatFindings = {
  // Formats of primitive values (http://hl7.org/fhir/R4/datatypes.html#primitive)
  notBoolean: {
    severity: 'error',
    code: 'value',
    zh: '须为 true 或 false(不加引号)',
    en: 'Must be true or false, without quotes',
  },
  notNumber: {
    severity: 'error',
    code: 'value',
    zh: '须为数字(不加引号)',
    en: 'Must be a number, without quotes',
  },
  notInteger: { severity: 'error', code: 'value', zh: '须为整数', en: 'Must be a whole number' },
  integerRange: {
    severity: 'error',
    code: 'value',
    zh: '整数超出该类型的范围',
    en: 'The number is outside the range of its type',
  },
  notString: { severity: 'error', code: 'value', zh: '须为字符串', en: 'Must be a string' },
  emptyString: {
    severity: 'error',
    code: 'value',
    zh: '字符串不能为空;没有值时应省略',
    en: 'A string cannot be empty; leave it out when there is no value',
  },
  tooLong: { severity: 'error', code: 'too-long', zh: '字符串超过 1 MB', en: 'The string exceeds 1 MB' },
  controlCharacter: {
    severity: 'error',
    code: 'value',
    zh: '字符串含有控制字符',
    en: 'The string contains control characters',
  },
  codeFormat: {
    severity: 'error',
    code: 'value',
    zh: '代码首尾不能有空白,中间不能有连续空白',
    en: 'A code has no leading, trailing or repeated whitespace',
  },
  idFormat: {
    severity: 'error',
    code: 'value',
    zh: 'id 须为 1–64 个字母、数字、「-」或「.」',
    en: 'An id is 1 to 64 letters, digits, "-" or "."',
  },
  uriFormat: {
    severity: 'error',
    code: 'value',
    zh: 'URI 不能含空白',
    en: 'A URI cannot contain whitespace',
  },
  oidFormat: {
    severity: 'error',
    code: 'value',
    zh: 'OID 格式有误,应如 urn:oid:1.2.3',
    en: 'Not a valid OID, which looks like urn:oid:1.2.3',
  },
  uuidFormat: {
    severity: 'error',
    code: 'value',
    zh: 'UUID 格式有误,须为 urn:uuid: 加小写 UUID',
    en: 'Not a valid UUID, which is urn:uuid: and a UUID in lower case',
  },
  dateFormat: {
    severity: 'error',
    code: 'value',
    zh: '日期格式有误,应为 YYYY、YYYY-MM 或 YYYY-MM-DD',
    en: 'Not a date: YYYY, YYYY-MM or YYYY-MM-DD is expected',
  },
  dateTimeFormat: {
    severity: 'error',
    code: 'value',
    zh: '日期时间格式有误,应为日期或 YYYY-MM-DDThh:mm:ss+zz:zz',
    en: 'Not a dateTime: a date or YYYY-MM-DDThh:mm:ss+zz:zz is expected',
  },
  instantFormat: {
    severity: 'error',
    code: 'value',
    zh: '时刻格式有误,应为 YYYY-MM-DDThh:mm:ss.sss+zz:zz',
    en: 'Not an instant: YYYY-MM-DDThh:mm:ss.sss+zz:zz is expected',
  },
  timeFormat: {
    severity: 'error',
    code: 'value',
    zh: '时间格式有误,应为 hh:mm:ss',
    en: 'Not a time: hh:mm:ss is expected',
  },
  noTimezone: {
    severity: 'error',
    code: 'value',
    zh: '带时间的日期须带时区',
    en: 'A date with a time must have a timezone',
  },
  noSuchDate: { severity: 'error', code: 'value', zh: '日历上没有这一天', en: 'There is no such day' },
  markup: {
    severity: 'warning',
    code: 'security',
    zh: '文本中有 HTML 标记',
    en: 'The text has HTML tags in it',
  },
  canonicalFormat: {
    severity: 'warning',
    code: 'value',
    zh: '须为绝对的规范 URL(如 http://example.org/fhir/Questionnaire/q),或 # 加内含资源的 id',
    en: 'Must be an absolute canonical URL (such as http://example.org/fhir/Questionnaire/q), or # and the id of a contained resource',
  },
  attachmentSize: {
    severity: 'error',
    code: 'value',
    zh: 'size 为 {0},而 data 有 {1} 字节',
    en: 'The size says {0}, but the data have {1} bytes',
  },
  attachmentHashForm: {
    severity: 'warning',
    code: 'value',
    zh: 'hash 须为 data 的 SHA-1 的 Base64:{1},不是 {0}',
    en: 'The hash is the SHA-1 of the data in base64, {1}, not {0}',
  },
  attachmentHash: {
    severity: 'error',
    code: 'value',
    zh: 'hash 与 data 的 SHA-1 不符:{0},实为 {1}',
    en: 'The hash is not the SHA-1 of the data: {0} instead of {1}',
  },
  base64Format: { severity: 'error', code: 'value', zh: '不是有效的 Base64', en: 'Not valid Base64' },

  // Narrative (http://hl7.org/fhir/R4/narrative.html)
  narrativeNotXhtml: {
    severity: 'error',
    code: 'invalid',
    zh: '叙述文本不是格式正确的 XHTML:{0}',
    en: 'The narrative is not well-formed XHTML: {0}',
  },
  narrativeContent: {
    severity: 'error',
    code: 'invariant',
    zh: '叙述文本含有不允许的内容(txt-1):{0}',
    en: 'The narrative has content that is not allowed (txt-1): {0}',
  },
  narrativeLink: {
    severity: 'error',
    code: 'value',
    zh: '叙述文本中的链接「{0}」没有指向',
    en: 'The link "{0}" of the narrative leads nowhere',
  },
  narrativeImage: {
    severity: 'warning',
    code: 'value',
    zh: '叙述文本中的图像「{0}」不存在',
    en: 'The image "{0}" of the narrative is not there',
  },
  narrativeEmpty: {
    severity: 'error',
    code: 'invariant',
    zh: '叙述文本没有内容(txt-2)',
    en: 'The narrative has no content (txt-2)',
  },
} as const satisfies Record<string, FindingKind>;
