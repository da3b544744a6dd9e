import type { FindingKind } from './kind.ts';

/** What can be wrong with the shape of a resource: JSON, elements, cardinality, choices. */
export const structureFindings = {
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
  notObjectLike: {
    severity: 'error',
    code: 'structure',
    zh: '「{0}」须为 JSON 对象,如 {1}',
    en: '"{0}" must be a JSON object, such as {1}',
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
  misspeltElement: {
    severity: 'error',
    code: 'structure',
    zh: '未知元素「{0}」;最接近的是「{1}」',
    en: 'Unknown element "{0}"; the nearest is "{1}"',
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

  // Ids of elements (http://hl7.org/fhir/R4/element-definitions.html#Element.id)
  duplicateElementId: {
    severity: 'error',
    code: 'duplicate',
    zh: '多个元素的 id 同为「{0}」',
    en: 'Several elements have the id "{0}"',
  },
  elementIdSpace: {
    severity: 'warning',
    code: 'value',
    zh: '元素的 id 不能含空格',
    en: 'The id of an element cannot have spaces in it',
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
} as const satisfies Record<string, FindingKind>;
