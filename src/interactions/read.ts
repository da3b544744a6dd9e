import type { StoredVersion } from '../store/store.ts';
import { type Answer, namesVersion } from './answer.ts';
import { present } from './present.ts';
import { presentVersion } from './present-version.ts';
import type { Request } from './request.ts';
import type { ReadingServer } from './server.ts';

/**
 * Reads the current version of a resource (http://hl7.org/fhir/R4/http.html#read). Answers 304 when the client
 * has it already (http://hl7.org/fhir/R4/http.html#cread); refuses with 404 what never was and 410 what was deleted.
 */
export async function read(server: ReadingServer, request: Request): Promise<Answer> {
  const version = await presentVersion(server.store, request.type!, request.id!);
  return unchanged(request, version) ? { status: 304, version } : present(server, request, version);
}

function unchanged({ ifNoneMatch, ifModifiedSince }: Request, version: StoredVersion): boolean {
  if (ifNoneMatch !== undefined) return namesVersion(ifNoneMatch, version);
  // HTTP dates know no milliseconds: a version of the same second counts as unchanged.
  return (
    ifModifiedSince !== undefined && Math.floor(version.updated / 1000) * 1000 <= Date.parse(ifModifiedSince)
  );
}
