import { readJson } from '../fhir/json/parse.ts';
import { serialise } from '../fhir/json/serialise.ts';
import type { Resource } from '../fhir/resource.ts';
import { type Subset, subsetAsked, subsetOf } from '../fhir/search/summary.ts';
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
  return { status: 200, version, ...(subset && { json: subsetText(server, version.text!, subset) }) };
}

/** The JSON of a part of a stored resource. */
export function subsetText({ definitions }: ReadingServer, text: string, subset: Subset): string {
  const resource = readJson(text) as Resource;
  return serialise(subsetOf(definitions, resource, subset));
}
