import { codings, elements, string } from '../fhir/elements.ts';
import { isWithin } from '../fhir/period.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import { spanOf } from '../fhir/search/time.ts';
import type { Reader } from '../store/store.ts';
import { type Access, accessOf, type Decided, type Provision } from './access.ts';

/** So many Consents and CareTeams of one patient are read. */
const most = 200;
/** So many resources one provision may name. */
const mostNamed = 500;

const path = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;

/** Whether a resource of this type says who may read what is about a patient. */
export function isDecision(type: string): boolean {
  return type === 'Consent' || type === 'CareTeam';
}

/** The patients on whose resources a Consent or CareTeam decides. */
export function patientsDecidedOn(text: string | null | undefined): string[] {
  if (!text) return [];
  const { patient, subject } = JSON.parse(text) as Resource &
    Record<'patient' | 'subject', Reference | undefined>;
  return [patient, subject].flatMap((each) =>
    each?.reference?.startsWith('Patient/') ? [each.reference] : [],
  );
}

interface Reference {
  reference?: string;
}

/** The organization that a reference leads to: itself, or that of a service, of a person in office, or of a team. */
export async function organizationOf(reader: Reader, to: string): Promise<string | undefined> {
  const [, type, id] = path.exec(to) ?? [];
  if (type === 'Organization') return to;
  const member = {
    HealthcareService: 'providedBy',
    Location: 'managingOrganization',
    PractitionerRole: 'organization',
    CareTeam: 'managingOrganization',
  }[type ?? ''];
  if (member === undefined) return undefined;
  const version = await reader.read(type!, id!);
  if (!version?.text) return undefined;
  const link = (JSON.parse(version.text) as Resource)[member] as Reference | Reference[] | undefined;
  const organization = (Array.isArray(link) ? link[0] : link)?.reference;
  return organization?.startsWith('Organization/') ? organization : undefined;
}

interface Asked {
  now: number;
  organizationAt(path: string): Promise<string | undefined>;
}

/**
 * What a patient has decided, as it is on record now: the teams of family doctors that have signed the patient
 * (CareTeam in force, of the category `family-doctor`), and the provisions of the Consents in force. Only who may
 * read the Patient can bring a decision; a permit of one who neither registered nor signed the patient goes no further
 * than to what that organization has made itself.
 */
export async function decisionsOn(
  reader: Reader,
  patient: string,
  { author, grants, decided }: Access,
  { now, organizationAt }: Asked,
): Promise<Decided> {
  const residentOf = new Set(decided?.signed);
  const known = new Set([...Object.keys(grants), ...(author === undefined ? [] : [author])]);
  for (const { resource, by } of await about(reader, 'CareTeam', patient)) {
    if (!isFamilyTeam(resource) || !isWithin(elements(resource, 'period')[0], now)) continue;
    const team = await organizationsAt(elements(resource, 'managingOrganization'), organizationAt);
    for (const organization of team)
      if (by === undefined || (by === organization && known.has(by))) residentOf.add(organization);
  }
  const provisions: Provision[] = [];
  for (const { resource, by } of await about(reader, 'Consent', patient)) {
    if (resource.status !== 'active' || (by !== undefined && !known.has(by) && !residentOf.has(by))) continue;
    const isTrusted = by === undefined || by === author || residentOf.has(by);
    for (const provision of provisionsOf(resource)) {
      if (!isWithin(elements(provision, 'period')[0], now)) continue;
      const read = await readProvision(reader, resource, provision, by === undefined, organizationAt);
      if (read)
        provisions.push(isTrusted || read.type === 'deny' || read.emergency ? read : { ...read, from: by! });
    }
  }
  return { signed: decided?.signed ?? [], residentOf: [...residentOf].sort(), provisions };
}

/** The instants at which what the Consents and CareTeams of a text decide begins or ends to hold. */
export function boundsOf(text: string): number[] {
  const resource = JSON.parse(text) as Resource;
  return [resource, ...provisionsOf(resource)].flatMap((parent) => {
    const [period] = elements(parent, 'period');
    const low = spanOf(string(period, 'start') ?? '')?.low;
    const high = spanOf(string(period, 'end') ?? '')?.high;
    return [low, high === undefined ? undefined : high + 1].filter((each) => each !== undefined);
  });
}

interface Found {
  resource: Resource;
  /** Who has brought it. */
  by: string | undefined;
}

async function about(reader: Reader, type: string, patient: string): Promise<Found[]> {
  const filter = {
    kind: 'or',
    of: ['patient', 'subject'].map((name) => ({ kind: 'term', term: `${name}|>${patient}` }) as const),
  } as const;
  const found = await reader.search({ type, filter, sort: [], limit: most });
  return found.map(({ version }) => ({
    resource: JSON.parse(version.text) as Resource,
    by: accessOf(version)?.author,
  }));
}

/** Whether a CareTeam says that family doctors have signed its subject. */
export function isFamilyTeam({ status, category }: Resource): boolean {
  if (status !== undefined && status !== 'active') return false;
  return codings({ category }, 'category').some(({ code }) => code === 'family-doctor');
}

/** The root provision, and its exceptions: "provisions … nested to express exceptions". */
function provisionsOf({ resourceType, provision }: Resource): Element[] {
  if (resourceType !== 'Consent' || !provision) return [];
  const root = provision as Element;
  const nested = (root.provision ?? []) as Element[];
  return [root, ...nested.map((each) => ({ period: root.period, ...each }))];
}

async function readProvision(
  reader: Reader,
  consent: Resource,
  provision: Element,
  isServers: boolean,
  organizationAt: Asked['organizationAt'],
): Promise<Provision | undefined> {
  const { type } = provision;
  if (type !== 'permit' && type !== 'deny') return undefined;
  const stated = elements(provision, 'actor');
  const actors = await organizationsAt(
    stated.flatMap((actor) => elements(actor, 'reference')),
    organizationAt,
  );
  // A permit for nobody in particular is what holds anyway; one whose actors are unknown gives nobody anything.
  if (actors.length === 0 && (type === 'permit' || stated.length > 0)) return undefined;
  const purposes = ((provision.purpose ?? []) as { code?: string }[]).flatMap(({ code }) => code ?? []);
  const data = (provision.data ?? []) as { meaning?: string; reference?: Reference }[];
  const resources = await resourcesOf(reader, data);
  const isEmergency = codings(consent, 'category').some(({ code }) => code === 'break-the-glass');
  return {
    type,
    ...(actors.length > 0 && { actors }),
    ...(purposes.length > 0 && { purposes }),
    ...(data.length > 0 && { resources }),
    ...(isEmergency && isServers && { emergency: true as const }),
  };
}

/**
 * The resources that a provision names (http://hl7.org/fhir/R4/valueset-consent-data-meaning.html): itself, with what it
 * refers to (`related`), or with what refers to it (`dependents`, as far as that is known by `related`).
 */
async function resourcesOf(
  reader: Reader,
  data: readonly { meaning?: string; reference?: Reference }[],
): Promise<string[]> {
  const named = new Set<string>();
  for (const { meaning, reference } of data) {
    const [to, type, id] = path.exec(reference?.reference ?? '') ?? [];
    if (!to) continue;
    named.add(to);
    if (meaning === 'instance') continue;
    const version = await reader.read(type!, id!);
    for (const found of version?.text?.matchAll(/"reference":"([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})"/g) ??
      [])
      if (named.size < mostNamed && !found[1]!.startsWith('Patient/')) named.add(found[1]!);
  }
  return [...named];
}

/** The organizations to which references lead. */
async function organizationsAt(
  references: readonly Element[],
  organizationAt: Asked['organizationAt'],
): Promise<string[]> {
  const found: string[] = [];
  for (const link of references) {
    const reference = string(link, 'reference');
    const organization = reference && (await organizationAt(reference));
    if (organization) found.push(organization);
  }
  return found;
}
