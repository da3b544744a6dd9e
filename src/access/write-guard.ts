import { type RefusalKind, refusals, refuse } from '../fhir/refusal.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import type { Actor } from '../interactions/actor.ts';
import type { Change, Finding, Guard } from '../interactions/guard.ts';
import type { Reader } from '../store/store.ts';
import { type Access, accessOf } from './access.ts';
import { organizationOf } from './decisions.ts';
import { permits } from './identity/scopes.ts';
import { isInsurers, kindOf } from './types.ts';
import { treats } from './view.ts';

/** What an office that runs a directory may keep of its own organization: by the member that leads there. */
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

/** What is changed by those who take part in it, not by its author alone; what each may change, other guards say. */
const shared: ReadonlySet<string> = new Set(['Task', 'Appointment', 'AppointmentResponse']);

/** A Consent of this category is made by the server alone, when somebody breaks the glass. */
const emergency = 'break-the-glass';

/**
 * The guard that judges who writes: an organization what is its own, and never another's; the offices of the server the
 * directories and definitions. Nobody makes themselves somebody else: by writing in another's name, an office in a
 * PractitionerRole, or leave to read in a Consent. Refuses with 403.
 */
export const guardWriting: Guard = async ({ changes, actor, reader }) => {
  const findings: Finding[] = [];
  if (!actor || actor.isSystem) return { findings, keep: [] };
  for (const [index, change] of changes.entries()) {
    const refused = (await judge(change, actor, reader)) ?? undefined;
    if (refused) findings.push({ ...refuse(refused.kind, refused.details).issues[0]!, change: index });
  }
  return { findings, keep: [], ...(findings.length > 0 && { status: 403 }) };
};

interface Refused {
  kind: RefusalKind;
  details: readonly string[];
}

async function judge(change: Change, actor: Actor, reader: Reader): Promise<Refused | undefined> {
  const { type, id, resource } = change;
  const path = `${type}/${id}`;
  const interaction = resource === null ? 'delete' : isNew(change) ? 'create' : 'update';
  if (permits(actor.scopes, interaction, type) === 'none')
    return { kind: refusals.scopeTooSmall, details: [`${type}.${interaction[0]}`] };
  const roles = new Set(actor.roles);
  if (roles.has('administrator') && kindOf(type) !== 'record') return undefined;
  switch (kindOf(type)) {
    case 'door':
      return { kind: refusals.notYours, details: [path] };
    case 'definition':
      return roles.has('alliance-office') ? undefined : { kind: refusals.notYours, details: [path] };
    case 'directory':
      return (await mayKeepDirectory(change, actor, roles, reader))
        ? undefined
        : { kind: refusals.notYours, details: [path] };
    default:
      return judgeRecord(change, actor, roles, reader);
  }
}

/** The directory of an own house is kept by its office; its free slots by those who give them. */
async function mayKeepDirectory(
  { type, resource, previous, access }: Change,
  { organization }: Actor,
  roles: ReadonlySet<string>,
  reader: Reader,
): Promise<boolean> {
  if (organization === undefined || !(type in ofTheHouse)) return false;
  const isOffice = roles.has('medical-affairs');
  const givesSlots =
    (type === 'Schedule' || type === 'Slot') && (roles.has('receiver') || roles.has('liaison'));
  if (!isOffice && !givesSlots) return false;
  const member = ofTheHouse[type];
  for (const each of [previous, resource]) {
    if (!each) continue;
    if (type === 'PractitionerRole' && codesOf(each.code).some((code) => offices.has(code))) return false;
    if (member !== undefined && (await organizationAt(reader, each[member])) !== organization) return false;
  }
  const author = accessOf({ access })?.author;
  return !previous || author === organization;
}

async function judgeRecord(
  change: Change,
  actor: Actor,
  roles: ReadonlySet<string>,
  reader: Reader,
): Promise<Refused | undefined> {
  const { type, id, resource, previous, access } = change;
  const path = `${type}/${id}`;
  const notYours = { kind: refusals.notYours, details: [path] };
  const { organization } = actor;
  if (!treats(roles) && !(roles.has('insurer') && isInsurers(type))) return notYours;
  if (organization === undefined) return notYours;
  const known = accessOf({ access });
  if (!isNew(change) && !isOwn(known, organization) && !(resource && mayShare(type, known, organization)))
    return notYours;
  if (!resource) return undefined;
  if (type === 'Consent' && codesOf(resource.category).includes(emergency))
    return { kind: refusals.serversAlone, details: [path] };
  const signed = await signers(type, resource, previous, reader);
  const other = signed.find((each) => each !== organization);
  return other === undefined ? undefined : { kind: refusals.anothersName, details: [path, other] };
}

/** What was deleted is not new: who may make it again is who made it. */
function isNew({ previous, access }: Change): boolean {
  return previous === null && access === undefined;
}

function isOwn(access: Access | undefined, organization: string): boolean {
  return access?.author === organization;
}

function mayShare(type: string, access: Access | undefined, organization: string): boolean {
  if (!shared.has(type) || !access) return false;
  return (
    access.grants[organization] !== undefined ||
    access.readers.some(
      (label) => label === `alliance ${organization}` || label.startsWith(`alliance ${organization}#`),
    )
  );
}

/** The organizations in whose name a resource speaks, where that is new in it. */
async function signers(
  type: string,
  resource: Resource,
  previous: Resource | null,
  reader: Reader,
): Promise<string[]> {
  const members =
    type === 'ServiceRequest'
      ? [resource.requester]
      : type === 'Provenance'
        ? ((resource.agent ?? []) as Element[]).map((agent) => agent.onBehalfOf ?? agent.who)
        : type === 'Communication'
          ? [resource.sender]
          : [];
  const before = JSON.stringify([previous?.requester, previous?.agent, previous?.sender]);
  const found: string[] = [];
  for (const member of members) {
    if (before.includes(JSON.stringify(member ?? ''))) continue;
    const organization = await organizationAt(reader, member);
    if (organization !== undefined) found.push(organization);
  }
  return found;
}

async function organizationAt(reader: Reader, member: unknown): Promise<string | undefined> {
  const reference = (member as { reference?: unknown } | undefined)?.reference;
  return typeof reference === 'string' ? organizationOf(reader, reference) : undefined;
}

function codesOf(concepts: unknown): string[] {
  const list = Array.isArray(concepts) ? (concepts as { coding?: { code?: string }[] }[]) : [];
  return list.flatMap((concept) => (concept?.coding ?? []).flatMap(({ code }) => code ?? []));
}
