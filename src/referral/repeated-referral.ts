import { type Element, isElement, type Resource } from '../fhir/resource.ts';
import type { Finding, Submission } from '../interactions/guard.ts';
import { isReferral } from './recognise.ts';
import { pathOf, type References, type Target } from './reference.ts';
import { withJudgedBy } from './rules/judged-by.ts';

/**
 * What the sender does not say anew when it sends a referral again: what the server gives, and what has become of the
 * referral since (its state, and the numbers of others).
 */
const notCompared = new Set(['id', 'meta', 'text', 'status', 'identifier']);

/** What a referral names but does not bring: of these the record is what their own keep it as. */
const notOfTheReferral = new Set([
  'Patient',
  'Organization',
  'HealthcareService',
  'Location',
  'Practitioner',
  'PractitionerRole',
]);

/** Of a Task all but this moves on; by this it was sent. */
const standingOfTask = new Set(['requester', 'owner', 'for', 'focus']);

/** Something that was sent again, and what it is on record as. */
interface Pair {
  sent: Resource;
  stored: Resource & { id?: string };
  /** Where it stands: an index into the changes, or behind their end into the repeats. */
  change: number;
}

/**
 * Finds referrals that were sent again under the number of one on record, but say something else: themselves, or in what
 * they bring along (a finding with another value, for instance). Sent again as it was, a referral is answered with the
 * one on record; a different one under the same number is a conflict, for otherwise the sender would believe its change
 * to be known. What was changed since is held against what it was at first as well.
 */
export async function findChangedRepeats(
  { changes, repeats = [], reader }: Submission,
  references: References,
): Promise<Finding[]> {
  const known = repeats.map(
    ({ sent, stored }, index): Pair => ({ sent, stored, change: changes.length + index }),
  );
  const referrals = known.filter(
    ({ stored }) => stored.resourceType === 'ServiceRequest' && isReferral(stored),
  );
  if (referrals.length === 0) return [];
  const created = new Map(
    changes.flatMap((change, index) => (change.previous === null ? [[pathOf(change), index] as const] : [])),
  );
  const findings: Finding[] = [];
  const queue = [...referrals, ...known.filter((pair) => !referrals.includes(pair) && isBrought(pair))];
  const seen = new Set<string>();
  for (const pair of queue) {
    const { resourceType, id } = pair.stored;
    if (seen.has(`${resourceType}/${id}`)) continue;
    seen.add(`${resourceType}/${id}`);
    const { members, followed } = differences(pair, references, created);
    const isSame = members.length === 0 || (await isAsAtFirst(pair));
    if (!isSame) findings.push(changedContent(pair, members));
    // What has no number is made anew, and stands at the place of what is on record.
    for (const { before, change } of followed) {
      const stored = await stand(before);
      const sent = changes[change]!.resource;
      if (stored && sent) queue.push({ sent, stored, change });
    }
  }
  return findings;

  async function isAsAtFirst(pair: Pair): Promise<boolean> {
    const { resourceType, id } = pair.stored;
    if (resourceType === 'ServiceRequest' || id === undefined) return false;
    const first = await reader.readVersion(resourceType, id, 1);
    if (!first?.text) return false;
    const stored = JSON.parse(first.text) as Resource;
    return differences({ ...pair, stored }, references, created).members.length === 0;
  }

  async function stand({ type, id }: Target): Promise<Resource | undefined> {
    const version = await reader.read(type, id);
    return version?.text ? (JSON.parse(version.text) as Resource) : undefined;
  }
}

function isBrought({ stored }: Pair): boolean {
  return !notOfTheReferral.has(stored.resourceType);
}

interface Differences {
  /** The members in which what was sent and what is on record differ. */
  members: string[];
  /** What is on record at the places of what is made anew. */
  followed: { before: Target; change: number }[];
}

function differences(pair: Pair, references: References, created: ReadonlyMap<string, number>): Differences {
  const followed: Differences['followed'] = [];
  const [sent, stored] = [withJudgedBy(pair.sent, []), withJudgedBy(pair.stored, [])];
  const isTask = stored.resourceType === 'Task';
  const members = new Set([...Object.keys(sent), ...Object.keys(stored)]);
  const differing = [...members].filter(
    (member) =>
      (isTask ? standingOfTask.has(member) && member in sent : !notCompared.has(member)) &&
      !isSame(sent[member], stored[member]),
  );
  return { members: differing, followed };

  function isSame(a: unknown, b: unknown): boolean {
    if (Array.isArray(a))
      return Array.isArray(b) && a.length === b.length && a.every((each, index) => isSame(each, b[index]));
    if (!isElement(a)) return a === b;
    if (!isElement(b)) return false;
    if (typeof a.reference === 'string' && typeof b.reference === 'string') return isSameReference(a, b);
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
  }

  /**
   * Sent again, a referral brings its diagnoses and findings again, and they get new ids: a reference to what the same
   * submission creates is the same as one to a resource of that type. So is one that is still to be looked up.
   */
  function isSameReference(a: Element, b: Element): boolean {
    const [before] = references.targets({ of: b }, 'of');
    const [now] = references.targets({ of: a }, 'of');
    if (!now) return a.reference === b.reference || String(a.reference).includes('?');
    if (pathOf(now) === (before && pathOf(before))) return true;
    const change = created.get(pathOf(now));
    if (change === undefined || now.type !== before?.type) return false;
    followed.push({ before, change });
    return true;
  }
}

function changedContent({ stored, change }: Pair, members: readonly string[]): Finding {
  const { resourceType, id } = stored;
  return {
    change,
    severity: 'error',
    code: 'duplicate',
    text: {
      zh: '同一转诊单编号下已有内容不同的转诊单;更正请更新原单,新的转诊请用新编号',
      en: 'There is a referral with this number that says something else; update that one, or give a new referral a new number',
    },
    expression: members.map((member) => `${resourceType}.${member}`),
    diagnostics: `${resourceType}/${id}`,
  };
}
