import { type Element, isElement, type Resource } from '../fhir/resource.ts';
import type { Finding, Submission } from '../interactions/guard.ts';
import { isReferral } from './recognise.ts';
import { pathOf, type References } from './reference.ts';
import { withJudgedBy } from './rules/judged-by.ts';

/**
 * What the sender does not say anew when it sends a referral again: what the server gives, and what has become of the
 * referral since (its state, and the numbers of others).
 */
const notCompared = new Set(['id', 'meta', 'text', 'status', 'identifier']);

/**
 * Finds referrals that were sent again under the number of one on record, but say something else. Sent again as it was,
 * a referral is answered with the one on record; a different one under the same number is a conflict, for otherwise the
 * sender would believe its change to be known.
 */
export function findChangedRepeats({ changes, repeats = [] }: Submission, references: References): Finding[] {
  const created = new Set(changes.filter(({ previous }) => previous === null).map(pathOf));
  return repeats.flatMap(({ type, id, sent, stored }, index) => {
    if (type !== 'ServiceRequest' || !isReferral(stored)) return [];
    const differing = differingMembers(withJudgedBy(sent, []), withJudgedBy(stored, []), references, created);
    if (differing.length === 0) return [];
    return {
      change: changes.length + index,
      severity: 'error',
      code: 'duplicate',
      text: {
        zh: '同一转诊单编号下已有内容不同的转诊单;更正请更新原单,新的转诊请用新编号',
        en: 'There is a referral with this number that says something else; update that one, or give a new referral a new number',
      },
      expression: differing.map((member) => `ServiceRequest.${member}`),
      diagnostics: `ServiceRequest/${id}`,
    };
  });
}

function differingMembers(
  sent: Resource,
  stored: Resource,
  references: References,
  created: ReadonlySet<string>,
): string[] {
  const members = new Set([...Object.keys(sent), ...Object.keys(stored)]);
  return [...members].filter((member) => !notCompared.has(member) && !isSame(sent[member], stored[member]));

  function isSame(a: unknown, b: unknown): boolean {
    if (Array.isArray(a))
      return Array.isArray(b) && a.length === b.length && a.every((each, index) => isSame(each, b[index]));
    if (!isElement(a)) return a === b;
    if (!isElement(b)) return false;
    if (typeof a.reference === 'string' && typeof b.reference === 'string') return isSameReference(a, b);
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
  }

  /**
   * Sent again, a referral brings its diagnoses and findings again, and they get new ids: a reference to what the same
   * submission creates is the same as one to a resource of that type. So is one that is still to be looked up.
   */
  function isSameReference(a: Element, b: Element): boolean {
    const [before] = references.targets({ of: b }, 'of');
    const [now] = references.targets({ of: a }, 'of');
    if (!now) return a.reference === b.reference || String(a.reference).includes('?');
    return (
      pathOf(now) === (before && pathOf(before)) || (created.has(pathOf(now)) && now.type === before?.type)
    );
  }
}
