import type { FindingKind } from './kind.ts';

/** What can be wrong with a code or an identifier. */
export const codeFindings = {
  codeNotInValueSet: {
    severity: 'error',
    code: 'code-invalid',
    zh: '代码「{0}」不在值集 {1} 中',
    en: 'The code "{0}" is not in the value set {1}',
  },
  codeNotListed: {
    severity: 'error',
    code: 'code-invalid',
    zh: '代码「{0}」不在值集 {1} 中;可用代码:{2}',
    en: 'The code "{0}" is not in the value set {1}; the codes are: {2}',
  },
  codeOfOtherSystem: {
    severity: 'error',
    code: 'code-invalid',
    zh: '代码「{0}」的系统有误:值集 {1} 中该代码属于 {2}',
    en: 'The code "{0}" has a wrong system: in the value set {1} it is one of {2}',
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
  codeOutsideListed: {
    severity: 'warning',
    code: 'code-invalid',
    zh: '代码「{0}」不在可扩展值集 {1} 中;其中的代码:{2}',
    en: 'The code "{0}" is not in the extensible value set {1}; its codes are: {2}',
  },
  unknownCode: {
    severity: 'error',
    code: 'code-invalid',
    zh: '代码系统 {1} 中没有代码「{0}」',
    en: 'There is no code "{0}" in the code system {1}',
  },
  codeNotInFragment: {
    severity: 'warning',
    code: 'code-invalid',
    zh: '代码系统 {1} 在此只有部分代码,其中没有「{0}」',
    en: 'Only a part of the code system {1} is here, and "{0}" is not in it',
  },
  unknownCodeListed: {
    severity: 'error',
    code: 'code-invalid',
    zh: '代码系统 {1} 中没有代码「{0}」;可用代码:{2}',
    en: 'There is no code "{0}" in the code system {1}; its codes are: {2}',
  },
  codeOfLaterEdition: {
    severity: 'warning',
    code: 'code-invalid',
    zh: '代码系统 {1} 随 R4 发布的版本中没有代码「{0}」,可能是后来增补的',
    en: 'There is no code "{0}" in the code system {1} as published with R4; it may have been added since',
  },
  codingWithoutCode: {
    severity: 'error',
    code: 'code-invalid',
    zh: '没有给出代码系统 {0} 中的代码(code)',
    en: 'There is no code of the code system {0}',
  },
  requiredCodeMissing: {
    severity: 'error',
    code: 'required',
    zh: '此处须有取自值集 {0} 的代码,不能只有扩展',
    en: 'A code from the value set {0} is required here, not an extension alone',
  },
  systemNotAbsolute: {
    severity: 'error',
    code: 'code-invalid',
    zh: 'system 须为绝对 URI',
    en: 'The system must be an absolute URI',
  },
  systemIsValueSet: {
    severity: 'error',
    code: 'code-invalid',
    zh: 'Coding.system 指向了值集而非代码系统',
    en: 'Coding.system names a value set, not a code system',
  },

  misspeltUnit: {
    severity: 'error',
    code: 'code-invalid',
    givesWay: true,
    zh: '「{0}」不是 UCUM 单位代码;应为「{1}」',
    en: '"{0}" is no UCUM unit; it is written "{1}"',
  },
  unknownUnit: {
    severity: 'error',
    code: 'code-invalid',
    givesWay: true,
    zh: '单位代码「{0}」不属于 {1}',
    en: 'The unit "{0}" is not one of {1}',
  },
  identifierSystem: {
    severity: 'error',
    code: 'code-invalid',
    zh: 'Identifier.system 须为绝对 URI',
    en: 'Identifier.system must be an absolute URI',
  },
} as const satisfies Record<string, FindingKind>;
