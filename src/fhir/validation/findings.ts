import type { FindingKind } from './report.ts';

/** The registry of what validation finds: every kind once, in Chinese and English. */
export const findings = {
  // The resource as a whole
  notResource: {
    severity: 'error',
    code: 'structure',
    zh: '不是资源:须为含 resourceType 的 JSON 对象',
    en: 'Not a resource: a JSON object with a resourceType is expected',
  },
  unknownResourceType: {
    severity: 'error',
    code: 'structure',
    zh: '不存在资源类型「{0}」',
    en: 'There is no resource type "{0}"',
  },
  tooDeep: {
    severity: 'error',
    code: 'structure',
    zh: '嵌套超过 {0} 层,更深处未校验',
    en: 'Nested deeper than {0} levels; what is below was not checked',
  },
  tooManyIssues: {
    severity: 'error',
    code: 'incomplete',
    zh: '问题过多,其余未列出',
    en: 'Too many issues; the rest is not listed',
  },

  // JSON shape (http://hl7.org/fhir/R4/json.html)
  unknownElement: {
    severity: 'error',
    code: 'structure',
    zh: '未知元素「{0}」',
    en: 'Unknown element "{0}"',
  },
  notObject: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」须为 JSON 对象',
    en: '"{0}" must be a JSON object',
  },
  notArray: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」可重复,须为 JSON 数组',
    en: '"{0}" repeats, so it must be a JSON array',
  },
  notSingle: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」不可重复,不能是 JSON 数组',
    en: '"{0}" does not repeat, so it cannot be a JSON array',
  },
  emptyArray: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」不能是空数组;没有值时应省略',
    en: '"{0}" cannot be an empty array; leave it out when it has no values',
  },
  emptyElement: {
    severity: 'error',
    code: 'invariant',
    zh: '「{0}」没有值也没有子元素(ele-1)',
    en: '"{0}" has neither a value nor children (ele-1)',
  },
  nullValue: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」不能为 null;没有值时应省略',
    en: '"{0}" cannot be null; leave it out when it has no value',
  },

  // Cardinality and choice
  missing: { severity: 'error', code: 'required', zh: '缺少必填元素「{0}」', en: '"{0}" is required' },
  tooFew: {
    severity: 'error',
    code: 'required',
    zh: '「{0}」至少出现 {1} 次,实为 {2} 次',
    en: '"{0}" must occur at least {1} times, but occurs {2} times',
  },
  tooMany: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」最多出现 {1} 次,实为 {2} 次',
    en: '"{0}" can occur at most {1} times, but occurs {2} times',
  },
  notAllowed: {
    severity: 'error',
    code: 'structure',
    zh: '此处不能有「{0}」',
    en: '"{0}" is not allowed here',
  },
  severalChoices: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」只能取一种类型,实有:{1}',
    en: '"{0}" can have only one type, but there are: {1}',
  },
  choiceType: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」不能取类型 {1};可用类型:{2}',
    en: '"{0}" cannot be of type {1}; allowed are: {2}',
  },

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
  narrativeEmpty: {
    severity: 'error',
    code: 'invariant',
    zh: '叙述文本没有内容(txt-2)',
    en: 'The narrative has no content (txt-2)',
  },

  // Codes (http://hl7.org/fhir/R4/terminologies.html#strength)
  codeNotInValueSet: {
    severity: 'error',
    code: 'code-invalid',
    zh: '代码「{0}」不在值集 {1} 中',
    en: 'The code "{0}" is not in the value set {1}',
  },
  noCodeFromValueSet: {
    severity: 'error',
    code: 'code-invalid',
    zh: '须有取自值集 {0} 的编码',
    en: 'A code from the value set {0} is required',
  },
  codeOutsideExtensible: {
    severity: 'warning',
    code: 'code-invalid',
    zh: '代码「{0}」不在可扩展值集 {1} 中',
    en: 'The code "{0}" is not in the extensible value set {1}',
  },
  unknownCode: {
    severity: 'error',
    code: 'code-invalid',
    zh: '代码系统 {1} 中没有代码「{0}」',
    en: 'There is no code "{0}" in the code system {1}',
  },
  systemNotAbsolute: {
    severity: 'error',
    code: 'code-invalid',
    zh: 'Coding.system 须为绝对 URI',
    en: 'Coding.system must be an absolute URI',
  },
  systemIsValueSet: {
    severity: 'error',
    code: 'code-invalid',
    zh: 'Coding.system 指向了值集而非代码系统',
    en: 'Coding.system names a value set, not a code system',
  },

  unknownUnit: {
    severity: 'warning',
    code: 'code-invalid',
    zh: '单位代码「{0}」不属于 {1}',
    en: 'The unit "{0}" is not one of {1}',
  },
  identifierSystem: {
    severity: 'error',
    code: 'code-invalid',
    zh: 'Identifier.system 须为绝对 URI',
    en: 'Identifier.system must be an absolute URI',
  },

  // References (http://hl7.org/fhir/R4/references.html)
  referenceFormat: {
    severity: 'error',
    code: 'value',
    zh: '引用不能含空白',
    en: 'A reference cannot contain whitespace',
  },
  referenceTarget: {
    severity: 'error',
    code: 'structure',
    zh: '此处不能引用 {0};可引用:{1}',
    en: 'A reference to {0} is not allowed here; allowed are: {1}',
  },
  referenceType: {
    severity: 'error',
    code: 'structure',
    zh: '引用指向 {0},与其 type「{1}」不符',
    en: 'The reference is to {0}, but its type says "{1}"',
  },
  notContained: {
    severity: 'error',
    code: 'invariant',
    zh: '没有 id 为「{0}」的内含资源(ref-1)',
    en: 'There is no contained resource with the id "{0}" (ref-1)',
  },

  unverifiedTarget: {
    severity: 'warning',
    code: 'structure',
    zh: '此处通常不能引用 {0};可引用:{1}',
    en: 'A reference to {0} is not expected here; expected are: {1}',
  },

  // Contained resources (http://hl7.org/fhir/R4/domainresource.html)
  nestedContained: {
    severity: 'error',
    code: 'invariant',
    zh: '内含资源不能再内含资源(dom-2)',
    en: 'A contained resource cannot contain resources (dom-2)',
  },
  orphanContained: {
    severity: 'error',
    code: 'invariant',
    zh: '内含资源「{0}」没有被引用(dom-3)',
    en: 'Nothing refers to the contained resource "{0}" (dom-3)',
  },
  containedVersion: {
    severity: 'error',
    code: 'invariant',
    zh: '内含资源不能有 meta.versionId 或 meta.lastUpdated(dom-4)',
    en: 'A contained resource cannot have meta.versionId or meta.lastUpdated (dom-4)',
  },
  containedSecurity: {
    severity: 'error',
    code: 'invariant',
    zh: '内含资源不能有安全标签(dom-5)',
    en: 'A contained resource cannot have security labels (dom-5)',
  },
  containedWithoutId: {
    severity: 'error',
    code: 'required',
    zh: '内含资源须有 id',
    en: 'A contained resource must have an id',
  },
  duplicateContainedId: {
    severity: 'error',
    code: 'duplicate',
    zh: '多个内含资源的 id 同为「{0}」',
    en: 'Several contained resources have the id "{0}"',
  },

  // Extensions (http://hl7.org/fhir/R4/extensibility.html)
  extensionUrl: {
    severity: 'error',
    code: 'extension',
    zh: '扩展的 url 须为绝对 URI',
    en: 'The url of an extension must be absolute',
  },
  extensionVersion: {
    severity: 'error',
    code: 'extension',
    zh: '扩展的 url 不能带版本',
    en: 'The url of an extension cannot carry a version',
  },
  extensionContext: {
    severity: 'error',
    code: 'extension',
    zh: '扩展 {0} 不能用在此处({1})',
    en: 'The extension {0} cannot be used here ({1})',
  },
  extensionPlace: {
    severity: 'warning',
    code: 'extension',
    zh: '扩展 {0} 通常不用在此处({1})',
    en: 'The extension {0} is not meant for this place ({1})',
  },
  unknownSubExtension: {
    severity: 'error',
    code: 'extension',
    zh: '扩展 {1} 中没有子扩展「{0}」',
    en: 'The extension {1} has no part "{0}"',
  },
  notExtension: {
    severity: 'error',
    code: 'extension',
    zh: '{0} 不是扩展的定义',
    en: '{0} does not define an extension',
  },
  unknownExtension: {
    severity: 'information',
    code: 'informational',
    zh: '没有扩展 {0} 的定义,未校验其内容',
    en: 'There is no definition of the extension {0}; what it holds was not checked',
  },

  // Profiles (http://hl7.org/fhir/R4/profiling.html)
  unknownProfile: {
    severity: 'warning',
    code: 'not-found',
    zh: '没有规范 {0},未按其校验',
    en: 'There is no profile {0}, so the resource was not checked against it',
  },
  profileType: {
    severity: 'error',
    code: 'structure',
    zh: '规范 {0} 用于 {1},不用于 {2}',
    en: 'The profile {0} is for {1}, not for {2}',
  },
  fixedValue: {
    severity: 'error',
    code: 'value',
    zh: '值须为 {0}',
    en: 'The value must be exactly {0}',
  },
  patternValue: {
    severity: 'error',
    code: 'value',
    zh: '值须包含 {0}',
    en: 'The value must have {0}',
  },
  longerThan: {
    severity: 'error',
    code: 'too-long',
    zh: '超过 {0} 个字符',
    en: 'Longer than {0} characters',
  },
  belowMinimum: { severity: 'error', code: 'value', zh: '不能小于 {0}', en: 'Must not be less than {0}' },
  aboveMaximum: { severity: 'error', code: 'value', zh: '不能大于 {0}', en: 'Must not be more than {0}' },
  noSlice: {
    severity: 'error',
    code: 'structure',
    zh: '不属于「{0}」的任何一种',
    en: 'Belongs to none of the slices of "{0}"',
  },
  sliceOrder: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」的先后次序不对',
    en: 'The slices of "{0}" are out of order',
  },
  sliceNotEvaluated: {
    severity: 'warning',
    code: 'not-supported',
    zh: '无法判定哪些内容属于「{0}」,未校验',
    en: 'What belongs to "{0}" could not be told, so it was not checked',
  },
  targetProfile: {
    severity: 'error',
    code: 'structure',
    zh: '所引用的资源不符合 {0}',
    en: 'The resource referred to does not follow {0}',
  },
  typeProfile: {
    severity: 'error',
    code: 'structure',
    zh: '不符合下列任何一个规范:{0}',
    en: 'Follows none of the profiles {0}',
  },

  // Bundles (http://hl7.org/fhir/R4/bundle.html)
  pagingLink: {
    severity: 'error',
    code: 'invalid',
    zh: '此类 Bundle 不能有分页链接「{0}」',
    en: 'The link "{0}" pages through results, which this kind of bundle has not',
  },
  duplicateLink: {
    severity: 'error',
    code: 'duplicate',
    zh: '链接「{0}」重复',
    en: 'There is more than one link "{0}"',
  },
  relativeFullUrl: {
    severity: 'error',
    code: 'value',
    zh: 'fullUrl 须为绝对 URI',
    en: 'The fullUrl must be absolute',
  },
  missingFullUrl: {
    severity: 'error',
    code: 'required',
    zh: '此类 Bundle 的条目须有 fullUrl',
    en: 'An entry of this kind of bundle must have a fullUrl',
  },
  fullUrlOfOther: {
    severity: 'warning',
    code: 'value',
    zh: 'fullUrl {0} 与其中的资源 {1} 不符',
    en: 'The fullUrl {0} is not that of the resource {1}',
  },
  searchWithoutResource: {
    severity: 'error',
    code: 'required',
    zh: '查询结果的条目须有资源',
    en: 'An entry of search results must have a resource',
  },
  searchWithoutId: {
    severity: 'error',
    code: 'required',
    zh: '查询结果的资源须有 id',
    en: 'A resource in search results must have an id',
  },
  searchOutcome: {
    severity: 'error',
    code: 'value',
    zh: '查询的 outcome 条目须为 OperationOutcome,而非 {0}',
    en: 'The outcome of a search is an OperationOutcome, not a {0}',
  },
  withoutFirstEntry: {
    severity: 'error',
    code: 'required',
    zh: '第一个条目须为 {0}',
    en: 'The first entry must be a {0}',
  },
  notInBundle: {
    severity: 'error',
    code: 'not-found',
    zh: 'Bundle 中没有所引用的「{0}」',
    en: 'The bundle does not have "{0}", which is referred to here',
  },
  severalInBundle: {
    severity: 'error',
    code: 'multiple-matches',
    zh: 'Bundle 中有 {0} 个「{1}」',
    en: 'The bundle has {0} entries for "{1}"',
  },

  // Code systems, value sets and structure definitions
  supplementContent: {
    severity: 'error',
    code: 'business-rule',
    zh: '补充代码系统的 content 须为 supplement',
    en: 'A code system that supplements another has the content "supplement"',
  },
  supplementOfNothing: {
    severity: 'error',
    code: 'required',
    zh: '补充代码系统须指明 supplements',
    en: 'A supplement must say what it supplements',
  },
  conceptCount: {
    severity: 'error',
    code: 'invalid',
    zh: '实有 {0} 个代码,与所述的 {1} 个不符',
    en: 'There are {0} concepts, not {1} as stated',
  },
  duplicateProperty: {
    severity: 'error',
    code: 'duplicate',
    zh: '属性「{0}」重复定义',
    en: 'The property "{0}" is defined more than once',
  },
  duplicateCode: {
    severity: 'error',
    code: 'duplicate',
    zh: '代码「{0}」重复',
    en: 'The code "{0}" occurs more than once',
  },
  propertyCode: {
    severity: 'error',
    code: 'business-rule',
    zh: '标准属性「{0}」不能用代码「{1}」',
    en: 'The standard property "{0}" cannot have the code "{1}"',
  },
  propertyType: {
    severity: 'error',
    code: 'business-rule',
    zh: '属性「{0}」的类型是 {1},不是 {2}',
    en: 'The property "{0}" is of type {1}, not {2}',
  },
  relativeSystem: {
    severity: 'error',
    code: 'invalid',
    zh: '值集的 system 须为绝对 URI',
    en: 'The system of a value set must be an absolute URI',
  },
  filterBoolean: {
    severity: 'error',
    code: 'invalid',
    zh: '按「{0}」筛选的值须为 true 或 false',
    en: 'The value of a filter by "{0}" is true or false',
  },
  filterRegex: {
    severity: 'error',
    code: 'invalid',
    zh: '按「{0}」筛选的值不是正则表达式',
    en: 'The value of the filter by "{0}" is not a regular expression',
  },
  filterOperator: {
    severity: 'error',
    code: 'invalid',
    zh: '不能用 {0} 按「{1}」筛选;可用:{2}',
    en: 'A filter by "{1}" cannot use {0}; allowed are: {2}',
  },
  filterExpression: {
    severity: 'error',
    code: 'invalid',
    zh: '不是有效的 ECL 表达式',
    en: 'Not an expression of the Expression Constraint Language',
  },
  filterConcept: {
    severity: 'error',
    code: 'invalid',
    zh: '「{0}」不是 SNOMED CT 概念',
    en: '"{0}" is not a SNOMED CT concept',
  },
  notBindable: {
    severity: 'error',
    code: 'business-rule',
    zh: '类型 {0} 不能绑定值集',
    en: 'The type {0} cannot be bound to a value set',
  },

  // Invariants
  invariant: {
    severity: 'error',
    code: 'invariant',
    zh: '不满足规则 {0}:{1}',
    en: 'Rule {0} is broken: {1}',
  },
  invariantWarning: {
    severity: 'warning',
    code: 'invariant',
    zh: '不满足建议规则 {0}:{1}',
    en: 'Recommendation {0} is not followed: {1}',
  },
  invariantNotEvaluated: {
    severity: 'warning',
    code: 'not-supported',
    zh: '规则 {0} 无法在此求值',
    en: 'Rule {0} could not be evaluated here',
  },
  valueAndExtension: {
    severity: 'error',
    code: 'invariant',
    zh: '扩展须有值或子扩展,且只能有其一(ext-1)',
    en: 'An extension has either a value or extensions (ext-1)',
  },
} as const satisfies Record<string, FindingKind>;
