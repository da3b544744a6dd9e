import { type Issue, isBreaking } from '../fhir/outcome.ts';
import { Refusal, refusals, refuse, sentValue } from '../fhir/refusal.ts';
import { isResource, type Resource } from '../fhir/resource.ts';
import type { Server } from './server.ts';

const idFormat = /^[A-Za-z0-9\-.]{1,64}$/;

/** A resource as it was sent, and what validation says of it. */
export interface ValidResource {
  resource: Resource;
  issues: Issue[];
  /** It breaks the base specification: what else is said of it may follow from that. */
  isBroken: boolean;
}

/**
 * The resource that a create or update brings, and what is to be said of it by the base specification and the profiles
 * that it names. Refuses with 400 what is no resource of that type. An error is among the issues: `write` refuses it,
 * together with what the guards find, so that all is told at once; with 400 when the base specification is broken
 * (http://hl7.org/fhir/R4/http.html#create), which `isBroken` says.
 */
export function validResource(
  server: Pick<Server, 'validator'>,
  body: unknown,
  type: string,
  locate: (issue: Issue) => Issue = (issue) => issue,
): ValidResource {
  if (!isResource(body)) throw refuse(refusals.notAResource);
  if (body.resourceType !== type)
    throw refuse(refusals.typeMismatch, [sentValue(body.resourceType, 64), type]);
  const base = server.validator.validateBase(body).map(locate);
  const claimed = server.validator.validateClaimed(body).map(locate);
  return { resource: body, issues: [...base, ...claimed], isBroken: base.some(isBreaking) };
}

/**
 * Runs what keeps a resource. One that breaks the base specification is refused for that also where the database, which
 * could tell what else is wrong, does not answer.
 */
export async function keeping<T>({ isBroken, issues }: ValidResource, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isBroken && error instanceof Refusal && error.status === refusals.storeUnavailable.status)
      throw new Refusal(400, issues);
    throw error;
  }
}

/** Refuses an id that is not of FHIR's form (http://hl7.org/fhir/R4/datatypes.html#id). */
export function checkId(id: unknown): void {
  if (typeof id !== 'string' || !idFormat.test(id)) throw refuse(refusals.invalidId, [sentValue(id)]);
}

/** The resource of an update must carry the id of the address (http://hl7.org/fhir/R4/http.html#update). */
export function checkUpdatedId(id: string, resource: Resource): void {
  checkId(id);
  if (resource.id === undefined) throw refuse(refusals.idMissing);
  if (resource.id !== id) throw refuse(refusals.idMismatch, [sentValue(resource.id), id]);
}
