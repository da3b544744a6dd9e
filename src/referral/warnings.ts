import { createHash } from 'node:crypto';
import { codings, elements, string } from '../fhir/elements.ts';
import type { Resource } from '../fhir/resource.ts';
import { or } from '../fhir/search/query.ts';
import type { Change } from '../interactions/guard.ts';
import type { SubmittedCase } from './cases.ts';
import type { Sources } from './context/context.ts';
import type { Records } from './context/records.ts';
import { refersTo } from './queries.ts';
import { pathOf, type References, type Target } from './reference.ts';
import type { Breach } from './rules/apply.ts';
import { codeSystems } from './vocabulary.ts';

/** What becomes of the warnings on record: those to write, and those that no longer hold. */
export interface KeptWarnings {
  keep: Resource[];
  withdraw: Target[];
}

const severities = { error: 'high', warning: 'moderate', information: 'low' } as const;

/** Marks what may follow and must: `DetectedIssue?code=[system]|owed` lists it. */
const owedItem = { system: codeSystems.ruleConsequence, code: 'owed', display: '须补' };

/** A bound on the warnings that are looked at again when what they are about changes. */
const mostKept = 500;

/**
 * Brings the warnings on record in line with what was found. A warning of an accepted referral is kept as a
 * DetectedIssue (http://hl7.org/fhir/R4/detectedissue.html) whose id follows from the referral, the rule and the
 * resource it is about; so the same finding is never on record twice. When that resource is judged again, or deleted,
 * its warnings that were not found again are withdrawn. What stays as it is is not written again.
 */
export async function settleWarnings(
  changes: readonly Change[],
  cases: readonly SubmittedCase[],
  found: readonly { of: SubmittedCase; breach: Breach }[],
  { records, references, now }: Pick<Sources, 'records' | 'references' | 'now'>,
): Promise<KeptWarnings> {
  const present = new Map<string, Resource>();
  const holds = new Set<string>();
  for (const { of, breach } of found) {
    holds.add(`${breach.rule.key} ${targetOf(of.focus)}`);
    if (!of.referral || breach.rule.severity === 'error') continue;
    const warning = warningOf(of, of.referral, breach, now);
    present.set(warning.id!, warning);
  }
  const judged = new Set(
    cases.flatMap(({ focus, rules }) => rules.map(({ key }) => `${key} ${targetOf(focus)}`)),
  );
  const known = changes.filter(({ previous }) => previous !== null);
  const replaced = replacedReferrals(changes, references);
  const deleted = new Set([...known.filter(({ resource }) => resource === null), ...replaced].map(pathOf));
  const noLongerHolds = (referral: string, key: string, about: string) =>
    deleted.has(referral) ||
    deleted.has(about) ||
    (judged.has(`${key} ${about}`) && !holds.has(`${key} ${about}`));

  const withdraw: Target[] = [];
  for (const old of await findKept([...known, ...replaced], cases, records)) {
    const { referral, key, about } = subjectOf(old, references);
    if (old.id !== idOf(referral, key, about)) continue;
    const again = present.get(old.id);
    if (again && isSameFinding(again, old)) present.delete(old.id);
    else if (!again && noLongerHolds(referral, key, about))
      withdraw.push({ type: 'DetectedIssue', id: old.id });
  }
  return { keep: [...present.values()], withdraw };
}

/** The warnings on record about what is changed, and about the referrals that it belongs to. */
async function findKept(
  known: readonly Target[],
  cases: readonly SubmittedCase[],
  records: Records,
): Promise<Resource[]> {
  const referrals = cases
    .flatMap(({ referral }) => (referral ? { type: referral.resourceType, id: referral.id! } : []))
    .filter((referral) => !records.isNew(referral));
  const paths = new Map([...known, ...referrals].map((target) => [pathOf(target), target]));
  if (paths.size === 0) return [];
  const implicated = [...paths.values()].map((target) => refersTo('implicated', target));
  return records.stored('DetectedIssue', or(implicated), mostKept);
}

/** The referrals that new ones replace: what is to be said is said of those. */
function replacedReferrals(changes: readonly Change[], references: References): Target[] {
  return changes.flatMap(({ type, resource, previous }) =>
    type === 'ServiceRequest' && resource && !previous ? references.targets(resource, 'replaces') : [],
  );
}

function warningOf(
  { focus, context }: SubmittedCase,
  referral: Resource,
  { rule, evidence, owed }: Breach,
  now: number,
): Resource {
  const about = { reference: targetOf(focus) };
  const owner = { reference: targetOf(referral) };
  return {
    resourceType: 'DetectedIssue',
    id: idOf(owner.reference, rule.key, about.reference),
    status: 'final',
    code: {
      coding: [{ system: rule.system, code: rule.key, display: rule.display }, ...(owed ? [owedItem] : [])],
      text: `${rule.text.zh} / ${rule.text.en}`,
    },
    severity: severities[rule.severity],
    ...(context.patient && { patient: { reference: pathOf(context.patient) } }),
    identifiedDateTime: new Date(now).toISOString(),
    implicated: about.reference === owner.reference ? [owner] : [owner, about],
    evidence: [{ ...(evidence.length > 0 && { code: evidence.map((text) => ({ text })) }), detail: [about] }],
    detail: `${rule.text.zh} / ${rule.text.en}${rule.source && ` (source: ${rule.source})`}`,
  };
}

function targetOf({ resourceType, id }: Resource): string {
  return `${resourceType}/${id}`;
}

function idOf(referral: string, key: string, about: string): string {
  return createHash('sha256').update(`${referral} ${key} ${about}`).digest('hex').slice(0, 40);
}

/**
 * The referral, rule and resource that a DetectedIssue names. Only if its id follows from them is it one of these
 * warnings; what others put on record about a referral is left alone.
 */
function subjectOf(
  issue: Resource,
  references: References,
): { referral: string; key: string; about: string } {
  const path = (target: Target | undefined) => (target ? pathOf(target) : '');
  return {
    referral: path(references.target(issue, 'implicated')),
    key: codings(issue, 'code')[0]?.code ?? '',
    about: path(references.target(elements(issue, 'evidence')[0], 'detail')),
  };
}

function isSameFinding(a: Resource, b: Resource): boolean {
  return (
    string(a, 'detail') === string(b, 'detail') &&
    a.severity === b.severity &&
    JSON.stringify(a.evidence) === JSON.stringify(b.evidence)
  );
}
