import { refuse } from '../../fhir/refusal.ts';
import type { Actor } from '../../interactions/actor.ts';
import { registerRefusals } from './refusals.ts';

/** Roles whose bearers have no part in referrals: they get no register. */
const apart: ReadonlySet<string> = new Set(['insurer', 'platform', 'administrator']);

/** Refuses with 403 cases to who gets figures alone (a platform), and registers to who has no part in referrals. */
export function admitToCases(actor: Actor | undefined): void {
  if (!actor || isPart(actor)) return;
  throw refuse(actor.roles.includes('platform') ? registerRefusals.figuresOnly : registerRefusals.noReports);
}

/** Refuses with 403 figures to who has no part in referrals, and is no platform. */
export function admitToFigures(actor: Actor | undefined): void {
  if (!actor || isPart(actor) || actor.roles.includes('platform')) return;
  throw refuse(registerRefusals.noReports);
}

function isPart({ roles, isSystem }: Actor): boolean {
  return isSystem === true || roles.length === 0 || roles.some((role) => !apart.has(role));
}
