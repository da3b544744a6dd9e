import type { Resource } from '../../resource.ts';
import { findings } from '../findings/findings.ts';
import { resolveWithin } from '../references.ts';
import type { Visit } from '../visit.ts';

/**
 * The questionnaire that a response names: contained in it, in the bundle around it, or known by its canonical URL.
 * Undefined where there is none at hand; that it is something else is reported.
 */
export function findQuestionnaire(response: Resource, visit: Visit): Resource | undefined {
  const { questionnaire: canonical } = response;
  if (typeof canonical !== 'string') return undefined;
  const { report, bundle, judges } = visit;
  const found = canonical.startsWith('#')
    ? resolveWithin(canonical, visit)
    : (bundle?.defined('Questionnaire', canonical) ?? judges.questionnaire(canonical));
  if (!found) {
    report.add(findings.unknownQuestionnaire, [canonical]);
    return undefined;
  }
  if (found.resourceType === 'Questionnaire') return found;
  report.add(findings.notQuestionnaire, [canonical, found.resourceType], canonical);
  return undefined;
}
