import type { IssueType, Severity } from '../../outcome.ts';
import { codeFindings } from './codes.ts';
import { conformanceFindings } from './conformance.ts';
import { formatFindings } from './formats.ts';
import { profileFindings } from './profiles.ts';
import { referenceFindings } from './references.ts';
import { structureFindings } from './structure.ts';

/** A kind of finding: what every occurrence has in common. */
export interface FindingKind {
  severity: Severity;
  code: IssueType;
  /** `{0}`, `{1}` … stand for the details of one occurrence. */
  zh: string;
  en: string;
}

/** The registry of what validation finds: every kind once, in Chinese and English. */
export const findings = {
  ...structureFindings,
  ...formatFindings,
  ...codeFindings,
  ...referenceFindings,
  ...profileFindings,
  ...conformanceFindings,
};
