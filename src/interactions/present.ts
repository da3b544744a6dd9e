import { parseJson } from '../fhir/json/parse.ts';
import { serialise } from '../fhir/json/serialise.ts';
import type { Resource } from '../fhir/resource.ts';
import { subsetAsked, subsetOf } from '../fhir/search/summary.ts';
import type { StoredVersion } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { Request } from './request.ts';
import type { ReadingServer } from './server.ts';

/**
 * The answer that is one stored version: its text as it is kept, or the part of it that `_summary` or `_elements`
 * asks for (http://hl7.org/fhir/R4/search.html#summary).
 */
export function present(server: ReadingServer, request: Request, version: StoredVersion): Answer {
  const subset = subsetAsked(request.query);
  if (!subset) return { status: 200, version };
  const resource = parseJson(version.text!, Number.POSITIVE_INFINITY) as Resource;
  return { status: 200, version, json: serialise(subsetOf(server.definitions, resource, subset)) };
}
