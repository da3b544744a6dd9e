import { type Issue, isError, type Severity, type Text } from '../outcome.ts';
import type { Coding } from '../resource.ts';
import { findings } from './findings/findings.ts';
import type { FindingKind } from './findings/kind.ts';
import type { Place } from './place.ts';

const longestExcerpt = 100;
const longestDetail = 300;

/** Collects the issues of one validation, each once: no more than `limit` errors and as many warnings. */
export class Report {
  readonly issues: Issue[] = [];
  readonly #place: Place;
  readonly #limit: number;
  readonly #seen = new Set<string>();
  #errors = 0;
  #warnings = 0;

  constructor(place: Place, limit: number) {
    this.#place = place;
    this.#limit = limit;
  }

  /** True when no more errors are taken, so that the rest of the resource need not be looked at. */
  get full(): boolean {
    return this.#errors > this.#limit;
  }

  /** True when no more warnings are taken. */
  get fullOfWarnings(): boolean {
    return this.#warnings > this.#limit;
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** How many errors were reported until now. */
  get errors(): number {
    return this.#errors;
  }

  /** Reports a finding about the present place, with the value that it is about. */
  add(kind: FindingKind, details: readonly string[] = [], value?: unknown): void {
    const text = { zh: fill(kind.zh, details), en: fill(kind.en, details) };
    this.addText(kind, text, value);
  }

  /** Reports a finding whose text comes with it, and perhaps a code that programs know it by. */
  addText({ severity, code, givesWay }: FindingKind, text: Text, value?: unknown, coding?: Coding): void {
    if (this.#countOf(severity) > this.#limit) return;
    this.take({
      severity,
      code,
      text,
      expression: [String(this.#place)],
      ...(value !== undefined && { diagnostics: excerpt(value) }),
      ...(givesWay && { givesWay }),
      ...(coding && { coding }),
    });
  }

  /** Takes an issue that is ready made, unless the same is known already or the limit is reached. */
  take(issue: Issue): void {
    if (this.#countOf(issue.severity) > this.#limit) return;
    const key = `${issue.expression?.[0]}|${issue.severity}|${issue.text.en}|${issue.diagnostics}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const count = isError(issue) ? ++this.#errors : ++this.#warnings;
    this.issues.push(count <= this.#limit ? issue : truncation(issue.severity));
  }

  #countOf(severity: Severity): number {
    return severity === 'error' || severity === 'fatal' ? this.#errors : this.#warnings;
  }
}

function truncation(severity: Severity): Issue {
  const { code, zh, en } = findings.tooManyIssues;
  return { severity, code, text: { zh, en } };
}

/** A value as a short piece of JSON, to show which one is meant. */
function excerpt(value: unknown, longest = longestExcerpt): string {
  const text = typeof value === 'string' ? value.slice(0, longest + 1) : shallow(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function shallow(value: unknown): string {
  if (Array.isArray(value)) return `[… ${value.length}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.keys(value).slice(0, 8).join(', ')}}`;
  }
  return String(value);
}

function fill(template: string, details: readonly string[]): string {
  return template.replace(/\{(\d)\}/g, (_, n) => excerpt(details[Number(n)] ?? '', longestDetail));
}
