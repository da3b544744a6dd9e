import { isElement } from '../../resource.ts';
import { type ElementDefinition, type ElementType, typeName } from '../../snapshots/element-definition.ts';
import { compileBinding } from '../bindings.ts';
import { findings } from '../findings/findings.ts';
import { compileConstraints } from '../invariants.ts';
import { compileTargets, resolveReference } from '../references.ts';
import type { Check } from '../visit.ts';
import { equalsFixed, matchesPattern } from './fixed.ts';
import { compileLimits } from './limits.ts';
import { choiceValue, type Surroundings } from './matchers.ts';
import type { InstanceCheck } from './rules.ts';

/** The checks of an element's value that its definition in a profile adds to the base definition. */
export function compileElementChecks(
  definition: ElementDefinition,
  base: ElementDefinition | undefined,
  surroundings: Surroundings,
): InstanceCheck[] {
  return [
    ...fixedCheck(definition),
    ...patternCheck(definition),
    ...compileLimits(definition),
    ...bindingCheck(definition, base, surroundings),
    ...constraintChecks(definition, base, surroundings),
    ...targetChecks(definition, base, surroundings),
  ];
}

function fixedCheck(definition: ElementDefinition): InstanceCheck[] {
  const fixed = choiceValue(definition, 'fixed');
  if (fixed === undefined) return [];
  const expected = JSON.stringify(fixed);
  return [
    ({ value }, { report }) => {
      if (value !== undefined && !equalsFixed(value, fixed))
        report.add(findings.fixedValue, [expected], value);
    },
  ];
}

function patternCheck(definition: ElementDefinition): InstanceCheck[] {
  const pattern = choiceValue(definition, 'pattern');
  if (pattern === undefined) return [];
  const expected = JSON.stringify(pattern);
  return [
    ({ value }, { report }) => {
      if (value !== undefined && !matchesPattern(value, pattern))
        report.add(findings.patternValue, [expected], value);
    },
  ];
}

function bindingCheck(
  { binding, type = [] }: ElementDefinition,
  base: ElementDefinition | undefined,
  { sets }: Surroundings,
): InstanceCheck[] {
  const inBase = base?.binding;
  if (!binding || (binding.valueSet === inBase?.valueSet && binding.strength === inBase?.strength)) return [];
  const byType = new Map(type.map((one) => [typeName(one), compileBinding(binding, typeName(one), sets)]));
  return [({ value, type }, visit) => byType.get(type)?.(value, visit)];
}

function constraintChecks(
  { constraint, path }: ElementDefinition,
  base: ElementDefinition | undefined,
  { steps }: Surroundings,
): InstanceCheck[] {
  const inBase = new Set(base?.constraint?.map(({ key }) => key));
  const own = constraint?.filter(({ key }) => !inBase.has(key) && key !== 'ele-1' && key !== 'ext-1') ?? [];
  if (own.length === 0) return [];
  const byType = new Map<string, Check[]>();
  return [
    ({ value, type }, visit) => {
      if (value === undefined) return;
      let checks = byType.get(type);
      if (!checks) {
        checks = compileConstraints(own, isDefinedInPlace(type) ? path : type, steps);
        byType.set(type, checks);
      }
      for (const check of checks) check(value, visit);
    },
  ];
}

/** FHIRPath knows an element that is defined in place by its path. */
function isDefinedInPlace(type: string): boolean {
  return type === 'BackboneElement' || type === 'Element';
}

/** A reference is to a type that the profile allows and, where the target is at hand, to one that follows its profile. */
function targetChecks(
  { type, path }: ElementDefinition,
  base: ElementDefinition | undefined,
  { definitions, conforms }: Surroundings,
): InstanceCheck[] {
  const reference = type?.find(({ code }) => code === 'Reference');
  const targets = reference?.targetProfile ?? [];
  const inBase = base?.type?.find(({ code }) => code === 'Reference')?.targetProfile ?? [];
  if (!reference || !path.includes('.')) return [];
  if (targets.length === 0) return aggregationChecks(reference);
  const added = targets.filter((url) => !inBase.includes(url));
  if (added.length === 0 && targets.length === inBase.length) return aggregationChecks(reference);
  const checkType = compileTargets(reference, definitions, true);
  return [
    ...aggregationChecks(reference),
    ({ value }, visit) => {
      checkType?.(value, visit);
      const target = added.length > 0 ? resolveReference(value, visit) : undefined;
      if (target && !targets.some((url) => conforms(url, target, target.resourceType, visit))) {
        visit.report.add(findings.targetProfile, [targets.join(', ')], value);
      }
    },
  ];
}

/**
 * How the target of a reference is at hand (http://hl7.org/fhir/R4/valueset-resource-aggregation-mode.html). What a bundle
 * brings along is referenced as well.
 */
function aggregationChecks({ aggregation = [] }: ElementType): InstanceCheck[] {
  if (aggregation.length === 0) return [];
  return [
    ({ value }, visit) => {
      const reference = isElement(value) ? value.reference : undefined;
      if (typeof reference !== 'string') return;
      const mode = reference.startsWith('#')
        ? 'contained'
        : resolveReference(value, visit)
          ? 'bundled'
          : 'referenced';
      const allowed =
        aggregation.includes(mode) || (mode === 'bundled' && aggregation.includes('referenced'));
      if (!allowed) visit.report.add(findings.aggregation, [aggregation.join(', '), mode], reference);
    },
  ];
}
