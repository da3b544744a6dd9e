import { elements, string } from '../fhir/elements.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Change, Finding, Submission } from '../interactions/guard.ts';
import { isSame, type References } from './reference.ts';
import { codeSystems } from './vocabulary.ts';

/** What makes two records those of two people, however alike their numbers are. */
const identity = ['gender', 'birthDate'] as const;
/** What changes in a life, or is spelt in more than one way. */
const particulars = ['name', 'telecom', 'address'] as const;

/**
 * Compares patients of referrals that were sent again (`If-None-Exist` found them) with those on record. With another sex or date of
 * birth it is somebody else under the same number, such as a newborn under its mother's: the referral would become that
 * of the wrong person, so it is refused. Another spelling, telephone or address is told beside the referral: the record
 * stays as it is until it is updated.
 */
export function findDifferingPatients(
  { changes, repeats = [] }: Submission,
  referrals: readonly Change[],
  references: References,
): Finding[] {
  return repeats.flatMap(({ type, id, sent, stored }, index): Finding[] => {
    if (type !== 'Patient') return [];
    const referral = referrals.find(
      (each) => changes.includes(each) && isSame(references.target(each.resource, 'subject'), { type, id }),
    );
    if (!referral) return [];
    const other = identity.filter((member) => differs(sent[member], stored[member]));
    const differing = other.length > 0 ? other : particulars.filter((member) => says(sent, stored, member));
    if (differing.length === 0) return [];
    const text =
      other.length > 0
        ? {
            zh: '该证件号已登记给性别或出生日期不同的患者;新生儿请用本人的出生医学证明编号或病案号',
            en: 'This number is on record for a patient of another sex or date of birth; give a newborn a number of its own',
          }
        : {
            zh: '患者资料与已登记的不同,仍以登记的为准;如有变化请更新患者资料',
            en: 'The patient is on record with other particulars, which stay; update the patient if they have changed',
          };
    return [
      {
        ...(other.length > 0
          ? {
              change: changes.length + index,
              severity: 'error',
              expression: differing.map((member) => `Patient.${member}`),
            }
          : {
              change: changes.indexOf(referral),
              severity: 'warning',
              expression: ['ServiceRequest.subject'],
            }),
        code: 'business-rule',
        coding: { system: codeSystems.rule, code: 'pat-record', display: text.zh },
        text,
        diagnostics: `Patient/${id}: ${differing.join(', ')}`,
      },
    ];
  });
}

/** Both say something, and not the same: what is estimated or left out is no contradiction. */
function differs(sent: unknown, stored: unknown): boolean {
  const [a, b] = [sent, stored].map((value) => (value === 'unknown' ? '' : String(value ?? '')));
  return a !== '' && b !== '' && !a!.startsWith(b!) && !b!.startsWith(a!);
}

/** Whether a name, number or address is sent that the record does not have. */
function says(sent: Resource, stored: Resource, member: string): boolean {
  const known = new Set(elements(stored, member).map(essence));
  return elements(sent, member).some((each) => !known.has(essence(each)));
}

function essence(element: Record<string, unknown>): string {
  return string(element, 'value') ?? string(element, 'text') ?? JSON.stringify(element);
}
