import { refusals, refuse } from '../fhir/refusal.ts';
import type { StoredVersion } from '../store/store.ts';
import { entityTag, namesVersion } from './answer.ts';

/**
 * Holds `If-Match` (http://hl7.org/fhir/R4/http.html#concurrency) against the current version. Refuses with 412
 * when the client speaks of another version, or of a resource that is not there.
 */
export function checkIfMatch(ifMatch: string | undefined, current: StoredVersion | undefined): void {
  if (ifMatch === undefined) return;
  const exists = current !== undefined && current.text !== null;
  if (!exists || !namesVersion(ifMatch, current))
    throw refuse(refusals.versionConflict, [ifMatch, exists ? entityTag(current) : '-']);
}
