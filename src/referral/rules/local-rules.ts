import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { elements, extension, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { extensions, indicationsUrl, rulesUrl } from '../vocabulary.ts';
import { ActionProblem, type RuleProblem } from './problem.ts';
import { codingOf } from './read-action.ts';

/** An action as it is in force, and the plan and place that problems with it are told of. */
export interface PlacedAction {
  action: Element;
  plan: Resource;
  /** E.g. `PlanDefinition.action[3]`. */
  place: string;
}

const bases = [rulesUrl, indicationsUrl];

/** Extensions of which an action has one for each name; of all others one at most. */
const named: ReadonlySet<unknown> = new Set([extensions.ruleThreshold, extensions.ruleValueSet]);

/** Whether a PlanDefinition changes the rules: its `relatedArtifact` says that it is derived from them. */
export function derivesFromRules(plan: Resource): boolean {
  return elements(plan, 'relatedArtifact').some(
    (each) => each.type === 'derived-from' && string(each, 'resource')?.split('|', 1)[0] === rulesUrl,
  );
}

/** Whether a PlanDefinition is one of those that all others change. */
export function isBase(plan: Resource): boolean {
  return bases.some((url) => url === plan.url);
}

/**
 * The PlanDefinitions whose actions are in force: `referral-rules` and `referral-indications`, and the active ones that
 * are derived from the rules, in the order of their URLs.
 */
export function plansInForce(definitions: Definitions): Resource[] {
  const packs = definitions
    .all('PlanDefinition')
    .filter((plan) => plan.status === 'active' && !isBase(plan) && derivesFromRules(plan))
    .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  return [...bases.flatMap((url) => definitions.find('PlanDefinition', url) ?? []), ...packs];
}

function orderOf(plan: Resource): string {
  return string(plan, 'url') ?? plan.id ?? '';
}

/**
 * The actions in force. One of a derived plan that has the code of another changes it: what it states takes the place of
 * what that states, a threshold by its name, and all else stays. One with a code of its own is added. What
 * `rule-enabled` switches off is left out.
 */
export function mergeActions(plans: readonly Resource[]): {
  actions: PlacedAction[];
  problems: RuleProblem[];
} {
  const byKey = new Map<string, PlacedAction>();
  const problems: RuleProblem[] = [];
  for (const plan of plans) {
    for (const [index, action] of elements(plan, 'action').entries()) {
      const place = `PlanDefinition.action[${index}]`;
      try {
        const key = keyOf(action);
        const before = isBase(plan) ? undefined : byKey.get(key);
        if (isBase(plan) && byKey.has(key))
          throw new ActionProblem('code', {
            zh: `规则 ${key.split('|')[1]} 重复`,
            en: `the rule ${key.split('|')[1]} is there twice`,
          });
        if (!isBase(plan) && !before && !action.condition)
          throw new ActionProblem('code', {
            zh: `没有规则 ${key.split('|')[1]};新的规则须有 condition、input、trigger 和级别`,
            en: `there is no rule ${key.split('|')[1]}; a new one needs condition, input, trigger and severity`,
          });
        byKey.set(key, { action: before ? changed(before.action, action) : action, plan, place });
      } catch (error) {
        problems.push(problemOf(error, { plan, place }));
      }
    }
  }
  return { actions: [...byKey.values()].filter(({ action }) => isEnabled(action)), problems };
}

/** A problem with an action, at its place in the plan. Passes on what is none. */
export function problemOf(error: unknown, { plan, place }: Omit<PlacedAction, 'action'>): RuleProblem {
  if (!(error instanceof ActionProblem)) throw error;
  return {
    definition: plan,
    place: error.place === '' ? place : `${place}.${error.place}`,
    text: error.text,
  };
}

function isEnabled(action: Element): boolean {
  return extension(action, extensions.ruleEnabled)?.valueBoolean !== false;
}

/** What tells actions apart: system and code. Throws an ActionProblem when there is no code. */
export function keyOf(action: Element): string {
  const { system, code } = codingOf(action);
  return `${system}|${code}`;
}

function changed(before: Element, after: Element): Element {
  const kept = elements(before, 'extension');
  const replaced = new Set(elements(after, 'extension').map(nameOf));
  const known = new Set(kept.map(nameOf));
  for (const each of elements(after, 'extension')) {
    if (each.url !== extensions.ruleThreshold || known.has(nameOf(each)) || after.condition) continue;
    const names = kept.filter(({ url }) => url === extensions.ruleThreshold).map(innerName);
    throw new ActionProblem('extension', {
      zh: `没有阈值 ${innerName(each)};此规则的阈值:${names.join('、') || '无'}`,
      en: `there is no threshold ${innerName(each)}; those of the rule: ${names.join(', ') || 'none'}`,
    });
  }
  for (const each of elements(after, 'extension')) {
    const old = kept.find((other) => nameOf(other) === nameOf(each));
    if (each.url !== extensions.ruleThreshold || !old || unitOf(each) === unitOf(old) || after.condition)
      continue;
    throw new ActionProblem('extension', {
      zh: `阈值 ${innerName(each)} 的单位须为 ${unitOf(old)}`,
      en: `the unit of the threshold ${innerName(each)} must be ${unitOf(old)}`,
    });
  }
  return {
    ...before,
    ...after,
    extension: [...kept.filter((each) => !replaced.has(nameOf(each))), ...elements(after, 'extension')],
  };
}

function nameOf(each: Element): string {
  return named.has(each.url) ? `${each.url} ${innerName(each)}` : String(each.url);
}

function innerName(each: Element): string {
  return string(extension(each, 'name'), 'valueString') ?? '';
}

function unitOf(threshold: Element): string {
  const [quantity] = elements(extension(threshold, 'value'), 'valueQuantity');
  return string(quantity, 'code') ?? string(quantity, 'unit') ?? '1';
}
