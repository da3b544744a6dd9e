import { codesOf, elements, string } from '../../fhir/elements.ts';
import { isWithin } from '../../fhir/period.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Reader } from '../../store/store.ts';
import { tierOf } from '../context/tier-lists.ts';
import { codeSystems } from '../vocabulary.ts';

/** A community has some hundreds of institutions. */
const most = 10_000;

/** The parts that make an institution a member of the alliance (医共体): one that only supports it stands outside. */
const memberships: ReadonlySet<string> = new Set(['lead-hospital', 'member']);

/** What reports know of an institution. */
export interface Institution {
  /** `Organization/[id]` */
  path: string;
  name: string;
  tier?: string;
  /** The alliances that it is a member of, as paths. */
  alliances: readonly string[];
}

/** The institutions by path. */
export type Directory = ReadonlyMap<string, Institution>;

/** Reads the institutions, and which alliances they are members of at an instant. */
export async function readDirectory(reader: Reader, now: number): Promise<Directory> {
  const all = async (type: string) => {
    const found = await reader.search({ type, filter: { kind: 'all' }, sort: [], limit: most });
    return found.map(({ version }) => JSON.parse(version.text) as Resource);
  };
  const [organizations, affiliations] = await Promise.all([
    all('Organization'),
    all('OrganizationAffiliation'),
  ]);
  const alliances = new Map<string, string[]>();
  for (const affiliation of affiliations) {
    const [alliance, member] = ['organization', 'participatingOrganization'].map((name) =>
      string(elements(affiliation, name)[0], 'reference'),
    );
    const isMember = codesOf(affiliation, 'code', codeSystems.affiliationRole).some((code) =>
      memberships.has(code),
    );
    const isInForce = affiliation.active !== false && isWithin(elements(affiliation, 'period')[0], now);
    if (alliance && member && isMember && isInForce)
      alliances.set(member, [...(alliances.get(member) ?? []), alliance]);
  }
  return new Map(
    organizations.map((organization) => {
      const path = `Organization/${organization.id}`;
      const tier = tierOf(organization);
      const name = string(organization, 'name') ?? path;
      return [
        path,
        { path, name, ...(tier !== undefined && { tier }), alliances: alliances.get(path) ?? [] },
      ];
    }),
  );
}

/** Whether two institutions are of one alliance. */
export function areAllied(directory: Directory, one: string | undefined, other: string | undefined): boolean {
  const of = (path: string | undefined) => directory.get(path ?? '')?.alliances ?? [];
  return of(one).some((alliance) => of(other).includes(alliance));
}
