import { isWithin } from '../fhir/period.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import type { Reader } from '../store/store.ts';

/** So long, in milliseconds, what another server process has changed may go unnoticed. */
const age = 1_000;
const most = 10_000;

/** Which alliances (医共体) organizations are members of. */
export interface Alliances {
  /** The members, as they are on record and in force now. */
  current(reader: Reader, now: number): Promise<(organization: string) => readonly string[]>;
  /** An affiliation was written: what was known is read again. */
  forget(): void;
}

/**
 * Remembers the alliances of all organizations, of which there are few: they are asked for at each write. An alliance is
 * a member of itself: what its office writes is its office's to read.
 */
export function createAlliances(): Alliances {
  let known: Map<string, string[]> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;

  return {
    async current(reader, now) {
      if (!known || Math.abs(now - readAt) > age) {
        known = await readAffiliations(reader, now);
        readAt = now;
      }
      const members = known;
      return (organization) => members.get(organization) ?? [];
    },
    forget: () => {
      known = undefined;
    },
  };
}

async function readAffiliations(reader: Reader, now: number): Promise<Map<string, string[]>> {
  const members = new Map<string, string[]>();
  const join = (member: string, alliance: string) => {
    const alliances = members.get(member) ?? [];
    if (!alliances.includes(alliance)) members.set(member, [...alliances, alliance]);
  };
  const found = await reader.search({
    type: 'OrganizationAffiliation',
    filter: { kind: 'all' },
    sort: [],
    limit: most,
  });
  for (const { version } of found) {
    const { alliance, member } = membershipIn(version.text, now) ?? {};
    if (!alliance || !member) continue;
    join(member, alliance);
    join(alliance, alliance);
  }
  return members;
}

/** The membership that an OrganizationAffiliation states, where it is in force at an instant. */
export function membershipIn(
  text: string | null,
  now: number,
): { alliance: string; member: string } | undefined {
  if (text === null) return undefined;
  const { active, period, organization, participatingOrganization } = JSON.parse(text) as Affiliation;
  const [alliance, member] = [organization?.reference, participatingOrganization?.reference];
  if (active === false || !alliance || !member || !isWithin(period, now)) return undefined;
  return { alliance, member };
}

interface Affiliation extends Resource {
  active?: boolean;
  period?: Element;
  organization?: { reference?: string };
  participatingOrganization?: { reference?: string };
}
