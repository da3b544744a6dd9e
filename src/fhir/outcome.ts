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
  /** The same place in JSON, from the resource on, where its names differ: `valueQuantity.code` for `value.code`. */
  json?: string;
  /** The offending value or other technical detail; never exception text. */
  diagnostics?: string;
  /** What a rule that refuses the same resource says better: then it is no more than a warning. */
  givesWay?: boolean;
  /** A code that programs can rely on, e.g. the key of the rule that was broken. */
  coding?: Coding;
}

/** True of an issue that refuses the request. */
export function isError(issue: Issue): boolean {
  return issue.severity === 'error' || issue.severity === 'fatal';
}

/** True of an error that keeps what it is about from being understood: rules can make little of the rest. */
export function isBreaking(issue: Issue): boolean {
  return isError(issue) && !issue.givesWay;
}

/** In the order in which a reader, and a program that shows the first issue only, should see them. */
const severities: readonly Severity[] = ['fatal', 'error', 'warning', 'information'];

/**
 * The OperationOutcome of a list of issues (http://hl7.org/fhir/R4/operationoutcome.html), errors first. Each text is
 * given in Chinese and English, separated by ` / `, so that old software shows both without knowing of translations. It
 * stands in `diagnostics` as well, before the value that it is about and its place in JSON: that is all that some clients
 * show (HAPI).
 */
export function operationOutcome(issues: readonly Issue[]): Resource {
  return {
    resourceType: 'OperationOutcome',
    issue: inOrder(issues).map(({ severity, code, text, expression, json, diagnostics, coding }) => ({
      severity,
      code,
      details: { ...(coding && { coding: [coding] }), text: `${text.zh} / ${text.en}` },
      diagnostics: [`${text.zh} / ${text.en}`, diagnostics, json && `JSON: ${json}`]
        .filter(Boolean)
        .join(' | '),
      ...(expression?.length && { expression }),
    })),
  };
}

function inOrder(issues: readonly Issue[]): readonly Issue[] {
  return [...issues].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}
