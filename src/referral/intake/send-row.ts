import { type Issue, isError } from '../../fhir/outcome.ts';
import { Refusal } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import { type Answer, jsonOf } from '../../interactions/answer.ts';
import { dryRun } from '../../interactions/dry-run.ts';
import type { Server } from '../../interactions/server.ts';
import type { ReferralBundle } from './bundle/bundle.ts';
import { textIn } from './bundle/part.ts';
import { findChanged } from './changed-parts.ts';
import { problemOfIssue } from './places.ts';
import type { RowResult } from './result.ts';
import type { FlatRow, RowReader } from './row.ts';
import { stateOfReferral } from './state-of-referral.ts';

/** Sends a bundle as every other client would: the one function behind all ways in. */
export type Submit = (server: Server, bundle: Resource) => Promise<Answer>;

/** What a row is sent with. */
export interface Sending {
  server: Server;
  reader: RowReader;
  submit: Submit;
}

/** Sends a row, and tells what it was kept as, or what it was refused for. */
export async function submitted(
  row: FlatRow,
  referral: ReferralBundle,
  { server, submit, reader }: Sending,
): Promise<RowResult> {
  const number = textIn(row, 'referral-number')!;
  const before = await findChanged(server, referral);
  if (before) return refusedAs(row, before, referral, reader);
  let answer: Answer;
  try {
    answer = await submit(server, referral.bundle);
  } catch (error) {
    if (error instanceof Refusal) return refusedAs(row, error, referral, reader);
    throw error;
  }
  const { entry } = JSON.parse(jsonOf(answer)!) as {
    entry: { response: { status: string; location?: string; outcome?: { issue: OutcomeIssue[] } } }[];
  };
  const ids = new Map<string, string>();
  for (const [index, { response }] of entry.entries()) {
    const type = referral.bundle.entry[index]!.resource.resourceType;
    const [path] = /[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}(?=\/_history)/.exec(response.location ?? '') ?? [];
    if (path !== undefined && !ids.has(type)) ids.set(type, path);
  }
  const own = entry.at(-1)!.response;
  const warnings = entry.flatMap(({ response }, index) =>
    (response.outcome?.issue ?? [])
      .filter(({ severity }) => severity === 'warning')
      .map((issue) => problemOfIssue(asIssue(issue, index), row, referral, reader)),
  );
  const path = ids.get('ServiceRequest');
  return {
    row: row.number,
    result: own.status.startsWith('201') ? 'accepted' : 'repeated',
    number,
    ...(path && { referral: path }),
    ...(ids.has('Patient') && { patient: ids.get('Patient')! }),
    ...(path && (await stateOfReferral(server, path))),
    ...(warnings.length > 0 && { warnings }),
  };
}

interface OutcomeIssue {
  severity: string;
  details?: { text?: string; coding?: { code: string }[] };
  expression?: string[];
}

/** An issue of an outcome as one of this server, its two languages taken apart. */
function asIssue({ details, expression }: OutcomeIssue, index: number): Issue {
  const [zh = '', en = zh] = (details?.text ?? '').split(' / ');
  const [coding] = details?.coding ?? [];
  const at = expression?.[0]?.startsWith('Bundle.')
    ? expression
    : [`Bundle.entry[${index}].resource${(expression?.[0] ?? '').replace(/^[A-Za-z]+/, '')}`];
  return {
    severity: 'warning',
    code: 'business-rule',
    text: { zh, en },
    expression: at,
    ...(coding && { coding }),
  };
}

/** What would come of the row: the same judgement, and nothing is kept. */
export async function judged(
  row: FlatRow,
  referral: ReferralBundle,
  { server, reader }: Sending,
): Promise<RowResult> {
  const changed = await findChanged(server, referral);
  if (changed) return refusedAs(row, changed, referral, reader);
  const { validation, findings, changes } = await dryRun(server, referral.bundle);
  const issues = [...validation, ...findings];
  const problems = issues.filter(isError).map((issue) => problemOfIssue(issue, row, referral, reader));
  const number = textIn(row, 'referral-number')!;
  if (problems.length > 0)
    return { row: row.number, result: 'refused', status: statusOf(issues), number, problems };
  const warnings = issues
    .filter(({ severity }) => severity === 'warning')
    .map((issue) => problemOfIssue(issue, row, referral, reader));
  const isNew = changes.some(({ change }) => change.type === 'ServiceRequest');
  return {
    row: row.number,
    result: isNew ? 'accepted' : 'repeated',
    number,
    ...(warnings.length > 0 && { warnings }),
  };
}

function statusOf(issues: readonly Issue[]): number {
  const errors = issues.filter(isError);
  return errors.every(({ code }) => code === 'duplicate')
    ? 409
    : errors.every(({ code }) => code === 'forbidden')
      ? 403
      : 422;
}

function refusedAs(row: FlatRow, refusal: Refusal, referral: ReferralBundle, reader: RowReader): RowResult {
  const errors = refusal.issues.filter(isError);
  return {
    row: row.number,
    result: 'refused',
    status: refusal.status,
    number: textIn(row, 'referral-number'),
    problems: errors.map((issue) => problemOfIssue(issue, row, referral, reader)),
  };
}
