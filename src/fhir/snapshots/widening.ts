import {
  canonicalOfType,
  type ElementDefinition,
  type ElementType,
  type StructureDefinition,
  typeName,
} from './element-definition.ts';

/** How an element of a differential goes beyond what its base allows, which a constraint cannot. */
export type Widening = 'min' | 'max' | 'type' | 'value';

/**
 * What of an element of a differential is wider than the same element of the base
 * (http://hl7.org/fhir/R4/profiling.html#constraints): "a profile can only restrict what is allowed".
 */
export function wideningsOf(
  base: ElementDefinition,
  element: Partial<ElementDefinition>,
  find: (url: string) => StructureDefinition | undefined,
): Widening[] {
  const { min, max, type } = element;
  const widenings: Widening[] = [];
  if (min !== undefined && base.sliceName === undefined && min < base.min) widenings.push('min');
  if (max !== undefined && most(max) > most(base.max)) widenings.push('max');
  if (type?.some((one) => !isAmong(one, base.type ?? [], find))) widenings.push('type');
  const types = (type ?? base.type ?? []).map(typeName);
  for (const name in element) {
    const [, stated] = /^(?:fixed|pattern)([A-Z].*)$/.exec(name) ?? [];
    if (stated && types.length > 0 && !types.some((one) => one.toLowerCase() === stated.toLowerCase()))
      widenings.push('value');
  }
  return widenings;
}

function most(max: string | undefined): number {
  return max === '*' || max === undefined ? Number.POSITIVE_INFINITY : Number(max);
}

const abstractTypes = new Set(['Resource', 'DomainResource', 'Element', 'BackboneElement', '*']);

/** Whether a type is one of those of the base, or is derived from one. */
function isAmong(
  type: ElementType,
  allowed: readonly ElementType[],
  find: (url: string) => StructureDefinition | undefined,
): boolean {
  const names = new Set(allowed.map(typeName));
  if (names.size === 0) return true;
  let name: string | undefined = typeName(type);
  for (let steps = 0; name !== undefined && steps < 10; steps++) {
    if (names.has(name) || [...names].some((each) => abstractTypes.has(each))) return true;
    name = find(canonicalOfType(name))?.baseDefinition?.split('/').pop();
  }
  return false;
}
