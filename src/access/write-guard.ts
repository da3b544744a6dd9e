import { codings } from '../fhir/elements.ts';
import { type RefusalKind, refusals, refuse } from '../fhir/refusal.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import { extractEntries } from '../fhir/search/extract.ts';
import { matches } from '../fhir/search/matcher.ts';
import type { SearchServer } from '../fhir/search/parse.ts';
import type { Actor } from '../interactions/actor.ts';
import type { Change, Finding, Guard } from '../interactions/guard.ts';
import type { Reader } from '../store/store.ts';
import { type Access, accessOf } from './access.ts';
import { boundOf } from './bound.ts';
import { isFamilyTeam } from './decisions.ts';
import { mayKeepDirectory, organizationAt, type Surroundings } from './directory-guard.ts';
import { isInsurers, isShared, kindOf } from './types.ts';
import { treats } from './view.ts';

/** A Consent of this category is made by the server alone, when somebody breaks the glass. */
const emergency = 'break-the-glass';

/** Whether it is said elsewhere in whose name a resource is written: the Tasks of referrals, by the table of steps. */
export type IsGoverned = (resource: Resource) => boolean;

/**
 * The guard that judges who writes: an organization what is its own, and never another's; the offices of the server the
 * directories and definitions. Nobody makes themselves somebody else: by writing in another's name, an office in a
 * PractitionerRole, or leave to read in a Consent. What a scope's criteria do not find, before and after, it does not
 * permit to write. Refuses with 403.
 */
export function createWriteGuard(searching: SearchServer, isGoverned: IsGoverned = () => false): Guard {
  return async ({ changes, actor, reader, now }) => {
    const findings: Finding[] = [];
    if (!actor || actor.isSystem) return { findings, keep: [] };
    const submitted = new Map(changes.map(({ type, id, resource }) => [`${type}/${id}`, resource]));
    for (const [index, change] of changes.entries()) {
      const refused =
        beyondScopes(change, actor, searching) ??
        (await judge(change, actor, { reader, submitted, now, isGoverned }));
      if (refused) findings.push({ ...refuse(refused.kind, refused.details).issues[0]!, change: index });
    }
    return { findings, keep: [], ...(findings.length > 0 && { status: 403 }) };
  };
}

interface Judging extends Surroundings {
  isGoverned: IsGoverned;
}

interface Refused {
  kind: RefusalKind;
  details: readonly string[];
}

function beyondScopes(change: Change, actor: Actor, searching: SearchServer): Refused | undefined {
  const { type, id, resource } = change;
  const interaction = resource === null ? 'delete' : isNew(change) ? 'create' : 'update';
  const bound = boundOf(searching, actor, interaction, type);
  if (bound.kind === 'all') return undefined;
  const isWithin = (each: Resource | null) => {
    if (!each) return true;
    const entries = extractEntries(searching.parameters, each, searching.base);
    const searchable = { type, id, updated: searching.now(), entries };
    return matches(bound, searchable);
  };
  return bound.kind !== 'none' && isWithin(resource) && isWithin(change.previous)
    ? undefined
    : { kind: refusals.insufficientScope, details: [`${type}.${interaction[0]}`] };
}

async function judge(change: Change, actor: Actor, surroundings: Judging): Promise<Refused | undefined> {
  const { type, id } = change;
  const path = `${type}/${id}`;
  const roles = new Set(actor.roles);
  if (roles.has('administrator') && kindOf(type) !== 'record') return undefined;
  switch (kindOf(type)) {
    case 'door':
      return { kind: refusals.notYours, details: [path] };
    case 'definition':
      return roles.has('alliance-office') ? undefined : { kind: refusals.notYours, details: [path] };
    case 'directory':
      return (await mayKeepDirectory(change, actor, surroundings))
        ? undefined
        : { kind: refusals.notYours, details: [path] };
    default:
      return judgeRecord(change, actor, roles, surroundings);
  }
}

async function judgeRecord(
  change: Change,
  actor: Actor,
  roles: ReadonlySet<string>,
  { reader, isGoverned }: Judging,
): Promise<Refused | undefined> {
  const { type, id, resource, previous, access } = change;
  const path = `${type}/${id}`;
  const notYours = { kind: refusals.notYours, details: [path] };
  const { organization } = actor;
  const mayWrite = treats(roles) || type === 'Subscription' || (roles.has('insurer') && isInsurers(type));
  if (!mayWrite) return notYours;
  if (organization === undefined) return notYours;
  const known = accessOf({ access });
  if (!isNew(change) && !isOwn(known, organization) && !(resource && mayShare(type, known, organization)))
    return notYours;
  if (!resource) return undefined;
  // By a label of security whoever shares a Task could hide it from its author.
  if (!isNew(change) && !isOwn(known, organization) && labels(resource) !== labels(previous)) return notYours;
  if (type === 'CareTeam' && isFamilyTeam(resource) && !roles.has('family-doctor')) return notYours;
  if (type === 'Consent' && codings(resource, 'category').some(({ code }) => code === emergency))
    return { kind: refusals.serversAlone, details: [path] };
  if (type === 'Task' && isGoverned(resource)) return undefined;
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
  if (!isShared(type) || !access) return false;
  return (
    access.grants[organization] !== undefined ||
    access.readers.some(
      (label) => label === `alliance ${organization}` || label.startsWith(`alliance ${organization}#`),
    )
  );
}

function labels(resource: Resource | null): string {
  return JSON.stringify(resource?.meta?.security ?? []);
}

/** The organizations in whose name a resource speaks, where that is new in it. */
async function signers(
  type: string,
  resource: Resource,
  previous: Resource | null,
  reader: Reader,
): Promise<string[]> {
  const members =
    type === 'ServiceRequest' || type === 'Task'
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
