import { readJson } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../operation.ts';
import { presentVersion } from '../present-version.ts';
import type { Server } from '../server.ts';
import { findLabels } from './find-labels.ts';
import { type Labels, withLabels } from './labels.ts';

/**
 * The metadata of a resource or of one of its versions; on a type or the system "a list of all profiles, tags and
 * security labels in use" there (http://hl7.org/fhir/R4/resource-operation-meta.html).
 */
export const meta: Operation = {
  name: '$meta',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta',
  on: { system: true, type: true, instance: true, version: true },
  affectsState: false,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const { store, type, id, versionId } = request;
  if (id !== undefined) {
    const { text } = await presentVersion(store, type!, id, versionId);
    return metaAnswer((readJson(text) as Resource).meta ?? {});
  }
  let labels: Labels = {};
  for (const each of type === undefined ? server.definitions.resourceTypes : [type])
    labels = withLabels(labels, await findLabels(store, each, server.limits.searchTimeout));
  return metaAnswer(labels);
}

/** Metadata as an operation gives it: Parameters with a `return`. */
export function metaAnswer(valueMeta: object): OperationAnswer {
  return {
    status: 200,
    resource: { resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta }] },
  };
}
