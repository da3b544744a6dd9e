import { readJson } from '../fhir/json/parse.ts';
import { withJsonPath } from '../fhir/json-path.ts';
import { type Issue, isError } from '../fhir/outcome.ts';
import { Refusal, refusals } from '../fhir/refusal.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Reader, StoredVersion, Transaction } from '../store/store.ts';
import type { Change, Finding, Repeat, Verdict } from './guard.ts';
import { judgedReader } from './judged-reader.ts';
import { findReferences } from './referential-integrity.ts';
import { RefusedContent } from './refused-content.ts';
import { remembering } from './remembering.ts';
import type { Server } from './server.ts';
import { deletion, nextVersion } from './version.ts';

/** One change that a request asks for, all its conditions resolved. */
export interface PlannedChange {
  method: StoredVersion['method'];
  type: string;
  id: string;
  /** Null: delete it. */
  resource: Resource | null;
  /** The current version, as read in the same transaction; undefined when the id was never used. */
  replaced: StoredVersion | undefined;
}

/** What was kept of one planned change, and what the guards had to say of it. */
export interface KeptChange {
  version: StoredVersion;
  issues: readonly Issue[];
}

/** What is known of a set of changes before it is written. */
export interface Circumstances {
  /** What validation had to say; an error among it refuses the changes. */
  noted?: readonly Issue[];
  /** What was sent breaks the base specification: it is refused with 400, with what the guards can say of it. */
  isBroken?: boolean;
  /** The creates of the same request that are not done, because what they would make is there. */
  repeats?: readonly Repeat[];
  /** Where a change or a repeat stands in what the client sent, so that the places of the findings are found there. */
  locate?: (issue: Issue, change: number) => Issue;
}

/**
 * Has the guards judge a set of changes, and keeps them, with what the guards add, in the given transaction.
 * Throws a Refusal with all that was noted and found when there is an error among it.
 */
export async function write(
  server: Server,
  transaction: Transaction,
  planned: readonly PlannedChange[],
  { noted = [], isBroken = false, repeats = [], locate = (issue) => issue }: Circumstances = {},
): Promise<KeptChange[]> {
  const now = server.now();
  const reader = transaction.entire ?? transaction;
  const {
    findings,
    keep,
    completed = [],
    withdraw = [],
    status,
  } = await (isBroken ? judgeBroken : judge)(server, transaction, planned, repeats, now);
  const completions = new Map(completed.map(({ change, resource }) => [change, resource]));
  const placed = findings.map((finding) => ({
    change: finding.change,
    issue: locate(inJson(server, planned, finding), finding.change),
  }));
  const issues = givingWay(
    noted,
    placed.map(({ issue }) => issue),
  );
  if (issues.some(isError)) {
    const content = planned.flatMap(({ resource }) => resource ?? []);
    throw new RefusedContent(isBroken ? 400 : (status ?? 422), issues, content);
  }

  // Read before anything is written: a store that holds back what is written need not write it for a read.
  const beside = new Map<string, StoredVersion | undefined>();
  for (const { resourceType, id } of keep)
    beside.set(`${resourceType}/${id}`, await reader.read(resourceType, id!));

  const kept: KeptChange[] = [];
  for (const [index, { method, type, id, resource: sent, replaced }] of planned.entries()) {
    const resource = completions.get(index) ?? sent;
    const version = resource
      ? nextVersion(server, method, id, resource, replaced, now)
      : deletion(replaced!, now);
    await transaction.put(version, replaced);
    beside.delete(`${type}/${id}`);
    kept.push({
      version: { type, id, version: version.version, updated: version.updated, method, text: version.text },
      issues: placed.filter(({ change }) => change === index).map(({ issue }) => issue),
    });
  }
  for (const resource of keep) {
    const { resourceType: type, id } = resource;
    const path = `${type}/${id}`;
    const replaced = beside.has(path) ? beside.get(path) : await reader.read(type, id!);
    beside.delete(path);
    await transaction.put(nextVersion(server, 'PUT', id!, resource, replaced, now), replaced);
  }
  for (const { type, id } of withdraw) {
    const current = await reader.read(type, id);
    if (current?.text) await transaction.put(deletion(current, now), current);
  }
  return kept;
}

/**
 * What the guards say of changes that break the base specification: they expect what is well formed, so where one of
 * them fails on such a change, nothing is said beyond what validation says.
 */
async function judgeBroken(...asked: Parameters<typeof judge>): Promise<Verdict> {
  try {
    return await judge(...asked);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return { findings: [], keep: [] };
  }
}

/** What the guards say of a set of changes, and who still refers to what is deleted. */
export async function judge(
  server: Server,
  shown: Reader,
  planned: readonly PlannedChange[],
  repeats: readonly Repeat[],
  now: number,
): Promise<Verdict> {
  const changes = planned.map(describe);
  const remembered = remembering(judgedReader(shown));
  const verdicts: Verdict[] = [];
  for (const guard of server.guards) {
    const verdict = await guard({ changes, repeats, reader: remembered, shown, now, actor: server.actor });
    for (const { change, resource } of verdict.completed ?? []) changes[change]!.resource = resource;
    verdicts.push(verdict);
  }
  const withdraw = verdicts.flatMap((verdict) => verdict.withdraw ?? []);
  const findings = toldOnce(verdicts.flatMap((verdict) => verdict.findings));
  const references = await findReferences(server, shown.entire ?? shown, shown, changes, withdraw);
  const status = findings.some(isError)
    ? verdicts.find((verdict) => verdict.findings.some(isError))?.status
    : references.length > 0
      ? refusals.referredTo.status
      : undefined;
  return {
    findings: [...findings, ...references],
    keep: verdicts.flatMap((verdict) => verdict.keep),
    completed: verdicts.flatMap((verdict) => verdict.completed ?? []),
    withdraw,
    ...(status !== undefined && { status }),
  };
}

/** Where two guards say the same of a change, by the same code and place, the later one's words stand. */
function toldOnce(findings: readonly Finding[]): Finding[] {
  const last = new Map(findings.flatMap((finding) => (finding.coding ? [[keyOf(finding), finding]] : [])));
  return findings.filter((finding) => !finding.coding || last.get(keyOf(finding)) === finding);
}

function keyOf({ change, coding, expression = [] }: Finding): string {
  return `${change} ${coding?.system}|${coding?.code} ${expression.join()}`;
}

/** What a guard sees of a change. The previous state is parsed only when a guard asks for it. */
export function describe({ type, id, resource, replaced }: PlannedChange): Change {
  let previous: Resource | null | undefined;
  return {
    type,
    id,
    resource: resource && { ...resource, id },
    access: replaced?.access,
    get previous() {
      previous ??= replaced?.text ? (readJson(replaced.text) as Resource) : null;
      return previous;
    },
  };
}

/**
 * What was noted before, and what was found. An error that gives way is a warning where a rule refuses the same resource:
 * that blood pressure is not in mm[Hg] says more than that `mmHg` is no unit.
 */
function givingWay(noted: readonly Issue[], found: readonly Issue[]): Issue[] {
  const refused = new Set(found.filter(isError).map(resourceOf));
  const weighed = noted.map((issue) =>
    issue.givesWay && refused.has(resourceOf(issue)) ? ({ ...issue, severity: 'warning' } as const) : issue,
  );
  return [...weighed, ...found];
}

/** The entry of a bundle that an issue is about, or the type of the one resource there is. */
function resourceOf({ expression: [place = ''] = [] }: Issue): string {
  return /^Bundle\.entry\[\d+\]/.exec(place)?.[0] ?? place.split('.', 1)[0]!;
}

/** A finding as an issue, with its place in JSON. */
function inJson({ definitions }: Server, planned: readonly PlannedChange[], finding: Finding): Issue {
  const issue = withoutChange(finding);
  const resource = planned[finding.change]?.resource;
  return resource ? withJsonPath(definitions, resource, issue) : issue;
}

/** A finding as an issue. */
export function withoutChange({ change: _, ...issue }: Finding): Issue {
  return issue;
}
