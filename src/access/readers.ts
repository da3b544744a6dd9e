import type { Access, Decided, Provision } from './access.ts';
import { purposes, treatment } from './purposes.ts';

/** What the readers of a resource are derived from, beside what is its own. */
export interface Surroundings {
  /** What the patients have decided whom it is about. */
  decided: readonly Decided[];
  /** The alliances that an organization is a member of, itself among them when it is one. */
  alliancesOf(organization: string): readonly string[];
}

/** For which purposes a label may read. */
type Allowed = Map<string, Set<string>>;

/**
 * The labels of those who may read a resource, sorted: its author, those to whom it was granted, the offices of their
 * alliances and the family doctors of the patient; without those whom a patient's Consent denies, with those whom one
 * permits. A permit stands above a denial where it names its actors and the denial does not, or where it is an
 * emergency's. Who made the resource always reads it.
 */
export function readersOf(
  path: string,
  access: Omit<Access, 'readers'>,
  { decided, alliancesOf }: Surroundings,
): string[] {
  const { author, grants, restricted } = access;
  const organizations = new Set(Object.keys(grants));
  if (author !== undefined) organizations.add(author);
  const allowed: Allowed = new Map();
  const offices = new Map<string, Set<string>>();
  for (const organization of organizations) {
    allowed.set(organization, new Set(purposes));
    for (const alliance of alliancesOf(organization)) offices.set(alliance, new Set(purposes));
  }
  const families = new Map(
    decided.flatMap(({ residentOf }) => residentOf.map((each) => [each, new Set<string>(purposes)])),
  );

  const provisions = decided
    .flatMap((each) => each.provisions)
    .filter(({ resources }) => resources === undefined || resources.includes(path));
  let withheld = false;
  for (const provision of inOrder(provisions)) {
    if (provision.type === 'permit') {
      if (provision.from !== undefined && provision.from !== author) continue;
      for (const actor of provision.actors ?? []) {
        // An alliance reads by its office.
        const readers = alliancesOf(actor).includes(actor) ? [allowed, offices] : [allowed];
        for (const labels of readers) {
          const reader = labels.get(actor) ?? new Set();
          for (const purpose of provision.purposes ?? purposes) reader.add(purpose);
          labels.set(actor, reader);
        }
      }
    } else {
      withheld ||= provision.actors === undefined;
      for (const labels of [allowed, offices, families])
        for (const [organization, reader] of labels) {
          if (organization === author && labels === allowed) continue;
          if (provision.actors && !provision.actors.includes(organization)) continue;
          for (const purpose of provision.purposes ?? purposes) reader.delete(purpose);
        }
    }
  }
  const labels = [
    ...labelsOf('', allowed),
    ...labelsOf('alliance ', offices),
    ...labelsOf('family ', families),
  ].map((label) => (restricted ? `${label}#restricted` : label));
  return [...labels, ...(withheld || restricted ? ['withheld'] : [])].sort();
}

/** The later one stands above the earlier: what is said of everybody, of some, and in an emergency. */
function inOrder(provisions: readonly Provision[]): Provision[] {
  const rank = ({ type, actors, emergency }: Provision) =>
    emergency ? 4 : actors === undefined ? 0 : type === 'permit' ? 1 : 2;
  return [...provisions].sort((a, b) => rank(a) - rank(b));
}

function labelsOf(kind: string, allowed: Allowed): string[] {
  return [...allowed].flatMap(([organization, reader]) => {
    const label = kind + organization;
    if (!reader.has(treatment)) return [...reader].map((purpose) => `${label}?${purpose}`);
    const without = purposes.filter((purpose) => !reader.has(purpose));
    return [label, ...without.map((purpose) => `${label}!${purpose}`)];
  });
}
