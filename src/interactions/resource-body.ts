import { type Issue, isError } from '../fhir/outcome.ts';
import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import { isResource, type Resource } from '../fhir/resource.ts';
import type { Server } from './server.ts';

const idFormat = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * The resource that a create or update brings, and what is to be said of it by the base specification and the profiles
 * that it names. Refuses with 400 what is no resource of that type or fails the base specification
 * (http://hl7.org/fhir/R4/http.html#create). An error by a profile is among the issues: `write` refuses it, together
 * with what the guards find.
 */
export function validResource(
  server: Pick<Server, 'validator'>,
  body: unknown,
  type: string,
  locate: (issue: Issue) => Issue = (issue) => issue,
): { resource: Resource; issues: Issue[] } {
  if (!isResource(body)) throw refuse(refusals.invalidRequest, ['the body is not a FHIR resource']);
  if (body.resourceType !== type)
    throw refuse(refusals.typeMismatch, [String(body.resourceType).slice(0, 64), type]);
  const base = server.validator.validateBase(body).map(locate);
  if (base.some(isError)) throw new Refusal(400, base);
  const claimed = server.validator.validateClaimed(body).map(locate);
  return { resource: body, issues: [...base, ...claimed] };
}

/** Refuses an id that is not of FHIR's form (http://hl7.org/fhir/R4/datatypes.html#id). */
export function checkId(id: string): void {
  if (!idFormat.test(id)) throw refuse(refusals.invalidId, [id.slice(0, 80)]);
}

/** The resource of an update must carry the id of the address (http://hl7.org/fhir/R4/http.html#update). */
export function checkUpdatedId(id: string, resource: Resource): void {
  checkId(id);
  if (resource.id === undefined) throw refuse(refusals.idMissing);
  if (resource.id !== id) throw refuse(refusals.idMismatch, [String(resource.id).slice(0, 80), id]);
}
