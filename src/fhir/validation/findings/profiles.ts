import type { FindingKind } from './kind.ts';

/** What can break a profile, the definition of an extension, or an invariant. */
export const profileFindings = {
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
  extensionInvariant: {
    severity: 'error',
    code: 'extension',
    zh: '不满足扩展 {0} 的使用条件:{1}',
    en: 'The extension {0} cannot be used here, since this does not hold: {1}',
  },
  modifierExtension: {
    severity: 'error',
    code: 'extension',
    zh: '扩展 {0} 会改变含义,须放在 modifierExtension 中',
    en: 'The extension {0} modifies what it is on: it belongs into modifierExtension',
  },
  plainExtension: {
    severity: 'error',
    code: 'extension',
    zh: '扩展 {0} 不改变含义,须放在 extension 中',
    en: 'The extension {0} modifies nothing: it belongs into extension',
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
  misspeltProfile: {
    severity: 'warning',
    code: 'not-found',
    zh: '没有规范 {0},未按其校验;最接近的是 {1}',
    en: 'There is no profile {0}, so the resource was not checked against it; the nearest is {1}',
  },
  profileOfOurs: {
    severity: 'error',
    code: 'not-found',
    zh: '没有规范 {0};该地址下有:{1}',
    en: 'There is no profile {0}; under that address there are: {1}',
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
    zh: '规范没有说明如何辨认「{0}」,按是否符合其全部要求判定',
    en: 'The profile does not say what tells "{0}" apart: what follows all of its rules was taken for it',
  },
  targetProfile: {
    severity: 'error',
    code: 'structure',
    zh: '所引用的资源不符合 {0}',
    en: 'The resource referred to does not follow {0}',
  },
  typeProfileNotChecked: {
    severity: 'warning',
    code: 'not-found',
    zh: '没有规范 {0},未按其校验',
    en: 'There is no profile {0}, so this was not checked against it',
  },
  aggregation: {
    severity: 'error',
    code: 'structure',
    zh: '此处的引用须为 {0},实为 {1}',
    en: 'A reference here must be {0}, but is {1}',
  },
  typeProfile: {
    severity: 'error',
    code: 'structure',
    zh: '不符合下列任何一个规范:{0}',
    en: 'Follows none of the profiles {0}',
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
} as const satisfies Record<string, FindingKind>;
