import type { Operation } from '../operation.ts';
import { encounterEverything, patientEverything } from './everything.ts';
import { meta } from './meta.ts';
import { metaAdd } from './meta-add.ts';
import { metaDelete } from './meta-delete.ts';
import { terminologyOperations } from './terminology/operations.ts';
import { validate } from './validate.ts';

/** The operations that FHIR itself defines (http://hl7.org/fhir/R4/operationslist.html), as far as they are here. */
export const fhirOperations: readonly Operation[] = [
  validate,
  meta,
  metaAdd,
  metaDelete,
  patientEverything,
  encounterEverything,
  ...terminologyOperations,
];
