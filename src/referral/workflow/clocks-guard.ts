import type { Text } from '../../fhir/outcome.ts';
import type { Finding, Guard } from '../../interactions/guard.ts';
import { clocksPlan, clocksUrl } from '../vocabulary.ts';
import { clockProblems } from './clocks.ts';

/**
 * The guard of the clocks: a county's own PlanDefinition/referral-clocks must say times that can be counted, of clocks
 * that there are, or is refused with 422, the place and the reason: nobody would notice a step that is never overdue.
 */
export function createClocksGuard(): Guard {
  return async ({ changes }) => ({
    findings: changes.flatMap(({ type, id, resource }, change): Finding[] => {
      if (type !== 'PlanDefinition' || !resource) return [];
      const isByUrl = resource.url === clocksUrl;
      if (!isByUrl && id !== clocksPlan) return [];
      const problems =
        isByUrl && id === clocksPlan
          ? clockProblems(resource)
          : [{ place: isByUrl ? 'PlanDefinition.id' : 'PlanDefinition.url', text: belongTogether }];
      return problems.map(({ place, text }) => ({
        change,
        severity: 'error',
        code: 'business-rule',
        text,
        expression: [place],
      }));
    }),
    keep: [],
  });
}

const belongTogether: Text = {
  zh: `PlanDefinition/${clocksPlan} 的 url 须为 ${clocksUrl},且仅此 id 可用此 url`,
  en: `the url ${clocksUrl} and the id ${clocksPlan} belong together`,
};
