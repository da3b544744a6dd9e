import { OperationOutcomeError } from '@medplum/core';
import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';

/** What was found: the sentence in both languages, where, and by which rule. */
export interface Finding {
  severity: OperationOutcomeIssue['severity'];
  /** The rule that was broken, or the indication that is supported; else the code of the issue. */
  rule: string;
  zh: string;
  en: string;
  /** FHIRPath of the place, such as `Bundle.entry[9].resource.priority`. */
  place?: string;
  /** The sentence with the values that it is about, and its source. */
  diagnostics?: string;
}

/** A request that the server refused. Nothing of it was kept. */
export class Refusal extends OperationOutcomeError {
  override readonly name = 'Refusal';

  /** The errors, the gravest first. */
  get findings(): Finding[] {
    return findingsOf(this.outcome).filter(({ severity }) => severity === 'error' || severity === 'fatal');
  }

  /** The rule that is broken by the first of them. */
  get rule(): string | undefined {
    return this.findings[0]?.rule;
  }

  get zh(): string {
    return this.findings.map(({ zh }) => zh).join('\n');
  }

  get en(): string {
    return this.findings.map(({ en }) => en).join('\n');
  }
}

/** What an outcome of the server says, in its order. */
export function findingsOf(outcome: OperationOutcome): Finding[] {
  return outcome.issue.map(({ severity, code, details, diagnostics, expression }) => ({
    severity,
    rule: details?.coding?.[0]?.code ?? code,
    ...bothOf(details?.text ?? diagnostics ?? ''),
    ...(expression?.[0] !== undefined && { place: expression[0] }),
    ...(diagnostics !== undefined && { diagnostics }),
  }));
}

/** The two halves of `中文 / English`. A detail that holds ` / ` itself stands in both: the middle one divides. */
function bothOf(text: string): { zh: string; en: string } {
  const parts = text.split(' / ');
  if (parts.length % 2 === 1) return { zh: text, en: text };
  const half = parts.length / 2;
  return { zh: parts.slice(0, half).join(' / '), en: parts.slice(half).join(' / ') };
}

/** Gives what was asked for; an OperationOutcomeError of MedplumClient becomes a Refusal. */
export async function orRefusal<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof OperationOutcomeError) throw new Refusal(error.outcome, { cause: error });
    throw error;
  }
}
