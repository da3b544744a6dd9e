import { elements } from '../../fhir/elements.ts';
import { isWithin } from '../../fhir/period.ts';
import type { Resource } from '../../fhir/resource.ts';
import { and, or } from '../../fhir/search/query.ts';
import { hasCode, hasConcept, refersTo } from '../queries.ts';
import { isSame, type References, type Target } from '../reference.ts';
import { codeSystems } from '../vocabulary.ts';
import type { Records } from './records.ts';

/** Bounds on what the store is asked for of two organizations. */
const most = { affiliations: 300, contracts: 50 };

/** Where a Contract can name the organizations that agree. */
const parties = ['authority', 'subject', 'domain'] as const;

/** The affiliations in force, active and within their period, of some organizations and of all lead hospitals. */
export async function findAffiliations(
  records: Records,
  organizations: readonly (Target | undefined)[],
  now: number,
): Promise<Resource[]> {
  const filter = or([
    hasConcept('role', codeSystems.affiliationRole, 'lead-hospital'),
    ...organizations.flatMap((organization) =>
      organization ? [refersTo('participating-organization', organization)] : [],
    ),
  ]);
  const stored = await records.stored('OrganizationAffiliation', filter, most.affiliations);
  return [...records.submitted('OrganizationAffiliation'), ...stored].filter(
    ({ active, period }) => active !== false && isWithin(elements({ period }, 'period')[0], now),
  );
}

/**
 * The agreements on referrals (双向转诊协议) in force between two organizations: the affiliation of one with the other,
 * those of both with the same community, or else a Contract that names both, executed and within the period to which it
 * applies.
 */
export async function findAgreements(
  records: Records,
  references: References,
  sender: Target | undefined,
  receiver: Target | undefined,
  { affiliations, now }: { affiliations: readonly Resource[]; now: number },
): Promise<Resource[]> {
  if (!sender || !receiver) return [];
  const of = (party: Target) =>
    affiliations.filter((each) => isSame(references.target(each, 'participatingOrganization'), party));
  const partner = (affiliation: Resource) => references.target(affiliation, 'organization');
  const [senders, receivers] = [of(sender), of(receiver)];
  const direct = [
    ...senders.filter((each) => isSame(partner(each), receiver)),
    ...receivers.filter((each) => isSame(partner(each), sender)),
  ];
  const shared = senders.filter((one) => receivers.some((other) => isSame(partner(one), partner(other))));
  if (direct.length + shared.length > 0) return [...direct, ...shared];

  const names = (party: Target) => or(parties.map((member) => refersTo(member, party)));
  const filter = and([hasCode('status', 'executed'), names(sender), names(receiver)]);
  const namesInside = (contract: Resource, party: Target) =>
    parties.some((member) => references.targets(contract, member).some((each) => isSame(each, party)));
  return [
    ...records.submitted('Contract').filter(({ status }) => status === 'executed'),
    ...(await records.stored('Contract', filter, most.contracts)),
  ].filter(
    (contract) =>
      namesInside(contract, sender) &&
      namesInside(contract, receiver) &&
      isWithin(elements(contract, 'applies')[0], now),
  );
}
