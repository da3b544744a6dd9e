import { none, or, type Query } from '../../fhir/search/query.ts';
import { type Actor, isPatientThemselves } from '../../interactions/actor.ts';

/** Who answer for what an organization's people do. */
const responsible: ReadonlySet<string> = new Set(['administrator', 'medical-affairs']);

/** Who came in, or tried to: it is of no patient, and often of no organization. Terms of tokens are folded. */
const authentications: Query = {
  kind: 'term',
  term: 'type|http://dicom.nema.org/resources/ontology/DCM|110114',
};

/**
 * The AuditEvents that an actor may see, as a search filter: an organization's administrator and its medical affairs office
 * see what was done for it; administrators see all who came in or tried to; patients see who has seen their record.
 * Others see none.
 */
export function auditVisibleTo(actor: Actor): Query {
  const { organization, roles } = actor;
  const filters: Query[] = [];
  if (organization && roles.some((role) => responsible.has(role)))
    filters.push({ kind: 'term', term: `agent|>${organization}` });
  if (roles.includes('administrator')) filters.push(authentications);
  if (isPatientThemselves(actor)) filters.push({ kind: 'term', term: `patient|>${actor.patient}` });
  return filters.length > 0 ? or(filters) : none;
}
