import { type Issue, type IssueType, isError, type Severity } from '../outcome.ts';
import { findings } from './findings.ts';
import type { Place } from './place.ts';

/** A kind of finding: what every occurrence has in common. */
export interface FindingKind {
  severity: Severity;
  code: IssueType;
  /** `{0}`, `{1}` … stand for the details of one occurrence. */
  zh: string;
  en: string;
}

const longestExcerpt = 100;

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

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** Reports a finding about the present place, or about a member of it. */
  add(kind: FindingKind, details: readonly string[] = [], value?: unknown, member?: string): void {
    const expression = member ? `${this.#place}.${member}` : String(this.#place);
    this.take({
      severity: kind.severity,
      code: kind.code,
      text: { zh: fill(kind.zh, details), en: fill(kind.en, details) },
      expression: [expression],
      ...(value !== undefined && { diagnostics: excerpt(value) }),
    });
  }

  /** Takes an issue that is ready made, unless the same is known already or the limit is reached. */
  take(issue: Issue): void {
    const key = `${issue.expression?.[0]}|${issue.severity}|${issue.text.en}|${issue.diagnostics}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const count = isError(issue) ? ++this.#errors : ++this.#warnings;
    if (count <= this.#limit) this.issues.push(issue);
    else if (count === this.#limit + 1) this.issues.push(truncation(issue.severity));
  }
}

function truncation(severity: Severity): Issue {
  const { code, zh, en } = findings.tooManyIssues;
  return { severity, code, text: { zh, en } };
}

/** A value as a short piece of JSON, to show which one is meant. */
export function excerpt(value: unknown): string {
  const text = typeof value === 'string' ? value.slice(0, longestExcerpt + 1) : shallow(value);
  return text.length > longestExcerpt ? `${text.slice(0, longestExcerpt)}…` : text;
}

function shallow(value: unknown): string {
  if (Array.isArray(value)) return `[… ${value.length}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.keys(value).slice(0, 8).join(', ')}}`;
  }
  return String(value);
}

function fill(template: string, details: readonly string[]): string {
  return template.replace(/\{(\d)\}/g, (_, n) => excerpt(details[Number(n)] ?? ''));
}
