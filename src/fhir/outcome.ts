import type { Coding, Resource } from './resource.ts';

/** A text for people, in the two languages of the server. */
export interface Text {
  zh: string;
  en: string;
}

/** The codes of http://hl7.org/fhir/R4/valueset-issue-type.html that the server gives. */
export type IssueType =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'security'
  | 'login'
  | 'forbidden'
  | 'processing'
  | 'not-supported'
  | 'duplicate'
  | 'multiple-matches'
  | 'not-found'
  | 'deleted'
  | 'too-long'
  | 'code-invalid'
  | 'extension'
  | 'too-costly'
  | 'business-rule'
  | 'conflict'
  | 'transient'
  | 'lock-error'
  | 'no-store'
  | 'exception'
  | 'timeout'
  | 'incomplete'
  | 'throttled'
  | 'informational';

export type Severity = 'fatal' | 'error' | 'warning' | 'information';

/** One finding about a request or a resource: what an entry of `OperationOutcome.issue` is made from. */
export interface Issue {
  severity: Severity;
  code: IssueType;
  text: Text;
  /** FHIRPath of the places concerned, e.g. `Patient.contact[0].name`. */
  expression?: string[];
  /** The offending value or other technical detail; never exception text. */
  diagnostics?: string;
  /** A code that programs can rely on, e.g. the key of the rule that was broken. */
  coding?: Coding;
}

/** True of an issue that refuses the request. */
export function isError(issue: Issue): boolean {
  return issue.severity === 'error' || issue.severity === 'fatal';
}

/** In the order in which a reader, and a program that shows the first issue only, should see them. */
const severities: readonly Severity[] = ['fatal', 'error', 'warning', 'information'];

/**
 * The OperationOutcome of a list of issues (http://hl7.org/fhir/R4/operationoutcome.html), errors first. Each text is
 * given in Chinese and English, separated by ` / `, so that old software shows both without knowing of translations. It
 * stands in `diagnostics` as well, before the value that it is about: that is all that some clients show (HAPI).
 */
export function operationOutcome(issues: readonly Issue[]): Resource {
  return {
    resourceType: 'OperationOutcome',
    issue: inOrder(issues).map(({ severity, code, text, expression, diagnostics, coding }) => ({
      severity,
      code,
      details: { ...(coding && { coding: [coding] }), text: `${text.zh} / ${text.en}` },
      diagnostics: `${text.zh} / ${text.en}${diagnostics ? ` | ${diagnostics}` : ''}`,
      ...(expression?.length && { expression }),
    })),
  };
}

function inOrder(issues: readonly Issue[]): readonly Issue[] {
  return [...issues].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}
