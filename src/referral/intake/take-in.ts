import { elements } from '../../fhir/elements.ts';
import { type Issue, isError } from '../../fhir/outcome.ts';
import { Refusal, refusals, refuse } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import { type Answer, jsonOf } from '../../interactions/answer.ts';
import { dryRun } from '../../interactions/dry-run.ts';
import type { Server } from '../../interactions/server.ts';
import { hasIdentifier } from '../queries.ts';
import { createReferences, pathOf } from '../reference.ts';
import { type BundleEntry, bundleOf, type ReferralBundle } from './bundle/bundle.ts';
import { isPressure } from './bundle/clinical.ts';
import { textIn } from './bundle/part.ts';
import { directionIn } from './bundle/referral.ts';
import type { Directory } from './directory/directory.ts';
import { findParties } from './directory/parties.ts';
import { storedDirectory } from './directory/stored-directory.ts';
import { problemOfIssue } from './places.ts';
import type { Problem } from './problem.ts';
import type { Sent, SentRow } from './read/sent.ts';
import type { RowResult } from './result.ts';
import type { FlatRow, RowReader } from './row.ts';
import { stateOfReferral } from './state-of-referral.ts';

/** Sends a bundle as every other client would: the one function behind all ways in. */
export type Submit = (server: Server, bundle: Resource) => Promise<Answer>;

/** What rows are taken in with. */
export interface TakingIn {
  server: Server;
  reader: RowReader;
  submit: Submit;
  /** Turns an error that is no Refusal into one, and reports it. */
  contain(error: unknown): Refusal;
  /** Judged alone: nothing is kept. */
  isDry: boolean;
  /** Whether whoever asked has gone. */
  isGone(): boolean;
}

/**
 * Takes in the rows of a form, one after the other: each becomes a transaction of its own, which is kept as a whole or
 * refused as a whole, whatever becomes of the others. Where the store does not answer, the rows from there on are told
 * to be sent again.
 */
export function takeIn(sent: Sent, taking: TakingIn): Promise<RowResult[]> {
  const directory = storedDirectory(taking.server);
  return eachRow(sent, taking, (row) => takeInRow(row, directory, taking));
}

/** Does each row in turn. What refuses a row, or fails in it, is told of it; the rest goes on unless the store is not there. */
export async function eachRow(
  { rows }: Sent,
  { isGone, contain }: Pick<TakingIn, 'isGone' | 'contain'>,
  work: (row: SentRow) => Promise<RowResult>,
): Promise<RowResult[]> {
  const results: RowResult[] = [];
  let unavailable: Refusal | undefined;
  for (const row of rows) {
    if (isGone()) unavailable ??= refuse(refusals.clientGone);
    const result = unavailable
      ? refusedBy(row, unavailable)
      : await work(row).catch((error) => refusedBy(row, error instanceof Refusal ? error : contain(error)));
    if (result.result === 'refused' && result.status > 500)
      unavailable ??= new Refusal(result.status, [notTried]);
    results.push(result);
  }
  return results;
}

const notTried: Issue = {
  severity: 'error',
  code: 'transient',
  text: {
    zh: '服务器暂时不可用,此行未处理,请重新提交',
    en: 'The server is not available; this row was not tried, send it again',
  },
};

async function takeInRow(sent: SentRow, directory: Directory, taking: TakingIn): Promise<RowResult> {
  const { server, reader } = taking;
  const made = await referralOf(sent, reader, directory, server.actor?.organization);
  if ('problems' in made) return { row: sent.number, result: 'refused', status: 422, ...made };
  const { row, referral } = made;
  return taking.isDry ? judged(row, referral, taking) : submitted(row, referral, taking);
}

/** The transaction that a row becomes, or what is wrong with the row. */
export async function referralOf(
  sent: SentRow,
  reader: RowReader,
  directory: Directory,
  acting: string | undefined,
): Promise<
  { row: FlatRow; referral: ReferralBundle } | { number: string | undefined; problems: readonly Problem[] }
> {
  const { row, problems } = reader.read(sent);
  const number = textIn(row, 'referral-number');
  const further = [...problems, ...incoherent(row)];
  const found = await findParties(row, directory, reader.mapping, acting);
  if ('problems' in found) {
    const known = new Set(further.map(({ field }) => field));
    further.push(...found.problems.filter(({ field }) => !known.has(field)));
  }
  if (further.length > 0 || 'problems' in found) return { number, problems: further };
  return { row, referral: bundleOf(row, found.parties, reader.mapping) };
}

/** What is wrong with a row that no field alone shows. */
function incoherent(row: FlatRow): Problem[] {
  const problems: Problem[] = [];
  const pressure = textIn(row, 'blood-pressure');
  if (pressure !== undefined && !isPressure(pressure))
    problems.push({
      column: row.columns.get('blood-pressure')!,
      field: 'blood-pressure',
      found: pressure.slice(0, 100),
      expected: { zh: '收缩压/舒张压,如 162/98', en: 'systolic/diastolic, e.g. 162/98' },
      text: {
        zh: '血压须为 收缩压/舒张压,如 162/98',
        en: 'A blood pressure is systolic/diastolic, e.g. 162/98',
      },
    });
  if (row.values.has('indication') && directionIn({ row }) === undefined)
    problems.push({
      column: '转诊方向',
      field: 'direction',
      expected: { zh: '上转、下转或平转', en: 'up, down or lateral' },
      text: {
        zh: '缺少“转诊方向”,由转诊指征也得不出',
        en: 'The direction is missing, and does not follow from the indications',
      },
    });
  return problems;
}

async function submitted(
  row: FlatRow,
  referral: ReferralBundle,
  { server, submit, reader }: TakingIn,
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
async function judged(
  row: FlatRow,
  referral: ReferralBundle,
  { server, reader }: TakingIn,
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

/**
 * Refuses with 409 a row under the number of a referral on record whose findings, diagnoses or papers are not those that
 * it was sent with: else what is there would be answered, and what is new would not be known.
 */
async function findChanged(
  { store, base }: Server,
  { bundle }: ReferralBundle,
): Promise<Refusal | undefined> {
  const referral = bundle.entry.at(-1)!;
  const found = await stored(store, referral);
  if (!found) return undefined;
  const references = createReferences(base);
  const listed = new Set(
    ['reasonReference', 'supportingInfo', 'insurance'].flatMap((member) =>
      references.targets(found, member).map(pathOf),
    ),
  );
  for (const [index, entry] of bundle.entry.entries()) {
    const isListed = ['reasonReference', 'supportingInfo', 'insurance'].some((member) =>
      elements(referral.resource, member).some(({ reference }) => reference === entry.fullUrl),
    );
    if (!isListed) continue;
    const before = await stored(store, entry);
    if (before && listed.has(`${before.resourceType}/${before.id}`)) continue;
    return new Refusal(409, [
      {
        severity: 'error',
        code: 'duplicate',
        text: {
          zh: '同一转诊单编号下已有内容不同的转诊单;更正请更新原单,新的转诊请用新编号',
          en: 'There is a referral with this number that says something else; update that one, or give a new referral a new number',
        },
        expression: [`Bundle.entry[${index}].resource`],
      },
    ]);
  }
  return undefined;
}

async function stored(
  store: Server['store'],
  { resource, request }: BundleEntry,
): Promise<Resource | undefined> {
  const token = request.ifNoneExist?.replace(/^identifier=/, '');
  if (token === undefined) return undefined;
  const filter = hasIdentifier('identifier', token);
  const [match] = await store.search({ type: resource.resourceType, filter, sort: [], limit: 1 });
  return match && (JSON.parse(match.version.text) as Resource);
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

function refusedBy({ number }: SentRow, refusal: Refusal): RowResult {
  return {
    row: number,
    result: 'refused',
    status: refusal.status,
    number: undefined,
    problems: refusal.issues.map(({ text }) => ({ text })),
  };
}
