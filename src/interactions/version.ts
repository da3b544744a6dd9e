import { serialise } from '../fhir/json/serialise.ts';
import type { Resource } from '../fhir/resource.ts';
import { noEntries } from '../fhir/search/entries.ts';
import { extractEntries } from '../fhir/search/extract.ts';
import type { IndexedVersion, StoredVersion } from '../store/store.ts';
import type { Server } from './server.ts';

/** The method that a version is kept with. */
type Method = StoredVersion['method'];

/**
 * The next version of a resource as it will be kept: `id`, `meta.versionId` and `meta.lastUpdated` are the server's
 * (http://hl7.org/fhir/R4/resource.html#meta), everything else is as the client sent it.
 */
export function nextVersion(
  server: Pick<Server, 'parameters' | 'base'>,
  method: Method,
  id: string,
  sent: Resource,
  replaced: StoredVersion | undefined,
  now: number,
): IndexedVersion {
  const version = (replaced?.version ?? 0) + 1;
  const updated = notBefore(replaced, now);
  const { resourceType, id: _, meta, ...members } = sent;
  const resource: Resource = {
    resourceType,
    id,
    meta: { ...meta, versionId: String(version), lastUpdated: new Date(updated).toISOString() },
    ...members,
  };
  const entries = extractEntries(server.parameters, resource, server.base);
  return { type: resourceType, id, version, updated, method, text: serialise(resource), entries };
}

/** The version that says that a resource was deleted. */
export function deletion(replaced: StoredVersion, now: number): IndexedVersion {
  const { type, id, version } = replaced;
  const updated = notBefore(replaced, now);
  return { type, id, version: version + 1, updated, method: 'DELETE', text: null, entries: noEntries };
}

/** "lastUpdated" never goes back from one version to the next, whatever another server's clock has said. */
function notBefore(replaced: StoredVersion | undefined, now: number): number {
  return Math.max(now, replaced?.updated ?? now);
}
