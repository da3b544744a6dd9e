import type { Answer } from './answer.ts';
import { present } from './present.ts';
import { presentVersion } from './present-version.ts';
import type { Request } from './request.ts';
import type { ReadingServer } from './server.ts';

/**
 * Reads one version of a resource (http://hl7.org/fhir/R4/http.html#vread): 404 when there is no such version,
 * 410 when that version is the deletion.
 */
export async function vread(server: ReadingServer, request: Request): Promise<Answer> {
  const { type, id, versionId } = request;
  return present(server, request, await presentVersion(server.store, type!, id!, versionId));
}
