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
  notBindable: {
    severity: 'error',
    code: 'business-rule',
    zh: '类型 {0} 不能绑定值集',
    en: 'The type {0} cannot be bound to a value set',
  },
} as const satisfies Record<string, FindingKind>;
