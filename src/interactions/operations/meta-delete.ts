import type { Operation } from '../operation.ts';
import { changeLabels } from './change-labels.ts';
import { withoutLabels } from './labels.ts';

/**
 * Takes profiles, security labels and tags from a resource
 * (http://hl7.org/fhir/R4/resource-operation-meta-delete.html).
 */
export const metaDelete: Operation = {
  name: '$meta-delete',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta-delete',
  on: { instance: true, version: true },
  affectsState: true,
  run: (request, server) => changeLabels(request, server, withoutLabels),
};
