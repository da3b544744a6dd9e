import { elements } from '../../../fhir/elements.ts';
import { refuse } from '../../../fhir/refusal.ts';
import type { Resource } from '../../../fhir/resource.ts';
import type { Guard } from '../../../interactions/guard.ts';
import { identifierSystems } from '../../vocabulary.ts';
import { registerRefusals } from '../refusals.ts';

/** The guard that keeps closed weeks as they were closed: none changes or deletes one, and only the server makes one. */
export const weeklyLedgerGuard: Guard = async ({ changes, actor }) => {
  for (const { type, resource, previous } of changes) {
    if (type !== 'Bundle') continue;
    if (isWeeklyLedger(previous)) throw refuse(registerRefusals.sealedLedger);
    if (isWeeklyLedger(resource) && !actor?.isSystem) throw refuse(registerRefusals.ownLedgersOnly);
  }
  return { findings: [], keep: [] };
};

function isWeeklyLedger(bundle: Resource | null): boolean {
  return elements(bundle, 'identifier').some(({ system }) => system === identifierSystems.weeklyLedger);
}
