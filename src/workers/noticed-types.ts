import { isDecision } from '../access/decisions.ts';
import { directoryTypes } from '../access/identity/directory.ts';
import { isDefinitionType } from '../interactions/stored-definitions/definitions-in-force.ts';
import { typesOfRules } from '../referral/rules/rule-set.ts';

/** Types of which each process knows something by heart, so that a change is told at once; the others are asked for. */
export function isNoticed(type: string): boolean {
  return (
    type === 'SearchParameter' ||
    type === 'OrganizationAffiliation' ||
    isDecision(type) ||
    isDefinitionType(type) ||
    directoryTypes.has(type) ||
    typesOfRules.includes(type)
  );
}
