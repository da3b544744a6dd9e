import type { FindingKind } from './kind.ts';

/** What can be wrong with a code system, a value set or a structure definition. */
export const conformanceFindings = {
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
  typeOfBase: {
    severity: 'error',
    code: 'business-rule',
    zh: '规范的类型是 {0},而其所依据的是 {1}',
    en: 'The profile is of type {0}, but its base of type {1}',
  },
  noSuchElement: {
    severity: 'error',
    code: 'not-found',
    zh: '没有元素「{0}」',
    en: 'There is no element {0}',
  },
  minLowered: {
    severity: 'error',
    code: 'business-rule',
    zh: '「{0}」的 min 低于所依据的规范',
    en: 'The min of {0} is below that of the base',
  },
  maxRaised: {
    severity: 'error',
    code: 'business-rule',
    zh: '「{0}」的 max 高于所依据的规范',
    en: 'The max of {0} is above that of the base',
  },
  typeWidened: {
    severity: 'error',
    code: 'business-rule',
    zh: '「{0}」有所依据的规范所没有的类型',
    en: 'A type of {0} is none of those of the base',
  },
  valueOfOtherType: {
    severity: 'error',
    code: 'business-rule',
    zh: '「{0}」的 fixed[x] 或 pattern[x] 的类型与元素不符',
    en: 'The fixed or pattern value of {0} is of another type than the element',
  },
  slicedByNothing: {
    severity: 'error',
    code: 'business-rule',
    zh: '「{0}」有切片而没有 slicing',
    en: 'There is a slice of {0}, but no slicing',
  },
  extensionOfOtherUrl: {
    severity: 'error',
    code: 'business-rule',
    zh: 'Extension.url 为 {0},与规范的 url {1} 不符',
    en: 'The Extension.url is {0}, which is not the url of the definition, {1}',
  },
  notBindable: {
    severity: 'error',
    code: 'business-rule',
    zh: '类型 {0} 不能绑定值集',
    en: 'The type {0} cannot be bound to a value set',
  },
} as const satisfies Record<string, FindingKind>;
