import { compile } from '../fhirpath/compile.ts';
import { type Element, isElement } from '../resource.ts';
import { findings } from './findings/findings.ts';
import { checkReferenceText, typeReferredTo } from './references.ts';
import { type Check, environmentOf, type Visit } from './visit.ts';

const compareQuantities = compile('low <= high', { type: 'Range' });

const teamMember =
  'CareTeam.participant.onBehalfOf can only be populated when CareTeam.participant.member is a Practitioner';

const lowBelowHigh = 'If present, low SHALL have a lower value than high';

/**
 * The invariants of the specification that so many elements repeat that FHIRPath would cost too much, in plain
 * code. `null` stands for those that the walk over the structure checks itself.
 */
export const plainInvariants: Readonly<Record<string, Check | null>> = {
  // An element has a value or children: walk.ts
  'ele-1': null,
  // Contained resources: contained.ts
  'dom-2': null,
  'dom-3': null,
  'dom-4': null,
  'dom-5': null,
  // "A resource should have narrative": advice that nobody asked a server for
  'dom-6': null,
  // The narrative: narrative.ts
  'txt-1': null,
  'txt-2': null,
  'ref-1': (value, visit) => checkReferenceText((value as Element).reference, visit),
  // resolve() would need the store; a reference tells its type by itself.
  'ctm-1': (value, visit) => {
    const { member, onBehalfOf } = value as Element;
    const type = onBehalfOf === undefined ? undefined : typeReferredTo(member, visit);
    if (type !== undefined && type !== 'Practitioner')
      visit.report.add(findings.invariant, ['ctm-1', teamMember]);
  },
  'rng-2': (value, visit) => {
    if (isElement(value) && !lowIsLower(value, visit))
      visit.report.add(findings.invariant, ['rng-2', lowBelowHigh]);
  },
  'ext-1': (value, { report }) => {
    const extension = value as Element;
    if (Array.isArray(extension.extension) === hasValue(extension)) report.add(findings.valueAndExtension);
  },
};

function hasValue(extension: Element): boolean {
  for (const name in extension) if (name.startsWith('value') || name.startsWith('_value')) return true;
  return false;
}

/** Compares numbers where the unit is the same, which FHIRPath can only do for units with a UCUM code. */
function lowIsLower({ low, high }: Element, visit: Visit): boolean {
  if (!isElement(low) || !isElement(high)) return true;
  const sameUnit = low.code === high.code && low.system === high.system;
  if (sameUnit || (low.unit === high.unit && (low.code === undefined || high.code === undefined))) {
    return typeof low.value === 'number' && typeof high.value === 'number' && low.value <= high.value;
  }
  return inUcumOrder(low, high, visit);
}

function inUcumOrder(low: Element, high: Element, visit: Visit): boolean {
  try {
    return compareQuantities({ low, high }, environmentOf(visit))[0] === true;
  } catch {
    return false; // They cannot be compared at all.
  }
}
