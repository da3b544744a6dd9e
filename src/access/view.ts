import { and, not, or, type Query } from '../fhir/search/query.ts';
import { tokenQuery } from '../fhir/search/types/token.ts';
import { type Actor, isBoundToPatient, isOfPatient, isPatientThemselves } from '../interactions/actor.ts';
import { isReader } from './access.ts';
import { auditVisibleTo } from './audit/readers.ts';
import { isSensitive } from './identity/scopes.ts';
import { purposes, treatment } from './purposes.ts';
import { isIdentifiedHistory, isInsurers, kindOf } from './types.ts';

/** What one actor may see of the store. */
export interface View {
  /** The organization as which the actor writes. */
  author: string | undefined;
  /** Nothing but what is of one patient is seen: nobody else is recognised by what is known of them. */
  isOfOnePatient?: boolean;
  /**
   * The filter that all resources of a type which the actor may find (`search-type`, and so by default) or `read` meet,
   * and no others: scopes tell these apart.
   */
  filter(type: string, interaction?: Reading): Query;
  /** Whether the actor may see a resource with this beside it; undefined where its content decides, so that it must be searched by `filter`. */
  shows(type: string, access: string | undefined): boolean | undefined;
}

/** The two ways of reading that scopes permit: `r` and `s`. */
export type Reading = 'read' | 'search-type';

/** What the token of the actor permits to be reached of a type. */
export type Bind = (interaction: Reading, type: string) => Query;

/** Which labels give leave to read: one of `any`, and none of `without`. */
interface Leave {
  any: readonly string[] | 'all';
  without: readonly string[];
}

const nothing: Leave = { any: [], without: [] };

/**
 * The view of an actor, by organization, roles and purpose of use. One table says what each role adds:
 *
 * | role | reads |
 * |---|---|
 * | any of an organization | directories, definitions, and what its organization wrote, was sent or has the Task of |
 * | `alliance-office` | also what the members of its alliance may read |
 * | `family-doctor` | also what is about the residents whom the organization has signed |
 * | `insurer` | directories, definitions, and the coverages that name it as payor |
 * | `platform` | directories, definitions, MeasureReports; with a purpose of use the history of referrals |
 * | `administrator` | directories, definitions, and the doors: registered clients and people; no patients |
 * | the patient, or who represents them | directories, definitions, and all that is of this patient, whoever wrote it |
 *
 * Scopes bound this further (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html), and what is of a
 * sensitive category (`meta.security` R or V) is seen only with one whose criteria name that. A scope `patient/…` is one more bound:
 * of what the actor may see, what is of the patient of the launch.
 * Who is only `insurer`, `platform` or `administrator` has none of what an organization that treats patients reads.
 */
export function viewOf(actor: Actor, bind: Bind): View {
  const isOwn = isPatientThemselves(actor);
  const purpose = actor.purpose ?? treatment;
  const roles = new Set(actor.roles);
  const labels = labelsOf(actor, roles);
  const ownLabels = labels.length > 0 ? labels : labelsOf({ ...actor, roles: [] }, new Set());
  const leaves = new Map<string, Leave>();

  function leaveOf(type: string): Leave | 'everything' {
    switch (kindOf(type)) {
      case 'directory':
      case 'definition':
        return 'everything';
      case 'door':
        return roles.has('administrator') ? 'everything' : nothing;
      default: {
        let leave = leaves.get(type);
        if (!leave) {
          leave = leaveToRecords(type);
          leaves.set(type, leave);
        }
        return leave;
      }
    }
  }

  function leaveToRecords(type: string): Leave {
    if (isOwn) return { any: 'all', without: [] };
    if (roles.has('platform') && type === 'MeasureReport') return { any: 'all', without: [] };
    if (roles.has('platform') && actor.purpose !== undefined && isIdentifiedHistory(type))
      return { any: 'all', without: ['withheld'] };
    // Whoever is told, be it a platform, sees what it has asked for.
    if (type === 'Subscription') return leaveFor(ownLabels, treatment, false);
    if (roles.has('insurer') && !isInsurers(type) && !treats(roles)) return nothing;
    return leaveFor(labels, purpose, maySeeSensitive(type));
  }

  /** A scope about one patient gives leave for what is sensitive only where no other shows what is of more. */
  function maySeeSensitive(type: string): boolean {
    const scopes = (actor.scopes ?? []).filter((scope) => scope.type === '*' || scope.type === type);
    const isOfOne = isOwn || scopes.every(isOfPatient);
    return scopes.some((scope) => isSensitive(scope) && (isOfOne || !isOfPatient(scope)));
  }

  const bounds = new Map<string, Query>();
  /** What the token permits to be read or found of a type. */
  function boundOf(type: string, interaction: Reading): Query {
    let bound = bounds.get(`${interaction} ${type}`);
    if (!bound) {
      bound = bind(interaction, type);
      if (isOwn && kindOf(type) === 'record' && !maySeeSensitive(type)) bound = and([bound, not(sensitive)]);
      bounds.set(`${interaction} ${type}`, bound);
    }
    return bound;
  }

  return {
    author: actor.organization,
    isOfOnePatient: isBoundToPatient(actor),
    filter(type, interaction = 'search-type') {
      const bound = boundOf(type, interaction);
      if (type === 'AuditEvent') return and([bound, auditVisibleTo(actor)]);
      const leave = leaveOf(type);
      if (leave === 'everything') return bound;
      const { any, without } = leave;
      const left = and([
        any === 'all' ? { kind: 'all' } : readers(any),
        ...(without.length > 0 ? [not(readers(without))] : []),
      ]);
      return and([bound, type === 'Basic' ? or([left, isTopic]) : left]);
    },
    shows(type, access) {
      const bound = actor.scopes || isOwn ? boundOf(type, 'read').kind : 'all';
      if (bound === 'none') return false;
      if (type === 'AuditEvent') return undefined;
      const leave = leaveOf(type);
      if (leave === 'everything') return bound === 'all' ? true : undefined;
      const { any, without } = leave;
      const isShown =
        (any === 'all' || any.some((label) => isReader(access, label))) &&
        !without.some((label) => isReader(access, label));
      if (!isShown && type === 'Basic') return undefined;
      return isShown && bound !== 'all' ? undefined : isShown;
    },
  };
}

/** What can be subscribed to is a definition, though R4 has it as a Basic. */
const isTopic: Query = { kind: 'term', term: 'code|http://hl7.org/fhir/fhir-types|subscriptiontopic' };

/** What is of a sensitive category. */
const sensitive: Query = or(
  ['R', 'V'].map((code) =>
    tokenQuery(
      { name: '_security', types: undefined, exact: false },
      `http://terminology.hl7.org/CodeSystem/v3-Confidentiality|${code}`,
    ),
  ),
);

/** The roles whose bearers have no part in the treatment of patients. */
const apart: ReadonlySet<string> = new Set(['insurer', 'platform', 'administrator']);

export function treats(roles: ReadonlySet<string>): boolean {
  return roles.size === 0 || [...roles].some((role) => !apart.has(role));
}

function labelsOf({ organization }: Actor, roles: ReadonlySet<string>): string[] {
  if (organization === undefined) return [];
  if (!treats(roles)) return roles.has('insurer') ? [organization] : [];
  // What the office of an alliance writes is its alliance's, too.
  if (roles.has('alliance-office')) return [`alliance ${organization}`];
  return roles.has('family-doctor') ? [organization, `family ${organization}`] : [organization];
}

/** The labels with their marks. Who acts for treatment, without leave for what is sensitive, asks for one alone. */
function leaveFor(labels: readonly string[], purpose: string, sensitive: boolean): Leave {
  const marks = sensitive ? ['', '#restricted'] : [''];
  if (purpose === treatment) return { any: marked(labels, marks), without: [] };
  const known = (purposes as readonly string[]).includes(purpose) ? purpose : 'none';
  return {
    any: marked([...labels, ...labels.map((label) => `${label}?${known}`)], marks),
    without: marked(
      labels.map((label) => `${label}!${known}`),
      marks,
    ),
  };
}

function readers(labels: readonly string[]): Query {
  return labels.length > 0 ? { kind: 'readers', labels } : { kind: 'none' };
}

function marked(labels: readonly string[], marks: readonly string[]): string[] {
  return labels.flatMap((label) => marks.map((mark) => label + mark));
}
