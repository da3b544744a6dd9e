import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { overlay } from '../../fhir/definitions/overlay.ts';
import type { Text } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Change, Finding, Guard } from '../../interactions/guard.ts';
import { listedCodes } from '../context/tier-lists.ts';
import { indicationsUrl, rulesUrl } from '../vocabulary.ts';
import { derivesFromRules, isBase } from './local-rules.ts';
import { compileRuleSet, listsRead, typesOfRules } from './rule-set.ts';

/** What the guard works with. */
export interface RulesGuardParts {
  definitions: Definitions;
  /** What is stored of rules and lists. */
  rules: { stored(): Promise<readonly Resource[]> };
}

const idOf = (url: string) => url.split('/').at(-1);
const pathOf = ({ resourceType, id }: Resource) => `${resourceType}/${id}`;

/**
 * The guard of the rules: what a county stores to change them must be such that referrals can be judged by it, or is
 * refused with 422, the place and the reason. So is a deletion without which others could not be applied. Drafts of
 * plans that change the rules are not in force, and not held to it.
 */
export function createRulesGuard({ definitions, rules }: RulesGuardParts): Guard {
  return async ({ changes }) => {
    const touching = changes.filter(({ type }) => typesOfRules.includes(type));
    if (touching.length === 0) return { findings: [], keep: [] };
    const stored = await rules.stored();
    const replaced = new Set(touching.map(({ type, id }) => `${type}/${id}`));
    const others = stored.filter((resource) => !replaced.has(pathOf(resource)));
    const brought = touching.flatMap(({ resource }) =>
      resource && resource.status !== 'retired' && isOfRules(resource) ? resource : [],
    );
    const asItWouldBe = overlay(definitions, [...brought, ...others]);
    const lists = listsRead(asItWouldBe);
    const findings = touching.flatMap((change) => {
      const text = misplaced(change, lists) ?? unreadable(change.resource, lists);
      return text ? [findingOf(changes.indexOf(change), change.type, text)] : [];
    });
    if (findings.length > 0 || !touching.some((change) => concernsRules(change, stored)))
      return { findings, keep: [] };
    const { problems } = compileRuleSet(asItWouldBe);
    return {
      findings: problems.map(({ definition, place, text }) => {
        const own = changes.findIndex(({ resource }) => resource === definition);
        if (own >= 0) return findingOf(own, place, text);
        const cause = changes.indexOf(touching.find((change) => concernsRules(change, stored))!);
        return findingOf(cause, changes[cause]!.type, {
          zh: `${pathOf(definition)} 将无法执行(${place}):${text.zh}`,
          en: `${pathOf(definition)} could no longer be applied (${place}): ${text.en}`,
        });
      }),
      keep: [],
    };
  };
}

function isOfRules(resource: Resource): boolean {
  return resource.resourceType !== 'PlanDefinition' || isBase(resource) || derivesFromRules(resource);
}

/** Whether rules are, or were, in what is written. */
function concernsRules({ type, id, resource }: Change, stored: readonly Resource[]): boolean {
  if (type === 'ValueSet') return false;
  return (
    (resource !== null && isOfRules(resource)) || stored.some((each) => pathOf(each) === `${type}/${id}`)
  );
}

/** What stands in the place of a shipped definition must be that definition: else there would be none. */
function misplaced({ type, id, resource }: Change, lists: readonly string[]): Text | undefined {
  // An ObservationDefinition has no URL in R4.
  if (type === 'ObservationDefinition') return undefined;
  const urls = type === 'PlanDefinition' ? [rulesUrl, indicationsUrl] : lists;
  const url = urls.find((each) => idOf(each) === id);
  if (!resource || url === undefined || resource.url === url) return undefined;
  return { zh: `${type}/${id} 的 url 须为 ${url}`, en: `the url of ${type}/${id} must be ${url}` };
}

/** A list that rules read must list its codes: a filter would be an empty list to them. */
function unreadable(resource: Resource | null, lists: readonly string[]): Text | undefined {
  if (resource?.resourceType !== 'ValueSet' || !lists.some((url) => url === resource.url)) return undefined;
  const { include } = (resource.compose ?? {}) as { include?: readonly { concept?: unknown[] }[] };
  const isListed = include?.every(({ concept }) => concept && concept.length > 0) ?? true;
  if (isListed || (resource.expansion && listedCodes(resource).length > 0)) return undefined;
  return {
    zh: '规则引用的值集须逐一列出编码(compose.include.concept 或 expansion)',
    en: 'a value set that rules read must list its codes (compose.include.concept, or an expansion)',
  };
}

function findingOf(change: number, place: string, text: Text): Finding {
  return { change, severity: 'error', code: 'business-rule', text, expression: [place] };
}
