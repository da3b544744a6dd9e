import type { Resource } from '../fhir/resource.ts';
import type { Change } from '../interactions/guard.ts';
import { directionOf, names, type Recognised } from './recognise.ts';
import { pathOf, type References, type Target } from './reference.ts';
import { type Direction, profiles } from './vocabulary.ts';

/** A profile that a change must meet. */
export interface Mandate {
  /** Index into `Submission.changes`. */
  change: number;
  url: string;
}

const byDirection: Record<Direction, string> = {
  up: profiles.upReferral,
  down: profiles.downReferral,
  lateral: profiles.referral,
};

/**
 * The profiles that the resources of a submission must meet because they are, or come with, a referral, whether or not
 * they name them: those that they do name are checked anyway and left out here. A referral without one clear direction
 * has no profile; the rule `sr-direction` refuses it.
 */
export function mandatedProfiles(
  changes: readonly Change[],
  { referrals, tasks }: Recognised,
  references: References,
): Mandate[] {
  const mandates: Mandate[] = [];
  const mandate = (change: Change | undefined, url: string | undefined) => {
    if (change?.resource && url && !names(change.resource, url))
      mandates.push({ change: changes.indexOf(change), url });
  };

  for (const referral of referrals) {
    const direction = referral.resource && directionOf(referral.resource);
    mandate(referral, direction ? byDirection[direction] : undefined);
  }
  for (const task of tasks) mandate(task, profiles.task);

  const parties = new Set(
    [...referrals, ...tasks].flatMap(({ resource }) => partiesOf(resource, changes, references).map(pathOf)),
  );
  for (const change of changes) {
    if (!parties.has(pathOf(change))) continue;
    if (change.type === 'Patient') mandate(change, profiles.patient);
    if (change.type === 'Organization') mandate(change, profiles.organization);
  }
  return mandates;
}

/** The patient and the organizations that a referral or its Task names, also through a person's role or a service. */
function partiesOf(resource: Resource | null, changes: readonly Change[], references: References): Target[] {
  const named = ['subject', 'for', 'requester', 'performer', 'owner'].flatMap((member) =>
    references.targets(resource, member),
  );
  const links = { PractitionerRole: 'organization', HealthcareService: 'providedBy' } as const;
  return named.flatMap((target) => {
    const link = links[target.type as keyof typeof links];
    const submitted =
      link && changes.find((change) => change.type === target.type && change.id === target.id);
    return submitted ? references.targets(submitted.resource, link) : [target];
  });
}
