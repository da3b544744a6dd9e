import { codings, elements } from '../fhir/elements.ts';
import { isWithin } from '../fhir/period.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import { or } from '../fhir/search/query.ts';
import { tokenQuery } from '../fhir/search/types/token.ts';
import type { Actor } from '../interactions/actor.ts';
import type { Change } from '../interactions/guard.ts';
import type { Reader } from '../store/store.ts';
import { membershipIn } from './alliances.ts';
import { organizationOf } from './decisions.ts';

/** What an office that runs a directory may keep of its own organization: by the member that leads there, if one does. */
const ofTheHouse: Readonly<Record<string, string | undefined>> = {
  HealthcareService: 'providedBy',
  Location: 'managingOrganization',
  PractitionerRole: 'organization',
  Practitioner: undefined,
  Schedule: undefined,
  Slot: undefined,
};

/** Offices that nobody gives to their own people: who holds them is written by an administrator. */
const offices: ReadonlySet<string> = new Set([
  'administrator',
  'alliance-office',
  'insurer',
  'medical-affairs',
  'platform',
]);

/** More posts than anybody has, more affiliations than an organization has. */
const most = 100;

/** What a directory is judged by: what is stored, and what a submission brings. */
export interface Surroundings {
  reader: Reader;
  submitted: ReadonlyMap<string, Resource | null>;
  now: number;
}

/**
 * Whether an actor may keep an entry of the directory. An organization's medical affairs office keeps its own house and
 * people; the office of an alliance those of all its members; free slots are kept by those who give them as well.
 *
 * Nobody becomes somebody else by it: an office is given by an administrator, nobody gives a post to themselves, who works
 * elsewhere, too, is not one house's to change, and by what identifiers a person is known, so that nobody else can sign in
 * as them, is theirs from the beginning and no other person's.
 */
export async function mayKeepDirectory(
  { type, resource, previous }: Change,
  actor: Actor,
  surroundings: Surroundings,
): Promise<boolean> {
  const { organization } = actor;
  if (organization === undefined || !(type in ofTheHouse)) return false;
  const roles = new Set(actor.roles);
  const isOffice = roles.has('medical-affairs') || roles.has('alliance-office');
  const givesSlots =
    (type === 'Schedule' || type === 'Slot') && (roles.has('receiver') || roles.has('liaison'));
  if (!isOffice && !givesSlots) return false;
  const keeps = keeper(organization, roles.has('alliance-office'), surroundings);
  if (type === 'Practitioner') return mayKeepPerson({ resource, previous }, keeps, surroundings);
  for (const each of [previous, resource])
    if (each && !(await mayKeepEntry(each, { actor, isNew: !previous }, keeps, surroundings))) return false;
  return true;
}

/** Whether an organization's entries are the actor's to keep. */
type Keeps = (organization: string) => Promise<boolean>;

function keeper(own: string, isAlliance: boolean, { reader, now }: Surroundings): Keeps {
  return async (organization) => {
    if (organization === own) return true;
    if (!isAlliance) return false;
    const found = await reader.search({
      type: 'OrganizationAffiliation',
      filter: { kind: 'term', term: `participating-organization|>${organization}` },
      sort: [],
      limit: most,
    });
    return found.some(({ version }) => {
      const membership = membershipIn(version.text, now);
      return membership?.alliance === own && membership.member === organization;
    });
  };
}

async function mayKeepEntry(
  entry: Resource,
  { actor, isNew }: { actor: Actor; isNew: boolean },
  keeps: Keeps,
  surroundings: Surroundings,
): Promise<boolean> {
  const type = entry.resourceType;
  if (type === 'PractitionerRole') {
    if (codings(entry, 'code').some(({ code }) => code !== undefined && offices.has(code))) return false;
    if (actor.person !== undefined && referenceIn(entry.practitioner) === actor.person) return false;
  }
  const member = ofTheHouse[type];
  const houses =
    member === undefined
      ? await offeredBy(entry, surroundings)
      : [await organizationAt(surroundings.reader, entry[member])];
  for (const house of houses) if (house === undefined || !(await keeps(house))) return false;
  // Time that is offered by people alone is no house's: it can be begun, not changed.
  return isNew || houses.length > 0;
}

/** A person's own entry: of one who is new, or who works for the actor's house and for no other. */
async function mayKeepPerson(
  { resource, previous }: Pick<Change, 'resource' | 'previous'>,
  keeps: Keeps,
  { reader, now }: Surroundings,
): Promise<boolean> {
  if (!previous) return !resource || !(await isKnownAlready(resource, reader));
  if (resource && JSON.stringify(resource.identifier) !== JSON.stringify(previous.identifier)) return false;
  const posts = await reader.search({
    type: 'PractitionerRole',
    filter: { kind: 'term', term: `practitioner|>Practitioner/${previous.id}` },
    sort: [],
    limit: most,
  });
  const houses = new Set<string | undefined>();
  for (const { version } of posts) {
    const post = JSON.parse(version.text) as Resource;
    if (post.active === false || !isWithin(elements(post, 'period')[0], now)) continue;
    houses.add(await organizationAt(reader, post.organization));
  }
  for (const house of houses) if (house === undefined || !(await keeps(house))) return false;
  return houses.size > 0;
}

/** Whether somebody has one of a person's identifiers: two with one could not sign in by it. */
async function isKnownAlready(person: Resource, reader: Reader): Promise<boolean> {
  const asked = elements(person, 'identifier').flatMap(({ system, value }) =>
    typeof system === 'string' && typeof value === 'string'
      ? [tokenQuery({ name: 'identifier', types: undefined, exact: false }, `${system}|${escaped(value)}`)]
      : [],
  );
  return asked.length > 0 && (await reader.count('Practitioner', or(asked))) > 0;
}

/** A value as it stands in a search (http://hl7.org/fhir/R4/search.html#escaping). */
function escaped(value: string): string {
  return value.replace(/[\\,|$]/g, '\\$&');
}

/** The organizations whose time a Schedule, or the Schedule of a Slot, is. */
async function offeredBy(resource: Resource, surroundings: Surroundings): Promise<(string | undefined)[]> {
  const { reader, submitted } = surroundings;
  if (resource.resourceType === 'Slot') {
    const reference = referenceIn(resource.schedule) ?? '';
    const [type, id] = reference.split('/') as [string, string?];
    if (type !== 'Schedule' || id === undefined) return [];
    const brought = submitted.get(reference);
    const text = brought ? undefined : (await reader.read(type, id))?.text;
    const schedule = brought ?? (text ? (JSON.parse(text) as Resource) : undefined);
    return schedule?.resourceType === 'Schedule' ? offeredBy(schedule, surroundings) : [];
  }
  const found: string[] = [];
  for (const actor of (resource.actor ?? []) as Element[]) {
    const organization = await organizationAt(reader, actor);
    if (organization !== undefined) found.push(organization);
  }
  return found;
}

function referenceIn(member: unknown): string | undefined {
  const reference = (member as { reference?: unknown } | undefined)?.reference;
  return typeof reference === 'string' ? reference : undefined;
}

/** The organization that a member leads to, by itself or by its services and people. */
export async function organizationAt(reader: Reader, member: unknown): Promise<string | undefined> {
  const reference = referenceIn(member);
  return reference === undefined ? undefined : organizationOf(reader, reference);
}
