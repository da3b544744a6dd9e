import type { Operation } from '../../operation.ts';
import { expandValueSet } from './expand.ts';
import { loadCodes } from './load-codes.ts';
import { lookup } from './lookup.ts';
import { subsumes } from './subsumes.ts';
import { translateCode } from './translate.ts';
import { validateCodeOfSystem, validateCodeOfValueSet } from './validate-code.ts';

/** The operations of a terminology server (http://hl7.org/fhir/R4/terminology-service.html). */
export const terminologyOperations: readonly Operation[] = [
  expandValueSet,
  lookup,
  validateCodeOfSystem,
  validateCodeOfValueSet,
  subsumes,
  translateCode,
  loadCodes,
];
