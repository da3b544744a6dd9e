import type { Resource } from '../../resource.ts';
import { checkMeasureReport } from '../measures/check-report.ts';
import { checkQuestionnaire } from '../questionnaires/check-questionnaire.ts';
import { checkQuestionnaireResponse } from '../questionnaires/check-response.ts';
import type { Visit } from '../visit.ts';
import { checkBundle } from './bundle.ts';
import { checkCodeSystem } from './code-system.ts';
import { checkStructureDefinition } from './structure-definition.ts';
import { checkValueSet } from './value-set.ts';

/**
 * A rule about a whole resource, where the visit stands. `isSound` tells that each of its elements is what its definition
 * says, so that a rule may take it for that.
 */
export type ResourceRule = (resource: Resource, visit: Visit, isSound: boolean) => void;

/** What the specification demands of a type of resource in words only, beyond what its definition can say. */
export const resourceRules: Readonly<Record<string, ResourceRule>> = {
  Bundle: checkBundle,
  CodeSystem: checkCodeSystem,
  MeasureReport: checkMeasureReport,
  Questionnaire: checkQuestionnaire,
  QuestionnaireResponse: checkQuestionnaireResponse,
  StructureDefinition: checkStructureDefinition,
  ValueSet: checkValueSet,
};
