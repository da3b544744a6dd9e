import type { Definitions } from '../fhir/definitions/definitions.ts';
import { elements, extension, string } from '../fhir/elements.ts';
import { type JsonNames, necessaryFor } from '../fhir/json-schema/condition-schema.ts';
import { allOf, type Schema } from '../fhir/json-schema/schema.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import { extensions, rulesUrl } from '../referral/vocabulary.ts';

/**
 * What a JSON Schema can see of the rules that refuse a referral, for the resources of a type: those rules that look at one
 * resource alone. What may follow in an emergency is left out, and what no schema can say (other resources, the time of
 * day) is for the server.
 */
export function createRuleSchemas(definitions: Definitions): (type: string) => Schema {
  const jsonNames = namesInJson(definitions);
  const rules = elements(definitions.find('PlanDefinition', rulesUrl), 'action').filter(refuses);
  return (type) =>
    allOf(
      rules
        .filter((rule) => string(elements(rule, 'input')[0], 'type') === type)
        .flatMap((rule) => {
          const seen = necessaryFor(conditionOf(rule), jsonNames);
          return seen ? [{ $comment: string(rule, 'id'), ...seen }] : [];
        }),
    );
}

function refuses(rule: Element): boolean {
  return (
    extension(rule, extensions.ruleSeverity)?.valueCode === 'error' &&
    !extension(rule, extensions.ruleMayFollow) &&
    elements(rule, 'trigger').some(({ name }) => name === 'referral')
  );
}

/** The condition, with the thresholds that it names left as they are: a schema sees nothing of those. */
function conditionOf(rule: Element): string {
  const [condition] = elements(rule, 'condition');
  return string(elements(condition, 'expression')[0], 'expression') ?? 'true';
}

/** The names under which a member stands in JSON: of a choice, one for each type that any structure allows it. */
function namesInJson(definitions: Definitions): JsonNames {
  const names = new Map<string, Set<string>>();
  for (const { snapshot, kind } of definitions.all<Resource>('StructureDefinition')) {
    if (kind === 'primitive-type') continue;
    for (const element of elements(snapshot as Element, 'element')) {
      const name = String(element.path).split('.').at(-1)!;
      if (!name.endsWith('[x]')) continue;
      const base = name.slice(0, -3);
      const known = names.get(base) ?? new Set([base]);
      names.set(base, known);
      for (const { code } of elements(element, 'type'))
        known.add(base + String(code).slice(0, 1).toUpperCase() + String(code).slice(1));
    }
  }
  return (member) => [...(names.get(member) ?? [member])];
}
