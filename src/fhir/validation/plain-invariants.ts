import type { Element } from '../resource.ts';
import { findings } from './findings.ts';
import { checkLocalReference, typeReferredTo } from './references.ts';
import type { Check } from './visit.ts';

const teamMember =
  'CareTeam.participant.onBehalfOf can only be populated when CareTeam.participant.member is a Practitioner';

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
  'ref-1': (value, visit) => checkLocalReference((value as Element).reference, visit),
  // resolve() would need the store; a reference tells its type by itself.
  'ctm-1': (value, visit) => {
    const { member, onBehalfOf } = value as Element;
    const type = onBehalfOf === undefined ? undefined : typeReferredTo(member, visit);
    if (type !== undefined && type !== 'Practitioner')
      visit.report.add(findings.invariant, ['ctm-1', teamMember]);
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
