import { codesOf } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { isSame, type References, type Target } from '../reference.ts';
import { codeSystems } from '../vocabulary.ts';
import type { Records } from './records.ts';

/**
 * The organization that sends the patient: that of the requester. Where the Task passes a referral on (its `partOf`
 * had the same focus), it is the organization that had it before: a referral that the lead hospital, or after its
 * refusal the sender, redirects has been to the lead hospital first.
 */
export async function findSender(
  records: Records,
  references: References,
  referral: Resource | undefined,
  task: Resource | undefined,
): Promise<Target | undefined> {
  const earlier = references.target(task, 'partOf', 'Task');
  const passedOn = earlier && (await records.find(earlier));
  if (
    passedOn &&
    isSame(references.target(passedOn, 'focus'), references.target(task, 'focus')) &&
    passedOn.owner
  )
    return findOrganization(records, references, passedOn, 'owner');
  return (
    (await findOrganization(records, references, referral, 'requester')) ??
    (await findOrganization(records, references, task, 'requester'))
  );
}

/** The organization that is to receive the patient: the owner of the Task, else who is to perform the referral. */
export async function findReceiver(
  records: Records,
  references: References,
  referral: Resource | undefined,
  task: Resource | undefined,
): Promise<Target | undefined> {
  return (
    (await findOrganization(records, references, task, 'owner')) ??
    (await findOrganization(records, references, referral, 'performer'))
  );
}

/** The organization that a member refers to, be it by one of its services or of its people. */
export async function findOrganization(
  records: Records,
  references: References,
  parent: Element | undefined,
  member: string,
): Promise<Target | undefined> {
  const targets = references.targets(parent, member);
  const direct = targets.find(({ type }) => type === 'Organization');
  if (direct) return direct;
  for (const target of targets) {
    const link = { PractitionerRole: 'organization', HealthcareService: 'providedBy' }[target.type];
    const organization = link && references.target(await records.find(target), link, 'Organization');
    if (organization) return organization;
  }
  return undefined;
}

/**
 * The lead hospitals (牵头医院) of the communities that an organization belongs to, by the affiliations in force; of all
 * communities when it is known to belong to none.
 */
export function findLeads(
  references: References,
  organization: Target | undefined,
  affiliations: readonly Resource[],
): Target[] {
  const isLead = (affiliation: Resource) =>
    codesOf(affiliation, 'code', codeSystems.affiliationRole).includes('lead-hospital');
  const communities = affiliations
    .filter((each) => isSame(references.target(each, 'participatingOrganization'), organization))
    .flatMap((affiliation) => references.target(affiliation, 'organization') ?? []);
  return affiliations
    .filter(isLead)
    .filter(
      (lead) =>
        communities.length === 0 ||
        communities.some((community) => isSame(community, references.target(lead, 'organization'))),
    )
    .flatMap((lead) => references.target(lead, 'participatingOrganization') ?? []);
}
