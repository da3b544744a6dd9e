import { compile } from '../fhirpath/compile.ts';
import { type Element, isElement } from '../resource.ts';
import { checkLocalReference, typeReferredTo } from './references.ts';
import { environmentOf, type Visit } from './visit.ts';

/** Whether an element follows an invariant. */
export type PlainInvariant = (element: Element, visit: Visit) => boolean;

/**
 * The invariants of the specification that so many elements repeat that FHIRPath would cost too much, or that FHIRPath
 * cannot tell, in plain code. `null` stands for those that are checked elsewhere, or not at all.
 */
export const plainInvariants: ReadonlyMap<string, PlainInvariant | null> = new Map<
  string,
  PlainInvariant | null
>([
  // An element has a value or children: walk.ts
  ['ele-1', null],
  // Contained resources: contained.ts
  ['dom-2', null],
  ['dom-3', null],
  ['dom-4', null],
  ['dom-5', null],
  // "A resource should have narrative": advice that nobody asked a server for
  ['dom-6', null],
  // A rule about types of R4B, in a definition that came from there
  ['dom-r4b', null],
  // The narrative: narrative.ts
  ['txt-1', null],
  ['txt-2', null],
  ['ext-1', (extension) => Array.isArray(extension.extension) !== hasValue(extension)],
  ['ref-1', ({ reference }, visit) => checkLocalReference(reference, visit)],
  ['rng-2', lowIsLower],
  // By FHIRPath, every coding is compared with every other.
  ['obs-7', (observation) => !hasValue(observation) || !componentRepeatsCode(observation)],
  // Vital signs come by the hundred.
  [
    'vs-2',
    (observation) =>
      isThere(observation.component) ||
      isThere(observation.hasMember) ||
      isThere(observation.dataAbsentReason) ||
      hasValue(observation),
  ],
  ['vs-3', (component) => isThere(component.dataAbsentReason) || hasValue(component)],
  // resolve() would need the store; a reference tells its type by itself.
  [
    'ctm-1',
    ({ member, onBehalfOf }, visit) =>
      onBehalfOf === undefined || (typeReferredTo(member, visit) ?? 'Practitioner') === 'Practitioner',
  ],
]);

/** The same for elements of primitive types: whether a value follows the invariant. */
export const plainPrimitiveInvariants: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  // "if Observation.effective[x] is dateTime … it has a value precise to the day"
  ['vs-1', (value: unknown) => typeof value === 'string' && value.length >= 8],
]);

function hasValue(element: Element): boolean {
  for (const name in element) if (name.startsWith('value') || name.startsWith('_value')) return true;
  return false;
}

function isThere(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

function componentRepeatsCode({ code, component }: Element): boolean {
  const own = new Set(codingsOf(code));
  return (
    Array.isArray(component) &&
    component.some((one) => isElement(one) && codingsOf(one.code).some((text) => own.has(text)))
  );
}

/** The codings of a concept as text, the same for the same members in any order. */
function codingsOf(concept: unknown): string[] {
  const codings = isElement(concept) && Array.isArray(concept.coding) ? concept.coding.filter(isElement) : [];
  return codings.map((coding) => JSON.stringify(Object.entries(coding).sort(([a], [b]) => (a < b ? -1 : 1))));
}

const compareQuantities = compile('low <= high', { type: 'Range' });

/** Compares numbers where the unit is the same, which FHIRPath can only do for units with a UCUM code. */
function lowIsLower({ low, high }: Element, visit: Visit): boolean {
  if (!isElement(low) || !isElement(high)) return true;
  const sameUnit = low.code === high.code && low.system === high.system;
  if (sameUnit || (low.unit === high.unit && (low.code === undefined || high.code === undefined))) {
    return typeof low.value === 'number' && typeof high.value === 'number' && low.value <= high.value;
  }
  try {
    return compareQuantities({ low, high }, environmentOf(visit))[0] === true;
  } catch {
    return false; // They cannot be compared at all.
  }
}
