import { readJson } from '../fhir/json/parse.ts';
import { applyFhirPathPatch } from '../fhir/patch/fhirpath-patch.ts';
import { applyJsonPatch } from '../fhir/patch/json-patch.ts';
import { refusals, refuse } from '../fhir/refusal.ts';
import { isElement, isResource, type Resource } from '../fhir/resource.ts';
import type { StoredVersion } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { textsOf } from './audited.ts';
import { findMatch, readCondition } from './condition.ts';
import { knowingCodes } from './knowing-codes.ts';
import { checkIfMatch } from './preconditions.ts';
import type { Request } from './request.ts';
import { type ValidResource, validResource } from './resource-body.ts';
import type { Server } from './server.ts';
import { write } from './write.ts';

/**
 * Changes a resource by a JSON Patch or a FHIRPath Patch (http://hl7.org/fhir/R4/http.html#patch), conditionally
 * when the address has no id: what the patch gives is validated like an update.
 */
export async function patch(server: Server, request: Request): Promise<Answer> {
  const type = request.type!;
  const condition = request.id === undefined ? readCondition(server, type, request.query) : undefined;
  return server.store.write(async (transaction): Promise<Answer> => {
    if (condition) await transaction.exclusive(condition.key);
    const current = condition
      ? await findMatch(transaction, condition)
      : await transaction.read(type, request.id!);
    checkIfMatch(request.ifMatch, current);
    const { resource, issues, isBroken } = await patched(
      server,
      request,
      current,
      condition ? `${type}?${condition.text}` : `${type}/${request.id}`,
    );
    const planned = { method: 'PATCH', type, id: current!.id, resource, replaced: current } as const;
    const [kept] = await write(server, transaction, [planned], { noted: issues, isBroken });
    return {
      status: 200,
      version: kept!.version,
      issues: [...issues, ...kept!.issues],
      about: textsOf([current!]),
    };
  });
}

/** The resource that a patch makes of the current version, valid; refuses with 404 or 410 when there is none. */
export async function patched(
  server: Server,
  { body, patch: kind }: Pick<Request, 'body' | 'patch'>,
  current: StoredVersion | undefined,
  address: string,
): Promise<ValidResource> {
  if (!current) throw refuse(refusals.notFound, [address]);
  if (current.text === null) throw refuse(refusals.gone, [address]);
  const before = readJson(current.text) as Resource;
  if (body === undefined) throw refuse(refusals.emptyPatch);
  if (kind !== 'json') refuseOtherPatch(body);
  const after = kind === 'json' ? applyJsonPatch(before, body) : applyFhirPathPatch(before, body);
  return validResource(await knowingCodes(server, after), after, current.type);
}

/** What came as FHIR JSON and is no FHIRPath Patch: says what it looks like, and how to send that. */
function refuseOtherPatch(body: unknown): void {
  if (isResource(body) && body.resourceType === 'Parameters') return;
  if (Array.isArray(body)) throw refuse(refusals.jsonPatchAsJson);
  if (isElement(body)) throw refuse(refusals.mergePatch);
}
