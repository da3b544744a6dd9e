import { none, or, type Query } from '../../fhir/search/query.ts';
import type { Actor } from '../../interactions/actor.ts';

/** Who answer for what an organization's people do. */
const responsible: ReadonlySet<string> = new Set(['administrator', 'medical-affairs']);

/**
 * The AuditEvents that an actor may see, as a search filter: an organization's administrator and its medical affairs office
 * see what was done for it; patients see who has seen their record. Others see none.
 */
export function auditVisibleTo({ organization, person, roles }: Actor): Query {
  const filters: Query[] = [];
  if (organization && roles.some((role) => responsible.has(role)))
    filters.push({ kind: 'term', term: `agent|>${organization}` });
  if (person?.startsWith('Patient/')) filters.push({ kind: 'term', term: `patient|>${person}` });
  return filters.length > 0 ? or(filters) : none;
}
