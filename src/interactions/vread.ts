import { refusals, refuse } from '../fhir/refusal.ts';
import type { Answer } from './answer.ts';
import { present } from './present.ts';
import type { Request } from './request.ts';
import type { ReadingServer } from './server.ts';

/**
 * Reads one version of a resource (http://hl7.org/fhir/R4/http.html#vread): 404 when there is no such version,
 * 410 when that version is the deletion.
 */
export async function vread(server: ReadingServer, request: Request): Promise<Answer> {
  const path = `${request.type}/${request.id}/_history/${request.versionId}`;
  const number = /^[1-9]\d{0,14}$/.test(request.versionId!) ? Number(request.versionId) : undefined;
  const version = number && (await server.store.readVersion(request.type!, request.id!, number));
  if (!version) throw refuse(refusals.notFound, [path]);
  if (version.text === null) throw refuse(refusals.gone, [path]);
  return present(server, request, version);
}
