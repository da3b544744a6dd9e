import type { IssueType, Severity } from '../../outcome.ts';

/** A kind of finding: what every occurrence has in common. */
export interface FindingKind {
  severity: Severity;
  code: IssueType;
  /** See `Issue`: a rule may say it better. */
  givesWay?: boolean;
  /** `{0}`, `{1}` … stand for the details of one occurrence. */
  zh: string;
  en: string;
}
