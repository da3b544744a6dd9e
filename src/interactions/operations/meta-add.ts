import type { Operation } from '../operation.ts';
import { changeLabels } from './change-labels.ts';
import { withLabels } from './labels.ts';

/** Adds profiles, security labels and tags to a resource (http://hl7.org/fhir/R4/resource-operation-meta-add.html). */
export const metaAdd: Operation = {
  name: '$meta-add',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta-add',
  on: { instance: true, version: true },
  affectsState: true,
  run: (request, server) => changeLabels(request, server, withLabels),
};
