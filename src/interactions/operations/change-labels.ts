import { readJson } from '../../fhir/json/parse.ts';
import { serialise } from '../../fhir/json/serialise.ts';
import { type Issue, isError } from '../../fhir/outcome.ts';
import { Refusal, refusals, refuse } from '../../fhir/refusal.ts';
import { isElement, type Meta, type Resource } from '../../fhir/resource.ts';
import { extractEntries } from '../../fhir/search/extract.ts';
import type { OperationAnswer, OperationRequest } from '../operation.ts';
import { presentVersion } from '../present-version.ts';
import type { Server } from '../server.ts';
import { type Labels, labelsOf } from './labels.ts';
import { metaAnswer } from './meta.ts';

/**
 * Changes the labels of a resource, or of one of its versions, in place: it stays the same version with the same
 * `lastUpdated`, and nothing but profiles, security labels and tags changes. "Changes to the content might not always be
 * associated with version changes to the resource" (http://hl7.org/fhir/R4/resource-definitions.html#Resource.meta).
 * Refuses with 422 a claim to a profile that the resource does not meet.
 */
export async function changeLabels(
  request: OperationRequest,
  server: Server,
  change: (present: Labels, given: Labels) => Labels,
): Promise<OperationAnswer> {
  const given = givenLabels(request, server);
  const { type, id, versionId } = request;
  return server.store.write(async (transaction) => {
    const version = await presentVersion(transaction, type!, id!, versionId);
    const before = readJson(version.text) as Resource;
    const { profile, security, tag, ...rest } = before.meta ?? {};
    const meta: Meta = { ...rest, ...change(labelsOf(before.meta), given) };
    const after: Resource = { ...before, meta };
    refuseFalseClaims(server, after, profile);
    const entries = extractEntries(server.parameters, after, server.base);
    await transaction.amend({ ...version, text: serialise(after), entries });
    return metaAnswer(meta);
  });
}

/** The labels in the parameter `meta`. */
function givenLabels({ body }: OperationRequest, server: Server): Labels {
  const parameters = body?.resourceType === 'Parameters' ? body.parameter : undefined;
  const stated = Array.isArray(parameters)
    ? parameters.filter((parameter) => isElement(parameter) && parameter.name === 'meta')
    : [];
  const [meta] = stated;
  if (stated.length !== 1 || !isElement(meta?.valueMeta))
    throw refuse(refusals.invalidRequest, [
      { zh: '须有一个带 valueMeta 的参数「meta」', en: 'one parameter "meta" with a valueMeta is needed' },
    ]);
  refuseErrors(400, server.validator.validateBase(body));
  return labelsOf(meta.valueMeta as Meta);
}

function refuseFalseClaims(server: Server, resource: Resource, known: readonly string[] = []): void {
  const claimed = (resource.meta?.profile ?? []).filter((url) => !known.includes(url));
  refuseErrors(
    422,
    claimed.flatMap((url) => server.validator.validateProfile(url, resource)),
  );
}

function refuseErrors(status: number, issues: readonly Issue[]): void {
  if (issues.some(isError)) throw new Refusal(status, issues);
}
