import type { FindingKind } from './kind.ts';

/** What can be wrong with the report of a measure (http://hl7.org/fhir/R4/measurereport.html). */
export const measureFindings = {
  notOfMeasure: {
    severity: 'error',
    code: 'structure',
    zh: '指标中没有与此 {0} 编码「{1}」相同的',
    en: 'The measure has no {0} with the code "{1}"',
  },
  twiceOfMeasure: {
    severity: 'error',
    code: 'duplicate',
    zh: '指标的 {0}「{1}」重复报告',
    en: 'The {0} "{1}" of the measure is reported twice',
  },
  missingOfMeasure: {
    severity: 'error',
    code: 'required',
    zh: '没有报告指标的 {0}「{1}」',
    en: 'The {0} "{1}" of the measure is not reported',
  },
  scoreMissing: {
    severity: 'error',
    code: 'required',
    zh: '计分方式为 {0} 的指标须报告 measureScore',
    en: 'A measure whose scoring is {0} has a measureScore',
  },
  scoreOfCohort: {
    severity: 'error',
    code: 'business-rule',
    zh: '计分方式为 cohort 的指标没有 measureScore',
    en: 'A measure whose scoring is cohort has no measureScore',
  },
  // HL7's validator refuses these two; R4 does not say how a proportion is written.
  scoreUnit: {
    severity: 'warning',
    code: 'value',
    zh: '比例(proportion)通常没有单位',
    en: 'A proportion has no unit as a rule',
  },
  scoreRange: {
    severity: 'warning',
    code: 'value',
    zh: '比例(proportion)通常在 0 到 1 之间,实为「{0}」',
    en: 'A proportion is a number from 0 to 1 as a rule, not "{0}"',
  },
} as const satisfies Record<string, FindingKind>;
