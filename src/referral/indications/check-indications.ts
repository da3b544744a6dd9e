import { readJson } from '../../fhir/json/parse.ts';
import { type Issue, isError, operationOutcome } from '../../fhir/outcome.ts';
import { refusals, refuse } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import { dryRun } from '../../interactions/dry-run.ts';
import type { Operation, OperationRequest } from '../../interactions/operation.ts';
import { presentVersion } from '../../interactions/present-version.ts';
import type { Server } from '../../interactions/server.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import { checkIndicationsUrl } from '../vocabulary.ts';
import { givenParameters, resourcesNamed } from '../workflow/given-parameters.ts';
import { createSupported } from './supported.ts';

const nothingFound: Issue = {
  severity: 'information',
  code: 'informational',
  text: { zh: '未违反任何规则', en: 'No rule is broken' },
};

const noReferral: Issue = {
  severity: 'warning',
  code: 'not-found',
  text: { zh: '其中没有转诊单(ServiceRequest)', en: 'There is no referral (ServiceRequest) in it' },
};

/**
 * `ServiceRequest/$check-indications` with a Bundle, or with a referral alone, and `ServiceRequest/[id]/$check-indications`
 * for one on record: what the server would find if it were sent now, and the indications that its data support, each
 * with the values and the source. An OperationOutcome: an issue for each finding, its `details.coding` the rule; then one
 * of severity information for each indication, its `details.coding` the indication. Nothing is kept.
 */
export function createCheckIndications(rules: { current(): Promise<RuleSet> }): Operation {
  const supported = createSupported(rules);
  return {
    name: '$check-indications',
    definition: checkIndicationsUrl,
    on: { type: true, instance: true, types: ['ServiceRequest'] },
    affectsState: false,
    run: async (request, server) => {
      const { bundle, isAlone } = await asked(request, server);
      const { validation, findings, changes } = await dryRun(server, bundle);
      const found = [...validation, ...findings];
      if (!found.some(isError) && !changes.some(({ change }) => change.type === 'ServiceRequest'))
        found.push(noReferral);
      const told = found.length > 0 ? found : [nothingFound];
      const issues = [...told, ...(await supported(changes, server))];
      return { status: 200, resource: operationOutcome(isAlone ? issues.map(inItself) : issues) };
    },
  };
}

/** Of a referral on record, or one that came alone, the places are in itself and not in a bundle. */
function inItself(issue: Issue): Issue {
  const expression = issue.expression?.map((place) =>
    place.replace(/^Bundle\.entry\[0\](?:\.resource)?/, 'ServiceRequest'),
  );
  return { ...issue, ...(expression && { expression }) };
}

/** What is to be checked, as a bundle, and whether it is a referral without one. */
async function asked(
  request: OperationRequest,
  server: Server,
): Promise<{ bundle: Resource; isAlone: boolean }> {
  const { id, store, body } = request;
  if (id !== undefined) {
    const { text } = await presentVersion(store, 'ServiceRequest', id);
    return alone(readJson(text) as Resource);
  }
  const sent =
    body?.resourceType === 'Parameters'
      ? resourcesNamed(givenParameters(request, server, ['resource']), 'resource')[0]
      : body;
  if (sent?.resourceType === 'ServiceRequest') return alone(sent);
  if (sent?.resourceType === 'Bundle') return { bundle: sent, isAlone: false };
  throw refuse(refusals.missingStepParameter, ['resource']);
}

function alone(referral: Resource): { bundle: Resource; isAlone: true } {
  return {
    bundle: { resourceType: 'Bundle', type: 'collection', entry: [{ resource: referral }] },
    isAlone: true,
  };
}
