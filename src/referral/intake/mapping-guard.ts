import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { elements } from '../../fhir/elements.ts';
import type { Text } from '../../fhir/outcome.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { Finding, Guard } from '../../interactions/guard.ts';
import { codeSystems } from '../vocabulary.ts';
import { readFields } from './fields.ts';
import { isIntakeMap } from './mapping.ts';
import { intakeColumnSystem, intakeFieldSystem, intakeValueSystem } from './vocabulary.ts';

/**
 * The guard of the flat form's mappings: a ConceptMap that takes part in it, once it is active, must lead to fields that
 * there are and to codes that their code systems have, or is refused with 422, the place and what is wrong: else the rows
 * of a county would be read as something else without a word.
 */
export function createMappingGuard(definitions: Definitions): Guard {
  const fields = new Map(readFields(definitions).map((field) => [field.code, field]));

  function problemsOf(map: Resource): { place: string; text: Text }[] {
    return elements(map, 'group').flatMap((group, index) => {
      const source = String(group.source);
      const system = String(group.target);
      const place = `ConceptMap.group[${index}]`;
      if (source === intakeColumnSystem) return columnProblems(group, place, system);
      if (!source.startsWith(intakeValueSystem(''))) return [];
      const field = fields.get(source.slice(intakeValueSystem('').length));
      if (!field || (field.kind !== 'code' && field.kind !== 'codes'))
        return [{ place: `${place}.source`, text: noCodes(source) }];
      if (system !== field.system)
        return [{ place: `${place}.target`, text: otherSystem(field.system ?? '') }];
      return unknownCodes(group, place, system);
    });
  }

  function columnProblems(group: Element, place: string, system: string) {
    if (system === codeSystems.loinc) return [];
    if (system !== intakeFieldSystem)
      return [{ place: `${place}.target`, text: otherSystem(intakeFieldSystem) }];
    return unknownCodes(group, place, system);
  }

  function unknownCodes(group: Element, place: string, system: string) {
    const known = definitions.find<Resource>('CodeSystem', system);
    if (known?.content !== 'complete') return [];
    const codes = new Set(elements(known, 'concept').map(({ code }) => code));
    return elements(group, 'element').flatMap((element, at) =>
      elements(element, 'target')
        .filter(({ code }) => code !== undefined && !codes.has(code))
        .map(({ code }) => ({
          place: `${place}.element[${at}].target`,
          text: {
            zh: `${system} 没有编码 ${code}`,
            en: `${system} has no code ${code}`,
          },
        })),
    );
  }

  return async ({ changes }) => ({
    keep: [],
    findings: changes.flatMap(({ type, resource }, change): Finding[] =>
      type === 'ConceptMap' && resource?.status === 'active' && isIntakeMap(resource)
        ? problemsOf(resource).map(({ place, text }) => ({
            change,
            severity: 'error',
            code: 'business-rule',
            text,
            expression: [place],
          }))
        : [],
    ),
  });
}

function noCodes(source: string): Text {
  return {
    zh: `${source} 不是有编码的栏目(见 CodeSystem/intake-field)`,
    en: `${source} is no field that has codes (see CodeSystem/intake-field)`,
  };
}

function otherSystem(system: string): Text {
  return { zh: `目标须为 ${system}`, en: `the target must be ${system}` };
}
