import { refusals, refuse } from '../fhir/refusal.ts';
import type { Reader, StoredVersion } from '../store/store.ts';

/**
 * The version that an address names: the current one of a resource, or, with a version id, that one. Refuses with 404
 * what is not there and with 410 a deletion (http://hl7.org/fhir/R4/http.html#read, #vread).
 */
export async function presentVersion(
  reader: Reader,
  type: string,
  id: string,
  versionId?: string,
): Promise<StoredVersion & { text: string }> {
  const path = versionId === undefined ? `${type}/${id}` : `${type}/${id}/_history/${versionId}`;
  const version =
    versionId === undefined ? await reader.read(type, id) : await readNumbered(reader, type, id, versionId);
  if (!version) throw refuse(refusals.notFound, [path]);
  if (version.text === null) throw refuse(refusals.gone, [path]);
  return version as StoredVersion & { text: string };
}

async function readNumbered(reader: Reader, type: string, id: string, versionId: string) {
  return /^[1-9]\d{0,14}$/.test(versionId) ? reader.readVersion(type, id, Number(versionId)) : undefined;
}
