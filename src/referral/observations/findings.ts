import type { Change, Finding } from '../../interactions/guard.ts';
import type { Sources } from '../context/context.ts';
import { patientOf } from '../context/episode.ts';
import { isSame } from '../reference.ts';
import type { Measurands } from './measurands.ts';
import { plausibilityIssues } from './plausibility.ts';

/**
 * What cannot be true in a submission. An observation of a patient who is referred with it, or that a referral states as
 * its evidence, is an error: a decision hangs on it. One that is recorded by itself is kept, with a warning: a device's
 * own record is not to be lost.
 */
export async function findImpossible(
  changes: readonly Change[],
  referrals: readonly Change[],
  sources: { measurands: Measurands } & Partial<Pick<Sources, 'records' | 'references'>>,
): Promise<Finding[]> {
  const { measurands, records, references } = sources;
  const findings: Finding[] = [];
  const isReferred = (change: Change) =>
    references !== undefined &&
    referrals.some(({ resource }) =>
      isSame(patientOf(resource ?? undefined, references), patientOf(change.resource!, references)),
    );
  for (const [change, each] of changes.entries()) {
    if (each.type !== 'Observation' || !each.resource) continue;
    const issues = plausibilityIssues(each.resource, measurands, 'warning');
    if (issues.length === 0) continue;
    const severity = isReferred(each) ? 'error' : 'warning';
    findings.push(...issues.map((issue) => ({ ...issue, severity, change }) as const));
  }
  for (const referral of referrals) {
    if (!referral.resource || !records || !references) continue;
    const stored = references
      .targets(referral.resource, 'supportingInfo')
      .filter((target) => target.type === 'Observation' && !records.isSubmitted(target));
    if (stored.length === 0) continue;
    const ids = stored.map(({ id }) => id);
    for (const observation of await records.findAll('Observation', ids))
      for (const issue of plausibilityIssues(observation, measurands, 'error'))
        findings.push({
          ...issue,
          expression: ['ServiceRequest.supportingInfo'],
          change: changes.indexOf(referral),
        });
  }
  return findings;
}
